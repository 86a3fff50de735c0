"""Masking: how loud a change may be before a listener hears it beside the sound."""

from __future__ import annotations

from functools import cache

import numpy as np

from detune.attack.art_imports import PsychoacousticMasker
from detune.audio.constants import FFT_SIZE, HOP, SAMPLE_RATE
from detune.support.pool import parallel_map

FULL_DB = 96.0
"""What the loudest point of a segment counts as, dB of sound pressure (Qin et al. 2019)."""

LOWEST = int(np.ceil(20 / (SAMPLE_RATE / FFT_SIZE)))
"""The lowest frequency of a spectrum that can be heard; below 20 Hz the model knows no limit."""

GAIN = np.sqrt(8.0 / 3.0) / FFT_SIZE
"""From a magnitude of a Hann-windowed spectrum to one whose square is power."""


def masking_thresholds(samples: np.ndarray) -> np.ndarray:
    """The magnitude of a change that is just not heard, at each point of the spectra.

    By the psychoacoustic model of Lin & Abdulla (2015) as Qin et al. (2019) simplify it, ART's.
    Every segment counts as played so that its loudest point has 96 dB.

    Args:
        samples: segments `(n, 66150)`; none of them silent.

    Returns:
        `(n, 1025, 130)` float32.
    """
    thresholds = parallel_map(_threshold, list(samples), label="masking", unit="segments")
    return np.stack(list(thresholds))


def _threshold(samples: np.ndarray) -> np.ndarray:
    # The masker's frames lie inside of what it is given; those of spectra are centred.
    threshold, loudest = _masker().calculate_threshold_and_psd_maximum(
        np.pad(samples, FFT_SIZE // 2)
    )
    threshold[:LOWEST] = threshold[LOWEST]
    return np.asarray(10 ** ((threshold - FULL_DB + loudest) / 20) / GAIN, dtype=np.float32)


@cache
def _masker() -> PsychoacousticMasker:
    return PsychoacousticMasker(FFT_SIZE, HOP, SAMPLE_RATE)
