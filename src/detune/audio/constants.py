"""The numbers that every stage shares: how sound is stored, and what shape a segment has."""

from __future__ import annotations

SAMPLE_RATE = 22_050
"""Samples per second of every stored track."""

SEGMENT_SECONDS = 3.0
"""Length of a segment; a track shorter than this cannot be used."""

SEGMENT_SAMPLES = round(SEGMENT_SECONDS * SAMPLE_RATE)

FFT_SIZE = 2048
"""Samples in the window of a Fourier transform."""

HOP = 512
"""Samples from one frame to the next."""

MEL_BANDS = 128
FRAMES = 1 + SEGMENT_SAMPLES // HOP
SHAPE = (MEL_BANDS, FRAMES)
"""Shape of a segment: mel bands from low to high, frames from early to late."""
