from __future__ import annotations

import pytest

from detune.audio.reading import UnusableTrackError
from detune.ingest.containers.mpeg import read_frame, require_complete_mpeg, skip_id3
from tests.encoded import encoded, noise

DATA = encoded("mp3", noise(3.0, 44_100, channels=2), 44_100)


def tag(size: int) -> bytes:
    """An ID3v2 tag of `size` bytes and its header of ten."""
    return b"ID3\4\0\0" + bytes(size >> 7 * (3 - n) & 127 for n in range(4)) + bytes(size)


def reason(data: bytes) -> str:
    with pytest.raises(UnusableTrackError) as caught:
        require_complete_mpeg(data)
    return str(caught.value)


def frames(data: bytes) -> list[int]:
    """Where each frame begins."""
    found, at = [], 0
    while at < len(data):
        frame = read_frame(data[at : at + 4])
        assert frame is not None
        found.append(at)
        at += frame.length
    return found


@pytest.mark.parametrize(
    ("header", "length"),
    [
        ("fffb9064", 417),  # MPEG 1 layer III, 128 kbit/s, 44,100 Hz
        ("fffb9264", 418),  # with a byte of padding
        ("fff380c4", 208),  # MPEG 2, 64 kbit/s, 22,050 Hz
        ("ffe34864", 288),  # MPEG 2.5, 32 kbit/s, 8,000 Hz
        ("fffd8004", 417),  # MPEG 1 layer II, 128 kbit/s, 44,100 Hz
    ],
)
def test_the_length_of_a_frame(header: str, length: int) -> None:
    frame = read_frame(bytes.fromhex(header))
    assert frame is not None
    assert frame.length == length


@pytest.mark.parametrize("header", ["", "fffb90", "00fb9064", "ff1b9064", "ffebffff", "fffb0064"])
def test_what_is_no_frame(header: str) -> None:
    assert read_frame(bytes.fromhex(header)) is None


@pytest.mark.parametrize("rate", [8_000, 16_000, 22_050, 32_000, 44_100, 48_000])
def test_frames_follow_one_another_at_any_rate(rate: int) -> None:
    data = encoded("mp3", noise(2.0, rate), rate)
    samples = 1152 if rate >= 32_000 else 576
    assert 0 <= len(frames(data)) * samples - 2 * rate < 5 * samples


def test_tags_before_and_after_belong_to_the_file() -> None:
    assert skip_id3(tag(300) + tag(5) + DATA) == 325
    require_complete_mpeg(tag(300) + DATA)
    for trailer in (b"TAG" + bytes(125), b"APETAGEX" + b"x" * 50, bytes(700), b""):
        require_complete_mpeg(DATA + trailer)


def test_what_is_no_frame_between_frames_is_noticed() -> None:
    at = frames(DATA)[20]
    assert (
        reason(DATA[:at] + b"junk" + DATA[at:]) == f"damaged: no frame of MPEG audio at byte {at}"
    )
    assert reason(DATA[: at - 5] + DATA[at:]).startswith("damaged: no frame")
    assert reason(DATA + b"junk").startswith("damaged: no frame")


def test_a_frame_of_another_kind_is_noticed() -> None:
    other = encoded("mp3", noise(1.0, 22_050), 22_050)
    assert reason(DATA + other) == f"damaged: a frame of another kind at byte {len(DATA)}"


@pytest.mark.parametrize("missing", [1, 50, 200])
def test_a_cut_frame_is_truncated(missing: int) -> None:
    assert reason(DATA[:-missing]) == "truncated: its last frame is cut"
    assert reason(DATA[: frames(DATA)[9] + 2]) == "truncated: its last frame is cut"
    assert reason(tag(300)[:200]) == "truncated: its last frame is cut"
