"""Noise and other music, added at a signal-to-noise ratio."""

from __future__ import annotations

import numpy as np
import scipy.fft

from detune.audio.constants import SAMPLE_RATE
from detune.corruptions.material import Material
from detune.sound.level import radius
from detune.sound.noise import Noise, mixed, white

LOWEST_HZ = 20.0
"""Below it, pink noise is flat: a power that grows without end is no sound."""


def white_noise(material: Material, snr: float) -> np.ndarray:
    """Noise with equal power at all frequencies, `snr` dB below the segment."""
    return _mixed(material, snr, white)


def pink_noise(material: Material, snr: float) -> np.ndarray:
    """Noise with equal power in every octave above 20 Hz, `snr` dB below the segment."""
    return _mixed(material, snr, pink)


def other_music(material: Material, snr: float) -> np.ndarray:
    """A segment of another genre as noise, `snr` dB below the segment."""
    return _mixed(material, snr, lambda _, __: material.other)


def pink(samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Noise `(n,)` whose power falls with the frequency, of any level."""
    spectrum = scipy.fft.rfft(rng.standard_normal(samples.shape))
    frequencies = scipy.fft.rfftfreq(len(samples), 1 / SAMPLE_RATE)
    spectrum /= np.sqrt(np.maximum(frequencies, LOWEST_HZ))
    return np.asarray(scipy.fft.irfft(spectrum, len(samples)))


def _mixed(
    material: Material,
    snr: float,
    noise: Noise,
) -> np.ndarray:
    """The segment with noise added at an SNR in dB."""
    clean = material.segment
    added = noise(clean, np.random.default_rng(material.seed))
    return mixed(clean, added, float(radius(clean[None], snr)[0])).astype(np.float32)
