"""Music of a few random voices, so that tests have something to recognise."""

from __future__ import annotations

import numpy as np

from detune.audio.constants import SAMPLE_RATE

NOTES = 220.0 * 2 ** (np.arange(30) / 12)


def music(seed: int, seconds: float) -> np.ndarray:
    """Three voices of decaying notes with overtones, float32 within [-0.5, 0.5]."""
    rng = np.random.default_rng(seed)
    samples = np.zeros(round(seconds * SAMPLE_RATE))
    for _ in range(3):
        at = 0
        while at < samples.size:
            length = min(round(rng.uniform(0.1, 0.6) * SAMPLE_RATE), samples.size - at)
            times = np.arange(length) / SAMPLE_RATE
            hertz, loudness = rng.choice(NOTES), rng.uniform(0.3, 1.0)
            for overtone in (1, 2, 3):
                wave = np.sin(2 * np.pi * overtone * hertz * times + rng.uniform(0, 6))
                samples[at : at + length] += loudness / overtone * wave * np.exp(-4 * times)
            at += length
    return (0.5 * samples / np.abs(samples).max()).astype(np.float32)
