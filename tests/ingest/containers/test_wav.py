from __future__ import annotations

import struct

import numpy as np
import pytest

from detune.audio.reading import UnusableTrackError
from detune.ingest.containers.walk import NO_SIZE
from detune.ingest.containers.wav import walk_wav
from tests.encoded import by_ffmpeg, encoded, noise

SAMPLES = noise(0.5, 16_000)
WAV = encoded("wav", SAMPLES)
DATA = WAV.index(b"data")
LIES = [0, 0x7FFF0000, 0x7FFFF000, 0x7FFFFFDB, 0x7FFFFFFF, 0x80000000, 0xFFFFFFDB, 0xFFFFFFFF]


def with_size(size: int, data: bytes = WAV, order: str = "<") -> bytes:
    """A WAV file with another size of its samples in the header."""
    at = data.index(b"data") + 4
    return data[:at] + struct.pack(f"{order}I", size) + data[at + 4 :]


def chunk(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body


def reason(data: bytes) -> str:
    with pytest.raises(UnusableTrackError) as caught:
        walk_wav(data)
    return str(caught.value)


@pytest.mark.parametrize("size", LIES)
def test_a_size_that_a_stream_did_not_know_stands_for_all_there_is(size: int) -> None:
    walk = walk_wav(with_size(size))
    assert (walk.seconds, walk.missing, walk.notes) == (0.5, 0.0, (NO_SIZE,))


def test_any_other_size_beyond_the_end_is_a_promise() -> None:
    assert walk_wav(with_size(2 * 8_000 + 16)).missing == pytest.approx(8 / 16_000)
    assert walk_wav(with_size(0x10000000)).missing > 1_000
    assert walk_wav(WAV[:-3_200]).missing == pytest.approx(0.1)


def test_no_samples_before_other_chunks_are_none() -> None:
    empty = with_size(0, WAV[: DATA + 8])
    assert walk_wav(empty).seconds == 0
    walk = walk_wav(empty + chunk(b"LIST", b"INFOabcd"))
    assert (walk.seconds, walk.notes) == (0.0, ())


@pytest.mark.parametrize(
    "after",
    [
        *(chunk(b"LIST", b"abc") + b"\0", chunk(b"id3 ", b"ID3" * 9), chunk(b"cue ", bytes(28))),
        *(b"TAG" + bytes(125), bytes(5_000), b"", b"ID3\4\0\0\0\0\0\5" + bytes(5)),
    ],
)
def test_what_follows_the_samples_is_no_audio(after: bytes) -> None:
    walk = walk_wav(WAV + after)
    assert (walk.seconds, walk.missing, walk.extra, walk.notes) == (0.5, 0.0, 0.0, ())


def test_more_samples_than_the_header_says_are_noticed() -> None:
    walk = walk_wav(with_size(2 * 2_000))
    assert (walk.seconds, walk.extra) == (0.125, 0.375)
    assert reason(WAV + chunk(b"data", bytes(9))) == "damaged: it has samples in several chunks"


def test_files_that_were_joined_are_all_there() -> None:
    other = encoded("wav", noise(0.25, 8_000, channels=2), 8_000)
    walk = walk_wav(WAV + other + other)
    assert [part.seconds for part in walk.parts] == [0.5, 0.25, 0.25]
    assert [part.start for part in walk.parts] == [0, len(WAV), len(WAV + other)]
    assert walk.parts[-1].end == len(WAV + other + other)


@pytest.mark.parametrize(
    ("name", "seconds"),
    [
        ("wav of 8 bits", 0.5),
        ("wav of 24 bits", 0.5),
        ("wav of doubles", 0.5),
        ("wav, mu-law", 0.5),
        ("wav, ADPCM", pytest.approx(0.5, abs=0.04)),
        ("wav over 4 GB", 0.5),
    ],
)
def test_any_kind_of_samples_is_counted(name: str, seconds: float) -> None:
    assert walk_wav(encoded(name, SAMPLES)).seconds == seconds


def test_frames_of_mp3_in_a_wav_are_counted() -> None:
    data = by_ffmpeg("mp3 in wav", noise(1.0, 16_000))
    walk = walk_wav(data)
    assert walk.seconds % 0.036 == pytest.approx(0, abs=1e-9)
    assert 1.0 <= walk.seconds < 1.2
    assert walk_wav(data[: len(data) // 2]).missing > 0.4


def test_chunks_before_the_samples_may_be_of_odd_length() -> None:
    walk = walk_wav(WAV[:DATA] + chunk(b"LIST", b"abc") + b"\0" + WAV[DATA:])
    assert walk.seconds == 0.5


@pytest.mark.parametrize("size", [0, 0xFFFFFFFF, 2**64 - 1])
def test_a_wav_over_4_gb_may_not_know_its_size_either(size: int) -> None:
    data = encoded("wav over 4 GB", SAMPLES)
    at = data.index(b"ds64") + 16
    walk = walk_wav(data[:at] + struct.pack("<Q", size) + data[at + 8 :])
    assert (walk.seconds, walk.notes) == (0.5, (NO_SIZE,))
    assert walk_wav(data[:-3_200]).missing == pytest.approx(0.1)


def test_headers_that_say_nothing_usable_are_told() -> None:
    at = WAV.index(b"fmt ") + 8
    other = WAV[:at] + struct.pack("<H", 0x161) + WAV[at + 2 :]
    assert reason(other) == (
        "format not read: WAV of kind 0x0161: convert it, for example with ffmpeg"
    )
    assert reason(WAV[:12] + WAV[DATA:]).startswith("unreadable: nothing says how")
    assert reason(WAV[:DATA]) == "truncated: its header is there, but no samples"
    assert reason(WAV[: at + 4] + bytes(4) + WAV[at + 8 :]).startswith("no recording: 0 Hz")


def test_an_extensible_header_hides_the_kind() -> None:
    walk = walk_wav(encoded("wav of 24 bits", np.repeat(SAMPLES, 2, axis=1)))
    assert walk.seconds == 0.5
