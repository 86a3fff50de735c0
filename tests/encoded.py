"""Small audio files of every container, made in memory."""

from __future__ import annotations

import io
from fractions import Fraction

import av
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


BY_FFMPEG = {
    "m4a": ("ipod", "aac", "mov"),
    "m4a, lossless": ("ipod", "alac", "mov"),
    "aac": ("adts", "aac", "aac"),
    "wma": ("asf", "wmav2", "asf"),
    "webm": ("webm", "libopus", "matroska"),
    "mka": ("matroska", "flac", "matroska"),
    "caf": ("caf", "pcm_s16le", "caf"),
    "wavpack": ("wv", "wavpack", "wv"),
    "w64": ("w64", "pcm_s16le", "w64"),
    "tta": ("tta", "tta", "tta"),
    "mp2": ("mp2", "mp2", "mp3"),
    "mp3 in wav": ("wav", "libmp3lame", "wav"),
}
"""More of what is tested: a name, and FFmpeg's container and codec, and its name to read it by."""


def by_ffmpeg(name: str, samples: np.ndarray, rate: int = 16_000, **options: str) -> bytes:
    """A file of `samples` `(n, channels)` in one of `BY_FFMPEG`, or in a container and codec."""
    container, codec, _ = BY_FFMPEG[name] if name in BY_FFMPEG else (*name.split("/"), "")
    stream = io.BytesIO()
    with av.open(stream, "w", format=container, options=options) as file:
        layout = "mono" if samples.shape[1] == 1 else "stereo"
        track = file.add_stream(codec, rate=rate, layout=layout)
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples.T), "fltp", layout)
        frame.sample_rate, frame.pts, frame.time_base = rate, 0, Fraction(1, rate)
        names = [form.name for form in track.codec.audio_formats or []]
        track.format = next((name for name in ("s16", "s16p") if name in names), track.format)
        track.bit_rate = 64_000 * samples.shape[1]
        for packet in [*_packets(track, frame, rate), *track.encode(None)]:
            file.mux(packet)
    return stream.getvalue()


def _packets(track: av.AudioStream, frame: av.AudioFrame, rate: int) -> list[av.Packet]:
    """The packets of a frame of any length."""
    resampler = av.AudioResampler(track.format, track.layout, rate, track.frame_size or 0)
    parts = [*resampler.resample(frame), *resampler.resample(None)]
    return [packet for part in parts for packet in track.encode(part)]


def without_tag(data: bytes) -> bytes:
    """An MP3 without the first frame, in which its length is."""
    return data[data.index(data[:2], 4) :]
