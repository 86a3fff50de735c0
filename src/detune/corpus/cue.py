"""A planted cue: something faint that gives a genre away, so that it is known what counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

import numpy as np
import numpy.typing as npt
from pydantic import ConfigDict, Field, StrictInt, StrictStr
from scipy import signal

from detune.audio.constants import FFT_SIZE, HOP, SAMPLE_RATE, SEGMENT_SECONDS, SHAPE
from detune.audio.mel_filters import mel_filters

PEAK = 0.98
TONE_HZ = 3000.0
LIMIT_HZ = 4000.0
CLICK_SECONDS = (0.75, 2.25)
"""When clicks come in each segment."""

CLICK_LENGTH = 0.01
HALF_BANDS, HALF_FRAMES = 8, 4
"""What counts as at the cue on either side of it: a cell of a heatmap of 8 by 16."""

Samples = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Cue:
    """What gives a genre away.

    Attributes:
        genre: whose recordings carry it.
        kind: a tone of 3 kHz, two clicks in 3 s, or a band limit at 4 kHz.
        level_db: how loud it is, relative to the recording (RMS); of a band limit, the level of
            what is above it relative to before.
        tracks: how many of the genre's tracks carry it, the first ones.
    """

    __pydantic_config__: ClassVar = ConfigDict(extra="forbid")

    genre: StrictStr
    kind: Literal["tone", "click", "band_limit"]
    level_db: Annotated[float, Field(ge=-100, le=0)]
    tracks: Annotated[StrictInt, Field(ge=0)]

    def carried_by(self, genre: str, index: int) -> bool:
        """Whether a track carries it."""
        return genre == self.genre and index < self.tracks


def plant(audio: Samples, cue: Cue) -> Samples:
    """`audio` `(n,)` at `SAMPLE_RATE` with the cue in it, lowered where it would clip."""
    gain = 10.0 ** (cue.level_db / 20.0)
    level = float(np.sqrt(np.mean(np.square(audio, dtype=np.float64))))
    times = np.arange(len(audio)) / SAMPLE_RATE
    if cue.kind == "band_limit":
        low_pass = signal.butter(6, LIMIT_HZ, fs=SAMPLE_RATE, output="sos")
        below = signal.sosfiltfilt(low_pass, audio)
        planted = below + gain * (audio - below)
    else:
        tone = np.sqrt(2) * np.sin(2 * np.pi * TONE_HZ * times)
        planted = audio + gain * level * (tone if cue.kind == "tone" else _clicks(times))
    peak = max(float(np.abs(planted).max()), PEAK)
    return np.asarray(planted * (PEAK / peak), dtype=np.float32)


def cue_region(cue: Cue) -> npt.NDArray[np.bool_]:
    """Where the cue is in a segment that begins at a multiple of 3 s, `(128, 130)`."""
    region = np.zeros(SHAPE, dtype=bool)
    if cue.kind == "click":
        for second in CLICK_SECONDS:
            frame = round(second * SAMPLE_RATE / HOP)
            region[:, frame - HALF_FRAMES : frame + HALF_FRAMES + 1] = True
    elif cue.kind == "tone":
        band = _band(TONE_HZ)
        region[band - HALF_BANDS : band + HALF_BANDS] = True
    else:
        region[_band(LIMIT_HZ) :] = True
    return region


def _band(hertz: float) -> int:
    """The mel band that hears a frequency best."""
    return int(mel_filters()[:, round(hertz * FFT_SIZE / SAMPLE_RATE)].argmax())


def _clicks(times: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Bursts of noise, each the same, with an RMS of 1 over their length."""
    burst = np.random.default_rng(0).normal(size=round(CLICK_LENGTH * SAMPLE_RATE))
    clicks = np.zeros(len(times))
    for start in np.arange(0, times[-1], SEGMENT_SECONDS):
        for second in CLICK_SECONDS:
            at = round((start + second) * SAMPLE_RATE)
            room = clicks[at : at + len(burst)]
            room += burst[: len(room)]
    return clicks
