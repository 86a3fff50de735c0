"""The kinds of corruption, and the severities of each."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Annotated, Any

from pydantic import Field, StrictInt, StrictStr

from detune.params.section import Section
from detune.params.value_types import Number, Numbers, Several, between, must

BIT_RATES = (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
"""Of MPEG-2 layer III, kbit/s: those that there are at a sample rate of 22,050 Hz."""

Snr = Annotated[Numbers, between(-20, 120)]
BitRates = Annotated[
    tuple[StrictInt, ...],
    Field(
        min_length=1, description=f"a list of different ones of {', '.join(map(str, BIT_RATES))}"
    ),
    must(lambda rates: set(rates) <= set(BIT_RATES) and len(set(rates)) == len(rates)),
]
Hertz = Annotated[Number, Field(ge=20, le=11_000)]
Band = tuple[Hertz, Hertz]
BandEdges = Annotated[
    tuple[Band, ...],
    Field(min_length=1, description="a list of different [low, high], Hz from 20 to 11000"),
    must(lambda bands: all(low < high for low, high in bands) and len(set(bands)) == len(bands)),
]


@dataclass(frozen=True)
class Severities(Section):
    """The severities of every kind of corruption, under the name that the kind has in files."""

    white_noise: Snr
    pink_noise: Snr
    other_music: Snr
    mp3: BitRates
    resampling: Annotated[Numbers, between(1000, 44_100)]
    low_pass: Annotated[Numbers, between(20, 11_000)]
    band_pass: BandEdges
    reverberation: Annotated[Numbers, between(0.05, 10)]
    clipping: Annotated[Numbers, between(0, 80)]
    compression: Annotated[Numbers, between(1, 100)]
    gain: Annotated[Numbers, between(-80, 80)]
    tempo: Annotated[Numbers, between(-50, 15)]
    pitch: Annotated[Numbers, between(-12, 12)]

    def options(self, kind: str) -> Any:
        """The severities of `kind`, or None where there is no such kind."""
        return getattr(self, kind, None)


CORRUPTIONS = tuple(field.name for field in fields(Severities))
"""Every kind of corruption, by the name it has in `params.yaml` and in files."""


@dataclass(frozen=True)
class Corruptions(Severities):
    """What happens to music without an adversary, on a sample of test segments."""

    kinds: Annotated[
        tuple[StrictStr, ...],
        Field(min_length=1, description=f"a list of different ones of {', '.join(CORRUPTIONS)}"),
        must(lambda kinds: set(kinds) <= set(CORRUPTIONS) and len(set(kinds)) == len(kinds)),
    ]
    segments: Several
