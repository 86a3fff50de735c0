from __future__ import annotations

import io
import struct

import numpy as np
import pytest
import soundfile

from detune.audio.reading import UnusableTrackError
from detune.ingest.containers.flac import flac_checksum, walk_flac
from tests.encoded import encoded, noise

SAMPLES = noise(0.5, 16_000, channels=2)
KINDS = pytest.mark.parametrize("name", ["flac", "flac of 8 bits", "flac of 24 bits"])


def decoded(data: bytes) -> np.ndarray:
    return soundfile.read(io.BytesIO(data), dtype="float32", always_2d=True)[0]


def claiming(data: bytes, frames: int) -> bytes:
    """A FLAC file whose header tells another number of samples."""
    (packed,) = struct.unpack_from(">Q", data, 18)
    return data[:18] + struct.pack(">Q", packed >> 36 << 36 | frames) + data[26:]


@KINDS
def test_the_decoded_samples_have_the_checksum(name: str) -> None:
    data = encoded(name, SAMPLES)
    checksum = flac_checksum(data[:64])
    assert checksum is not None
    for block in np.array_split(decoded(data), 7):
        checksum.add(block)
    checksum.require_equal()


@KINDS
def test_one_other_sample_is_noticed(name: str) -> None:
    data = encoded(name, SAMPLES)
    checksum, samples = flac_checksum(data), decoded(data)
    samples[1234, 1] += 2.0**-7
    assert checksum is not None
    checksum.add(samples)
    with pytest.raises(UnusableTrackError, match="its samples differ"):
        checksum.require_equal()


def test_there_is_nothing_to_compare_without_a_checksum() -> None:
    data = encoded("flac", SAMPLES)
    assert flac_checksum(data[:26] + bytes(16) + data[42:]) is None
    assert flac_checksum(data[:30]) is None
    assert flac_checksum(encoded("wav", SAMPLES)) is None


@pytest.mark.parametrize("frames", [0, 8_000, 100])
def test_frames_are_counted_whatever_the_header_says(frames: int) -> None:
    walk = walk_flac(claiming(encoded("flac", SAMPLES), frames))
    assert (walk.seconds, walk.missing) == (0.5, 0.0)


def test_what_the_header_promises_beyond_the_frames_is_missing() -> None:
    data = encoded("flac", SAMPLES)
    assert walk_flac(claiming(data, 24_000)).missing == pytest.approx(1.0)
    cut = walk_flac(data[: len(data) // 3])
    assert cut.missing > 0.2
    assert cut.seconds + cut.missing == 0.5


def test_files_that_were_joined_are_all_there() -> None:
    data = encoded("flac", SAMPLES)
    tag = b"ID3\4\0\0\0\0\0\5" + bytes(5)
    walk = walk_flac(tag + data + encoded("flac", SAMPLES[:4000]), len(tag))
    assert [part.seconds for part in walk.parts] == [0.5, 0.25]
    assert walk.parts[0].start == len(tag)
    assert walk.parts[0].end == walk.parts[1].start == len(tag + data)


def test_a_cut_header_is_truncated() -> None:
    with pytest.raises(UnusableTrackError, match="truncated: "):
        walk_flac(encoded("flac", SAMPLES)[:41])
