"""Small audio files of every container, made in memory."""

from __future__ import annotations

import io

import numpy as np
import soundfile

ENCODINGS = {
    "wav": ("WAV", "PCM_16"),
    "wav of 8 bits": ("WAV", "PCM_U8"),
    "wav of 24 bits": ("WAVEX", "PCM_24"),
    "wav of 32 bits": ("WAV", "PCM_32"),
    "wav of floats": ("WAV", "FLOAT"),
    "wav of doubles": ("WAV", "DOUBLE"),
    "wav, mu-law": ("WAV", "ULAW"),
    "wav, ADPCM": ("WAV", "IMA_ADPCM"),
    "wav over 4 GB": ("RF64", "PCM_16"),
    "au": ("AU", "PCM_16"),
    "au, mu-law": ("AU", "ULAW"),
    "aiff": ("AIFF", "PCM_16"),
    "aiff of floats": ("AIFF", "FLOAT"),
    "flac": ("FLAC", "PCM_16"),
    "flac of 8 bits": ("FLAC", "PCM_S8"),
    "flac of 24 bits": ("FLAC", "PCM_24"),
    "ogg": ("OGG", "VORBIS"),
    "opus": ("OGG", "OPUS"),
    "mp3": ("MP3", "MPEG_LAYER_III"),
}
"""What is tested: a name, and libsndfile's container and encoding."""

LOSSLESS = ("wav", "wav of 24 bits", "wav of 32 bits", "wav of floats", "wav of doubles", "au")
LOSSLESS += ("wav over 4 GB", "aiff", "aiff of floats", "flac", "flac of 24 bits")


def noise(seconds: float, rate: int, channels: int = 1) -> np.ndarray:
    """Noise `(n, channels)` on the grid of 16 bits, at -13 dBFS."""
    shape = (round(seconds * rate), channels)
    whole = np.random.default_rng(5).integers(-12_000, 12_000, shape)
    return (whole / 32768).astype(np.float32)


def encoded(name: str, samples: np.ndarray, rate: int = 16_000) -> bytes:
    """A file of `samples` `(n, channels)` in one of the `ENCODINGS`."""
    container, encoding = ENCODINGS[name]
    stream = io.BytesIO()
    soundfile.write(stream, samples, rate, format=container, subtype=encoding)
    return stream.getvalue()
