"""MP3 at a constant bit rate, by libsndfile."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import soundfile

from detune.audio.constants import SAMPLE_RATE
from detune.corruptions.material import MARGIN, Material
from detune.params.severities import BIT_RATES

SMALLEST = 0.999
"""libsndfile's level of the lowest rate; it refuses 1."""

DELAY = 576 + 529
"""Samples by which encoder (LAME) and decoder delay the sound. Below 64 kbit/s a frame has no room
for the encoder's note of it, by which libsndfile takes it away."""


def mp3(material: Material, kilobits: int) -> np.ndarray:
    """Coded at `kilobits` kbit/s, and decoded."""
    excerpt = material.excerpt.near(MARGIN)
    decoded, _ = soundfile.read(BytesIO(encoded(excerpt.samples, kilobits)), dtype="float32")
    if len(decoded) > len(excerpt.samples):
        decoded = decoded[DELAY:]
    return excerpt.segment(np.asarray(decoded))


def encoded(samples: np.ndarray, kilobits: int) -> bytes:
    """The MP3 file of `samples` `(n,)` at a constant `kilobits` kbit/s, one of `BIT_RATES`."""
    stream = BytesIO()
    soundfile.write(
        stream,
        samples,
        SAMPLE_RATE,
        format="MP3",
        bitrate_mode="CONSTANT",
        compression_level=SMALLEST * (BIT_RATES[-1] - kilobits) / (BIT_RATES[-1] - BIT_RATES[0]),
    )
    return stream.getvalue()
