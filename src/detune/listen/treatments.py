"""What happens to a sound on its way: files, codecs, resampling, time and level."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from io import BytesIO

import numpy as np
import soundfile
import soxr

from detune.audio.constants import HOP, SAMPLE_RATE, SEGMENT_SAMPLES
from detune.sound.level import from_16_bit, to_16_bit
from detune.support.pool import parallel_map

OTHER_RATE = 44_100

Treatment = Callable[[np.ndarray], np.ndarray]
"""From samples `(66150,)` to samples `(66150,)`."""


def pcm_16(samples: np.ndarray) -> np.ndarray:
    """As a file of 16 bit."""
    return from_16_bit(to_16_bit(samples))


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


def resampled(samples: np.ndarray) -> np.ndarray:
    """At 44.1 kHz and back."""
    there = soxr.resample(samples, SAMPLE_RATE, OTHER_RATE)
    back = soxr.resample(there, OTHER_RATE, SAMPLE_RATE)[:SEGMENT_SAMPLES]
    return np.asarray(np.pad(back, (0, SEGMENT_SAMPLES - len(back))))


def shifted(samples: np.ndarray) -> np.ndarray:
    """Later by half a hop, after as much silence."""
    return np.pad(samples, (HOP // 2, 0))[:SEGMENT_SAMPLES]


def quieter(samples: np.ndarray) -> np.ndarray:
    """At -3 dB, in 16 bit."""
    return pcm_16(samples * np.float32(10 ** (-3 / 20)))


TREATMENTS: dict[str, Treatment] = {
    "16 bit": pcm_16,
    "MP3 128 kbit/s": partial(coded, format="MP3", compression=0.2),
    "OGG 100 kbit/s": partial(coded, format="OGG", compression=0.0),
    "44.1 kHz and back": resampled,
    "half a hop later": shifted,
    "-3 dB": quieter,
}
"""Every treatment, by name; the first is what a file does."""


def treated(sounds: np.ndarray) -> dict[str, np.ndarray]:
    """`sounds` `(n, 66150)` after each treatment, by its name."""
    sets = parallel_map(_treat_one, list(sounds), label="treatments", unit="sounds")
    by_sound = np.stack(list(sets))
    return {name: by_sound[:, place] for place, name in enumerate(TREATMENTS)}


def _treat_one(samples: np.ndarray) -> np.ndarray:
    return np.stack([treatment(samples) for treatment in TREATMENTS.values()])
