from __future__ import annotations

import pytest

from detune.audio.reading import UnusableTrackError
from detune.ingest.containers.packets import container_of, walk_packets
from tests.encoded import BY_FFMPEG, by_ffmpeg, noise

SAMPLES = noise(2.0, 48_000)
READ = ["m4a", "m4a, lossless", "wma", "webm", "mka", "caf", "wavpack", "w64", "tta"]
KINDS = pytest.mark.parametrize("name", READ)


def with_table_first(data: bytes) -> bytes:
    """An M4A as it is served on the web."""
    at, samples = data.index(b"moov") - 4, data.index(b"free") - 4
    table = bytearray(data[at:])
    first = table.index(b"stco") + 12
    for place in range(first, first + 4 * int.from_bytes(table[first - 4 : first], "big"), 4):
        moved = int.from_bytes(table[place : place + 4], "big") + len(table)
        table[place : place + 4] = moved.to_bytes(4, "big")
    return data[:samples] + bytes(table) + data[samples:at]


@KINDS
def test_packets_are_counted(name: str) -> None:
    data = by_ffmpeg(name, SAMPLES, 48_000)
    assert container_of(data) == BY_FFMPEG[name][2]
    walk = walk_packets(data, container_of(data))
    assert walk.seconds == pytest.approx(2.0, abs=0.05)
    assert (walk.missing, walk.notes) == (0.0, ())
    assert walk.parts[0].by_libsndfile == (name in ("caf", "w64"))


@KINDS
def test_packets_that_are_cut_off_are_missing(name: str) -> None:
    data = by_ffmpeg(name, SAMPLES, 48_000)
    data = with_table_first(data) if name.startswith("m4a") else data
    walk = walk_packets(data[: len(data) // 2], container_of(data))
    assert walk.missing > 0.7
    assert walk.seconds + walk.missing == pytest.approx(2.0, abs=0.05)


def test_an_m4a_whose_table_is_cut_off_is_truncated() -> None:
    with pytest.raises(UnusableTrackError, match="truncated: the table of its frames"):
        walk_packets(by_ffmpeg("m4a", SAMPLES, 48_000)[:9_000], "mov")


def test_other_files_are_of_no_such_container() -> None:
    assert container_of(b"RIFF" + bytes(40)) == ""
    assert container_of(b"") == ""
