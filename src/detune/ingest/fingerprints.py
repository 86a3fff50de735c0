"""Fingerprints: 32 bits for each 23 ms of a track, nearly the same bits in any copy of it.

Haitsma and Kalker (2002): a bit says whether, from one frame to the next, a band grew louder than
the band above it. Neither gain nor a lossy codec turns many of these signs around.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import fft, signal

from detune.audio.constants import SAMPLE_RATE

DECIMATION = 4
"""Of the samples; all bands are far below 2.7 kHz."""

FRAME = 2048
"""Decimated samples that a Fourier transform looks at: 0.37 s, which blurs where a copy begins."""

HOP = 128
"""Decimated samples from one frame to the next."""

FRAME_SECONDS = FRAME * DECIMATION / SAMPLE_RATE
HOP_SECONDS = HOP * DECIMATION / SAMPLE_RATE

BITS = 32
BAND_EDGES_HZ = np.geomspace(300.0, 2000.0, BITS + 2)
"""33 bands, evenly spaced in pitch, where most music is and all codecs are accurate."""

STEADY = 5e-4
"""Where the bands change by less than this share of their power, the bits are rounding errors: in
digital silence and in tones that never change."""

BLOCK = 512
"""Frames transformed at once, so that memory does not grow with the track."""


class Fingerprint(NamedTuple):
    """What a track sounds like, one entry a frame.

    Attributes:
        words: `(n,)` uint32, 32 bits each.
        informative: `(n,)` bool, False where the bits say nothing about the music.
    """

    words: np.ndarray
    informative: np.ndarray


def frames_in(seconds: float) -> int:
    """How many words the fingerprint of so long a track has, 0 at least."""
    samples = round(seconds * SAMPLE_RATE / DECIMATION)
    # The first frame has none before it to compare with.
    return max(0, (samples - FRAME) // HOP)


def fingerprint(audio: np.ndarray) -> Fingerprint:
    """Take the fingerprint of `audio` `(n,)` at 22,050 Hz; empty where that is below 0.4 s."""
    samples = signal.resample_poly(audio, 1, DECIMATION).astype(np.float32)
    if samples.size < FRAME + HOP:
        return Fingerprint(np.zeros(0, np.uint32), np.zeros(0, bool))
    power = _band_power(samples)
    slopes = np.diff(power[:, :-1] - power[:, 1:], axis=0)
    words = np.packbits(slopes > 0, axis=1, bitorder="little").view("<u4").ravel()
    change = np.abs(slopes).sum(axis=1)
    return Fingerprint(words.astype(np.uint32), change > STEADY * power[1:].sum(axis=1))


def _band_power(samples: np.ndarray) -> np.ndarray:
    """Power of each band in each frame of decimated samples, `(frames, 33)`."""
    frames = np.lib.stride_tricks.sliding_window_view(samples, FRAME)[::HOP]
    window = np.hanning(FRAME).astype(np.float32)
    edges = np.rint(BAND_EDGES_HZ * FRAME * DECIMATION / SAMPLE_RATE).astype(int)
    powers = []
    for start in range(0, len(frames), BLOCK):
        spectrum = fft.rfft(frames[start : start + BLOCK] * window, axis=1)[:, : edges[-1]]
        power = spectrum.real**2 + spectrum.imag**2
        powers.append(np.add.reduceat(power, edges[:-1], axis=1))
    return np.concatenate(powers)
