"""Material for tests of corruptions, of any sound."""

from __future__ import annotations

import numpy as np

from detune.audio.constants import SAMPLE_RATE, SEGMENT_SAMPLES
from detune.corruptions.material import Material
from detune.sound.segment_audio import Excerpt

BEGIN = SAMPLE_RATE
LENGTH = SEGMENT_SAMPLES + 2 * SAMPLE_RATE
TIMES = np.arange(LENGTH) / SAMPLE_RATE


def material(samples: np.ndarray, seed: int = 0) -> Material:
    """A segment a second after the beginning of `samples` `(110250,)`, and noise as other music."""
    other = np.random.default_rng(1).normal(0, 0.1, SEGMENT_SAMPLES).astype(np.float32)
    return Material(Excerpt(samples.astype(np.float32), BEGIN), other, (seed,))


def tone(hertz: float, level: float = 0.3) -> np.ndarray:
    """A sine as long as an excerpt."""
    return level * np.sin(2 * np.pi * hertz * TIMES)


def hiss(seed: int = 0, level: float = 0.1) -> np.ndarray:
    """White noise as long as an excerpt."""
    return np.random.default_rng(seed).normal(0, level, LENGTH)


def level_db(samples: np.ndarray, low: float = 0, high: float = SAMPLE_RATE) -> float:
    """Level of what `samples` have between two frequencies, dB; the ends are left out."""
    inner = samples[2000:-2000] * np.hanning(len(samples) - 4000)
    power = np.square(np.abs(np.fft.rfft(inner)))
    hertz = np.fft.rfftfreq(len(inner), 1 / SAMPLE_RATE)
    return float(10 * np.log10(power[(hertz >= low) & (hertz < high)].sum() + 1e-20))


def peak_hz(samples: np.ndarray) -> float:
    """Frequency of the strongest partial, Hz."""
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)), 4 * len(samples)))
    return float(spectrum.argmax() * SAMPLE_RATE / (4 * len(samples)))
