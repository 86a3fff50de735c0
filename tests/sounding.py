"""Sounds that tests of sound share: chords with noise, as many as asked for."""

from __future__ import annotations

import numpy as np

from detune.audio.constants import SAMPLE_RATE, SEGMENT_SAMPLES


def chords(count: int, seed: int = 0) -> np.ndarray:
    """Segments `(count, 66150)` float32, 16-bit values: three decaying tones each, and noise."""
    rng = np.random.default_rng(seed)
    times = np.arange(SEGMENT_SAMPLES) / SAMPLE_RATE
    sounds = []
    for _ in range(count):
        tones = [
            np.exp(-times * rng.uniform(0.2, 3)) * np.sin(2 * np.pi * hertz * times)
            for hertz in rng.uniform(100, 4000, 3)
        ]
        sounds.append(0.2 * np.sum(tones, axis=0) + 0.01 * rng.standard_normal(times.size))
    return (np.rint(32768 * np.clip(sounds, -0.99, 0.99)) / 32768).astype(np.float32)
