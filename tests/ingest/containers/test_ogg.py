from __future__ import annotations

import pytest

from detune.audio.reading import UnusableTrackError
from detune.ingest.containers.ogg import ogg_checksum, require_complete_ogg
from tests.encoded import encoded, noise

DATA = encoded("ogg", noise(4.0, 16_000))
STARTS = [at for at in range(len(DATA)) if DATA[at : at + 4] == b"OggS"]


def slow_checksum(page: bytes) -> int:
    """CRC-32 bit by bit, as Ogg defines it."""
    register = 0
    for byte in page:
        register ^= byte << 24
        for _ in range(8):
            register = register << 1 ^ (0x104C11DB7 if register >> 31 else 0)
    return register


@pytest.mark.parametrize("page", [b"", b"a", b"OggS and more", bytes(range(256)) * 3])
def test_the_checksum_is_that_of_ogg(page: bytes) -> None:
    assert ogg_checksum(page) == slow_checksum(page)


def reason(data: bytes) -> str:
    with pytest.raises(UnusableTrackError) as caught:
        require_complete_ogg(data)
    return str(caught.value)


def test_every_flipped_byte_is_noticed() -> None:
    for at in range(0, len(DATA), 401):
        assert reason(DATA[:at] + bytes([DATA[at] ^ 1]) + DATA[at + 1 :])


def test_pages_that_are_missing_or_twice_there_are_noticed() -> None:
    assert len(STARTS) > 5
    middle = DATA[STARTS[3] : STARTS[4]]
    missing = "damaged: pages are missing before byte "
    assert reason(DATA[: STARTS[3]] + DATA[STARTS[4] :]).startswith(missing)
    assert reason(DATA[: STARTS[4]] + middle + DATA[STARTS[4] :]).startswith(missing)
    assert reason(DATA[: STARTS[-1]]).startswith("truncated: the last page")
    assert reason(DATA + b"junk") == f"damaged: no page of Ogg at byte {len(DATA)}"


@pytest.mark.parametrize("length", [10, 27, 40, 200])
def test_a_cut_page_is_truncated(length: int) -> None:
    assert reason(DATA[: STARTS[2] + length]) == "truncated: its last page is cut"
