from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detune.audio.reading import UnusableTrackError
from detune.ingest.containers import require_complete
from detune.ingest.containers.lame import crc16, read_tag
from detune.ingest.containers.mpeg import read_frame
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
        require_complete(data)
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
    require_complete(data)


def test_a_change_within_any_frame_is_noticed() -> None:
    told = "damaged: its frames differ from their checksum"
    reasons = {reason(flipped(at)) for at in range(1_000, len(DATA), 997)}
    assert told in reasons
    assert all(entry == told or entry.startswith("damaged: ") for entry in reasons)


def test_a_tag_of_another_length_or_without_a_checksum_proves_nothing() -> None:
    at = DATA.index(b"LAME")
    require_complete(flipped(at + 30))
    assert reason(flipped(at + 33)).startswith("damaged: its frames differ")
    assert read_tag(DATA[: at + 32] + bytes(2) + DATA[at + 34 : 400]) is None
    assert read_tag(DATA[:100]) is None
    assert read_tag(bytes(400)) is None


def test_frames_that_were_made_louder_keep_their_old_checksum() -> None:
    louder = flipped(len(DATA) - 100)
    assert reason(louder)
    require_complete(louder + b"APETAGEX" + bytes(24) + b"MP3GAIN_UNDO" + bytes(20))


def test_a_file_that_was_cut_to_whole_frames_is_left_to_its_decoder() -> None:
    frame = read_frame(DATA[:4])
    at, ends = 0, [0]
    while frame := read_frame(DATA[at : at + 4]):
        at += frame.length
        ends.append(at)
    require_complete(DATA[: ends[-20]])
