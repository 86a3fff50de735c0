"""Mutated audio files: each is refused, or read as exactly the samples that are in it.

What that means, by container, for a file that is accepted:

- WAV, AIFF, AU: a second reader, which shares no code with the first, finds the same samples.
- FLAC, Ogg, and MP3 whose LAME tag is as it was: every sample is the original's, in full; their
  checksums leave no other way.
- Other MP3: frames before the first change give the original's samples, there are no more samples
  than the frames hold, and nowhere a stretch of zeros, which the original has not.
"""

from __future__ import annotations

import io
import os
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import soundfile

from detune.audio.constants import SAMPLE_RATE
from detune.audio.reading import UnusableTrackError, read_audio
from detune.ingest.containers.frames import read_frame
from detune.ingest.validation import validate_audio
from tests.fuzz.mutations import mutate
from tests.fuzz.oracle import samples_of

FORMATS = {
    "wav": ("WAV", "PCM_16"),
    "wav-8": ("WAV", "PCM_U8"),
    "wav-24": ("WAVEX", "PCM_24"),
    "wav-float": ("WAV", "FLOAT"),
    "wav-adpcm": ("WAV", "IMA_ADPCM"),
    "rf64": ("RF64", "PCM_16"),
    "au": ("AU", "PCM_16"),
    "au-float": ("AU", "FLOAT"),
    "aiff": ("AIFF", "PCM_16"),
    "aiff-24": ("AIFF", "PCM_24"),
    "flac": ("FLAC", "PCM_16"),
    "flac-24": ("FLAC", "PCM_24"),
    "ogg": ("OGG", "VORBIS"),
    "opus": ("OGG", "OPUS"),
    "mp3": ("MP3", "MPEG_LAYER_III"),
}
"""What is mutated: a name, and libsndfile's container and encoding."""

EXACT = ("flac", "flac-24", "ogg", "opus")
RATE, SECONDS = 8_000, 3.3
MP3_FRAME = 576
"""Samples in a frame of MPEG 2.5, which 8,000 Hz needs."""
STRETCH = 2 * MP3_FRAME


MOST_LONGER = 1.1
"""An MP3 ends with padding, up to two frames."""


@cache
def original(name: str) -> tuple[bytes, np.ndarray]:
    """The file that is mutated, and its samples `(n, channels)`."""
    container, encoding = FORMATS[name]
    rng = np.random.default_rng(11)
    noise = rng.uniform(-0.4, 0.4, (round(RATE * SECONDS), 2)).astype(np.float32)
    stream = io.BytesIO()
    soundfile.write(stream, noise, RATE, format=container, subtype=encoding)
    data = stream.getvalue()
    samples, _ = soundfile.read(io.BytesIO(data), dtype="float32", always_2d=True)
    return data, samples


def examine_audio(folder: Path, case: int) -> str:
    """Read one mutated file; return "refused", "accepted", or what is wrong, after "wrong: "."""
    name = list(FORMATS)[case % len(FORMATS)]
    data = mutate(original(name)[0], np.random.default_rng([1, case]))
    path = folder / f"{os.getpid()}.wav"
    path.write_bytes(data)
    try:
        audio = validate_audio(path).audio
    except UnusableTrackError:
        return "refused"
    if not audio.size:
        return "refused"  # as empty, by the stage
    blocks: list[np.ndarray] = []
    try:
        by_libsndfile = read_audio(path, lambda block: blocks.append(block.copy()))
    except UnusableTrackError:
        by_libsndfile = audio[:0]
    if np.array_equal(audio, by_libsndfile):
        fault = fault_of(name, data, np.concatenate(blocks))
    else:  # the second decoder's
        seed, samples = original(name)
        grown = max(1.0, len(data) / len(seed))  # frames may have been repeated
        most = MOST_LONGER * grown * len(samples) / RATE * SAMPLE_RATE
        fault = "longer than its bytes hold" if audio.size > most else ""
    return f"wrong: {name}, case {case}: {fault}" if fault else "accepted"


def fault_of(name: str, data: bytes, samples: np.ndarray) -> str:
    """What is wrong with the samples of an accepted file, or nothing."""
    seed, expected = original(name)
    if data[:4] in (b"RIFF", b"RIFX", b"RF64", b"FORM", b".snd", b"dns."):
        read = samples_of(data)
        if name == "wav-adpcm" and not read:
            return "" if len(samples) <= 2 * len(data) else "more samples than bytes hold"
        same = any(np.array_equal(samples, other) for other in read)
        return "" if same else f"{samples.shape} differ from {[other.shape for other in read]}"
    if name in EXACT:
        return "" if np.array_equal(samples, expected) else "the samples are not the original's"
    return _fault_of_mp3(data, seed, samples, expected)


def _fault_of_mp3(data: bytes, seed: bytes, samples: np.ndarray, expected: np.ndarray) -> str:
    """What is wrong with the samples of an accepted MP3, or nothing."""
    starts = sum(a == 0xFF and b >= 0xE0 for a, b in pairwise(data))
    if len(samples) > MP3_FRAME * starts:
        return "more samples than frames"
    quiet = np.flatnonzero(np.abs(samples).max(axis=1) > 0)
    if quiet.size and np.diff(quiet).max(initial=0) > STRETCH:
        return "a stretch of zeros"
    tag = seed.index(seed[:2], 4)
    if data[:tag] == seed[:tag] and len(data) == len(seed):
        return "" if _alike(samples, expected) else "against its checksum"
    same = min(len(samples), max(0, _frames_shared(data, seed) - 5) * MP3_FRAME)
    return "" if _alike(samples[:same], expected[:same]) else "changed before the change"


def _alike(samples: np.ndarray, expected: np.ndarray) -> bool:
    """Whether samples are equal but for the last bit.

    `soundfile.read` seeks to the start first, which costs an MP3 that bit.
    """
    return samples.shape == expected.shape and np.allclose(samples, expected, rtol=0, atol=1e-6)


def _frames_shared(data: bytes, seed: bytes) -> int:
    """How many frames of an MP3 come before the first change; the first one holds no samples."""
    at, count = 0, 0
    while (frame := read_frame(seed[at : at + 4])) and (
        data[at : at + frame.length] == seed[at : at + frame.length]
    ):
        at, count = at + frame.length, count + 1
    return count
