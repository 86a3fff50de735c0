"""What happens to a sound on its way: files, codecs, resampling, time and level."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from io import BytesIO

import numpy as np
import soundfile

from detune.audio.constants import HOP, SAMPLE_RATE, SEGMENT_SAMPLES
from detune.sound.changes import amplified, resampled, stored
from detune.support.pool import parallel_map

OTHER_RATE = 44_100

Treatment = Callable[[np.ndarray], np.ndarray]
"""From samples `(66150,)` to samples `(66150,)`."""


def coded(samples: np.ndarray, *, format: str, compression: float) -> np.ndarray:
    """Coded and decoded by libsndfile, MP3 at a constant bit rate."""
    stream = BytesIO()
    constant = {"bitrate_mode": "CONSTANT"} if format == "MP3" else {}
    soundfile.write(
        stream, samples, SAMPLE_RATE, format=format, compression_level=compression, **constant
    )
    stream.seek(0)
    decoded, _ = soundfile.read(stream, SEGMENT_SAMPLES, dtype="float32", fill_value=0)
    return np.asarray(decoded)


def shifted(samples: np.ndarray) -> np.ndarray:
    """Later by half a hop, after as much silence."""
    return np.pad(samples, (HOP // 2, 0))[:SEGMENT_SAMPLES]


TREATMENTS: dict[str, Treatment] = {
    "16 bit": stored,
    "MP3 128 kbit/s": partial(coded, format="MP3", compression=0.2),
    "OGG 100 kbit/s": partial(coded, format="OGG", compression=0.0),
    "44.1 kHz and back": partial(resampled, rate=OTHER_RATE),
    "half a hop later": shifted,
    "-3 dB": partial(amplified, decibels=-3),
}
"""Every treatment, by name; the first is what a file does."""


def treated(sounds: np.ndarray) -> dict[str, np.ndarray]:
    """`sounds` `(n, 66150)` after each treatment, by its name."""
    sets = parallel_map(_treat_one, list(sounds), label="treatments", unit="sounds")
    by_sound = np.stack(list(sets))
    return {name: by_sound[:, place] for place, name in enumerate(TREATMENTS)}


def _treat_one(samples: np.ndarray) -> np.ndarray:
    return np.stack([treatment(samples) for treatment in TREATMENTS.values()])
