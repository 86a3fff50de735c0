"""Files of known length, in every way that programs write them; none may be taken as shorter.

MP3 and layer II of every version and bit-rate mode, with each kind of header and none; Ogg chained
and multiplexed; WAV with every false size. They are joined, padded, tagged at both ends, and half
of them are cut. ffmpeg, where it is installed, says how long each is; it shares no code with what
walks over frames here, nor with libsndfile.
"""

from __future__ import annotations

import io
import os
import shutil
import struct
import subprocess
from functools import cache
from pathlib import Path

import numpy as np
import soundfile

from detune.audio.constants import SAMPLE_RATE
from detune.audio.reading import UnusableTrackError
from detune.ingest.containers.frames import read_frame, read_tag
from detune.ingest.containers.ogg import ogg_checksum
from detune.ingest.validation import MISSING_MS, validate_audio
from tests.encoded import by_ffmpeg, encoded, noise

FFMPEG = shutil.which("ffmpeg")
RATES = (8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)
MODES = ("CONSTANT", "AVERAGE", "VARIABLE")
HEADERS = ("LAME", "Xing", "VBRI", "none")
SIZES = (0, 0x7FFF0000, 0x7FFFF000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFDB, 0xFFFFFFFF)
SECONDS = (1.7, 2.3, 3.1)
ALLOWED = MISSING_MS / 1000

Rng = np.random.Generator


@cache
def music(seconds: float, rate: int, channels: int) -> np.ndarray:
    """Noise whose first half is nearly silent, so that a variable bit rate varies."""
    samples = noise(seconds, rate, channels)
    samples[: len(samples) // 2] *= 0.002
    return samples


@cache
def mp3(seconds: float, rate: int, channels: int, mode: str, header: str) -> bytes:
    stream, how = io.BytesIO(), {"bitrate_mode": mode, "compression_level": 0.3}
    soundfile.write(stream, music(seconds, rate, channels), rate, format="MP3", **how)
    data = stream.getvalue()
    frame = read_frame(data[:4])
    assert frame is not None
    first, rest = data[: frame.length], data[frame.length :]
    at = max(first.find(b"Xing"), first.find(b"Info"))
    tag = read_tag(first)
    if header == "none" or tag is None:
        return rest if tag is not None else data
    if header == "Xing":
        return first[: at + 120] + bytes(len(first) - at - 120) + rest
    if header == "VBRI" and len(first) >= 62:
        body = struct.pack(">4sHHHII", b"VBRI", 1, 0, 75, len(data), tag.frames)
        return (first[:4] + bytes(32) + body).ljust(len(first), b"\0") + rest
    return data


def pieces_of_mpeg(rng: Rng) -> list[bytes]:
    """One to three recordings of MPEG audio or AAC."""
    found = []
    for _ in range(int(rng.choice([1, 1, 2, 3]))):
        rate, channels = int(rng.choice(RATES)), int(rng.integers(1, 3))
        seconds, layer = float(rng.choice(SECONDS)), rng.random()
        if layer < 0.15 and rate >= 16_000:
            found.append(by_ffmpeg("mp2", music(seconds, rate, channels), rate))
        elif layer < 0.3:
            found.append(by_ffmpeg("aac", music(seconds, rate, channels), rate))
        else:
            mode, header = str(rng.choice(MODES)), str(rng.choice(HEADERS))
            found.append(mp3(seconds, rate, channels, mode, header))
    kinds = {read_frame(data[:7]).kind[1] == 4 for data in found}  # type: ignore[union-attr]
    return found if len(kinds) == 1 else found[:1]


def untidy(rng: Rng) -> bytes:
    """What may stand before, between or after recordings of MPEG audio."""
    kinds = (
        *(b"", bytes(int(rng.integers(4, 3_000))), b"TAG" + bytes(125)),
        *(b"ID3\4\0\0\0\0\7\x68" + bytes(1_000), b"ID3\3\0\0\0\0\0\x0a" + rng.bytes(10)),
        *(b"APETAGEX" + struct.pack("<IIII8x", 2000, 32, 0, 0x80000000),),
    )
    return kinds[int(rng.integers(len(kinds)))]


def pieces_of_ogg(rng: Rng) -> list[bytes]:
    """One to three links of a chain, some beside a stream of pictures, some without an end."""
    found = []
    for _ in range(int(rng.choice([1, 2, 3]))):
        rate, channels = int(rng.choice((8_000, 16_000, 48_000))), int(rng.integers(1, 3))
        name = "opus" if rng.random() < 0.4 else "ogg"
        data = encoded(name, music(float(rng.choice(SECONDS)), rate, channels), rate)
        if rng.random() < 0.3:
            data = without_end(data)
        found.append((PICTURES if rng.random() < 0.3 else b"") + data)
    return found


def page(head: bytes, body: bytes) -> bytes:
    """A page of Ogg, with its checksum."""
    checksum = ogg_checksum(head[:22] + bytes(4) + head[26:] + body)
    return head[:22] + struct.pack("<I", checksum) + head[26:] + body


def without_end(data: bytes) -> bytes:
    """A stream of Ogg whose last page does not say that it is."""
    at = data.rindex(b"OggS")
    head = data[at : at + 27 + data[at + 26]]
    return data[:at] + page(head[:5] + b"\0" + head[6:], data[at + len(head) :])


SKELETON = b"fishead\0" + struct.pack("<HHqqqq", 3, 0, 0, 1000, 0, 1000) + bytes(20)
PICTURES = page(b"OggS\0\2" + bytes(8) + b"pics" + bytes(8) + b"\1\x40", SKELETON)
"""The first page of a stream that is no audio."""


def pieces_of_wav(rng: Rng) -> list[bytes]:
    """A WAV file with a false size."""
    rate, channels = int(rng.choice(RATES)), int(rng.integers(1, 3))
    name = str(rng.choice(["wav", "wav of 8 bits", "wav of 24 bits", "wav of floats"]))
    data = encoded(name, music(float(rng.choice(SECONDS)), rate, channels), rate)
    at = data.index(b"data")
    size = int(rng.choice([*SIZES, len(data) - at - 8 + int(rng.integers(1, 17))]))
    return [data[:4] + bytes(4) + data[8 : at + 4] + struct.pack("<I", size) + data[at + 8 :]]


def written(case: int) -> tuple[str, list[bytes], bytes]:
    """The kind of a case, the recordings in it, and the file, which may be cut."""
    rng = np.random.default_rng([3, case])
    kind = ("mpeg", "ogg", "wav")[case % 3]
    makers = {"mpeg": pieces_of_mpeg, "ogg": pieces_of_ogg, "wav": pieces_of_wav}
    pieces = makers[kind](rng)
    if len(pieces) == 1 and rng.random() < 0.5:
        cut = pieces[0][: int(rng.uniform(0.2, 1.0) * len(pieces[0]))]
        return f"{kind}, cut", [cut], cut
    between = [untidy(rng) if kind == "mpeg" else b"" for _ in range(len(pieces) + 1)]
    file = between[0] + b"".join(a + b for a, b in zip(pieces, between[1:], strict=True))
    return kind, pieces, file


def length_by_ffmpeg(path: Path, data: bytes) -> float:
    """How long ffmpeg says that a file is, decoded, in s."""
    path.write_bytes(data)
    command = [str(FFMPEG), "-v", "quiet", "-i", str(path), "-map", "0:a:0", "-f", "s16le"]
    done = subprocess.run(
        [*command, "-ac", "1", "-ar", str(SAMPLE_RATE), "-"], capture_output=True, check=False
    )
    return len(done.stdout) / 2 / SAMPLE_RATE


def examine_length(folder: Path, case: int) -> str:
    """Read one file; return "refused", "accepted", or what is wrong, after "wrong: "."""
    kind, pieces, data = written(case)
    path = folder / f"{os.getpid()}.any"
    path.write_bytes(data)
    try:
        read = validate_audio(path).audio.size / SAMPLE_RATE
    except UnusableTrackError as error:
        return "refused" if "cut" in kind else f"wrong: {kind}, case {case}: {error}"
    if FFMPEG:
        said = sum(length_by_ffmpeg(path, piece) for piece in pieces)
    else:
        said = read if "cut" in kind else min(SECONDS) * len(pieces)
    if read < said - ALLOWED * len(pieces):
        return f"wrong: {kind}, case {case}: {read:.3f} s of {said:.3f} s were taken"
    return "accepted"
