from __future__ import annotations

import struct
from collections.abc import Callable

import pytest

from detune.audio.reading import UnusableTrackError
from detune.ingest.containers.chunks import walk_aiff, walk_au
from detune.ingest.containers.walk import NO_SIZE, Walk
from tests.encoded import encoded, noise

SAMPLES = noise(0.5, 16_000)
AIFF, AU = encoded("aiff", SAMPLES), encoded("au", SAMPLES)
BYTES = 2 * SAMPLES.size


def changed(data: bytes, at: int, number: int) -> bytes:
    """`data` with another 32 bit number at a place."""
    return data[:at] + struct.pack(">I", number) + data[at + 4 :]


@pytest.mark.parametrize("size", [0, 0x7FFFFFFF, 0x7FFFF000, 0x80000000, 0xFFFFFFFF])
def test_a_size_that_a_stream_did_not_know_stands_for_all_there_is(size: int) -> None:
    aiff = changed(changed(AIFF, AIFF.index(b"SSND") + 4, size), AIFF.index(b"COMM") + 10, 0)
    for walk in (walk_aiff(aiff), walk_au(changed(AU, 8, size))):
        assert (walk.seconds, walk.missing, walk.notes) == (0.5, 0.0, (NO_SIZE,))


@pytest.mark.parametrize(
    ("walk", "data"),
    [
        (walk_au, changed(AU, 8, BYTES + 3_200)),
        (walk_au, AU[:-3_200]),
        (walk_aiff, changed(AIFF, AIFF.index(b"SSND") + 4, BYTES + 8 + 3_200)),
        (walk_aiff, changed(AIFF, AIFF.index(b"COMM") + 10, SAMPLES.size + 1_600)),
        (walk_aiff, changed(AIFF, AIFF.index(b"SSND") + 8, 3_200)),
        (walk_aiff, AIFF[:-3_200]),
    ],
)
def test_more_promised_than_held_is_missing(walk: Callable[[bytes], Walk], data: bytes) -> None:
    assert walk(data).missing == pytest.approx(0.1)


def test_more_samples_than_an_au_says_are_noticed() -> None:
    assert walk_au(changed(AU, 8, BYTES - 3_200)).extra == pytest.approx(0.1)
    assert walk_au(AU + bytes(999)).extra == 0


@pytest.mark.parametrize(
    ("walk", "name"),
    [
        *((walk_aiff, name) for name in ("aiff", "aiff of floats")),
        *((walk_au, name) for name in ("au", "au, mu-law")),
    ],
)
def test_any_kind_of_samples_is_counted(walk: Callable[[bytes], Walk], name: str) -> None:
    assert walk(encoded(name, noise(0.5, 16_000, channels=2))).seconds == 0.5


@pytest.mark.parametrize(
    ("walk", "data", "told"),
    [
        (walk_aiff, AIFF[:22], "truncated: "),
        (walk_au, AU[:22], "truncated: "),
        (walk_aiff, AIFF.replace(b"COMM", b"ABCD"), "unreadable: nothing says how"),
        (walk_au, changed(AU, 12, 24), "format not read: AU of encoding 24"),
        (walk_au, changed(AU, 16, 0), "no recording: 0 Hz"),
    ],
)
def test_headers_that_say_nothing_usable_are_told(
    walk: Callable[[bytes], Walk], data: bytes, told: str
) -> None:
    with pytest.raises(UnusableTrackError, match=f"^{told}"):
        walk(data)
