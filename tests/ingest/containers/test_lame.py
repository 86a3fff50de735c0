from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detune.audio.reading import UnusableTrackError
from detune.ingest.containers import walk_file
from detune.ingest.containers.frames import read_frame, read_tag
from detune.ingest.containers.lame import crc16
from tests.encoded import encoded, noise

DATA = encoded("mp3", noise(3.0, 44_100, channels=2), 44_100)


def slow_crc16(data: bytes) -> int:
    """CRC-16 bit by bit."""
    register = 0
    for byte in data:
        register ^= byte
        for _ in range(8):
            register = register >> 1 ^ (0xA001 if register & 1 else 0)
    return register


@given(st.binary(max_size=5_000))
def test_the_checksum_is_crc_16(data: bytes) -> None:
    assert crc16(data) == slow_crc16(data)


def test_the_checksum_of_known_bytes() -> None:
    assert crc16(b"123456789") == 0xBB3D


def reason(data: bytes) -> str:
    with pytest.raises(UnusableTrackError) as caught:
        walk_file(data)
    return str(caught.value)


def flipped(at: int) -> bytes:
    return DATA[:at] + bytes([DATA[at] ^ 1]) + DATA[at + 1 :]


@pytest.mark.parametrize(("rate", "channels"), [(44_100, 2), (44_100, 1), (16_000, 2), (8_000, 1)])
def test_a_file_as_it_was_written_has_its_checksum(rate: int, channels: int) -> None:
    data = encoded("mp3", noise(2.0, rate, channels), rate)
    frame = read_frame(data[:4])
    assert frame is not None
    tag = read_tag(data[: frame.length])
    assert tag is not None
    assert tag.length == len(data)
    assert tag.checksum == slow_crc16(data[frame.length :])
    walk_file(data)


def test_a_change_within_any_frame_is_noticed() -> None:
    told = "damaged: its frames differ from their checksum"
    reasons = {reason(flipped(at)) for at in range(1_000, len(DATA), 997)}
    assert told in reasons
    assert all(entry == told or entry.startswith("damaged: ") for entry in reasons)


def test_a_tag_of_another_length_or_without_a_checksum_proves_nothing() -> None:
    at = DATA.index(b"LAME")
    walk_file(flipped(at + 30))
    assert reason(flipped(at + 33)).startswith("damaged: its frames differ")
    walk_file(DATA[: at + 32] + bytes(2) + DATA[at + 34 :])


def test_frames_that_were_made_louder_keep_their_old_checksum() -> None:
    louder = flipped(len(DATA) - 100)
    assert reason(louder)
    footer = b"APETAGEX" + b"\xd0\7\0\0" + (32 + 20).to_bytes(4, "little") + bytes(16)
    walk_file(louder + b"MP3GAIN_UNDO" + bytes(8) + footer)
