from __future__ import annotations

import pytest

from detune.ingest.containers.frames import Tag, is_free_format, read_frame, read_tag
from tests.encoded import by_ffmpeg, encoded, noise

MP3 = encoded("mp3", noise(1.0, 44_100, channels=2), 44_100)


@pytest.mark.parametrize(
    ("header", "length", "samples"),
    [
        ("fffb9064", 417, 1152),  # MPEG 1 layer III, 128 kbit/s, 44,100 Hz
        ("fffb9264", 418, 1152),  # with a byte of padding
        ("fff380c4", 208, 576),  # MPEG 2, 64 kbit/s, 22,050 Hz
        ("ffe34864", 288, 576),  # MPEG 2.5, 32 kbit/s, 8,000 Hz
        ("fffd8004", 417, 1152),  # MPEG 1 layer II, 128 kbit/s, 44,100 Hz
        ("fff58064", 417, 1152),  # MPEG 2 layer II, 64 kbit/s, 22,050 Hz
        ("ffff9064", 312, 384),  # MPEG 1 layer I, 288 kbit/s, 44,100 Hz
        ("ffff9264", 316, 384),  # with four bytes of padding
    ],
)
def test_the_length_of_a_frame(header: str, length: int, samples: int) -> None:
    frame = read_frame(bytes.fromhex(header))
    assert frame is not None
    assert (frame.length, frame.samples) == (length, samples)


@pytest.mark.parametrize("header", ["", "fffb90", "00fb9064", "ff1b9064", "ffebffff", "fffb0064"])
def test_what_is_no_frame(header: str) -> None:
    assert read_frame(bytes.fromhex(header)) is None


def test_frames_of_aac_follow_one_another() -> None:
    data, at, samples = by_ffmpeg("aac", noise(1.0, 16_000)), 0, 0
    while at < len(data):
        frame = read_frame(data[at : at + 7])
        assert frame is not None
        assert frame.rate == 16_000
        at, samples = at + frame.length, samples + frame.samples
    assert at == len(data)
    assert 16_000 <= samples < 16_000 + 3 * 1024


def test_a_frame_without_a_bit_rate_is_known_as_such() -> None:
    assert is_free_format(bytes.fromhex("fffb0064"))
    assert not is_free_format(bytes.fromhex("fffb9064"))
    assert not is_free_format(bytes.fromhex("fff14c80"))
    assert not is_free_format(b"")


def test_the_tag_of_lame_says_how_long_a_file_is() -> None:
    frame = read_frame(MP3[:4])
    assert frame is not None
    tag = read_tag(MP3[: frame.length])
    assert tag is not None
    assert tag.length == len(MP3)
    assert tag.frames * 1152 - tag.trimmed == 44_100
    assert read_tag(MP3[frame.length : 2 * frame.length]) is None
    assert read_tag(b"") is None


def test_older_tags_say_less() -> None:
    at = MP3.index(b"Xing") if b"Xing" in MP3[:60] else MP3.index(b"Info")
    assert read_tag(MP3[: at + 20]) == Tag(frames=int.from_bytes(MP3[at + 8 : at + 12], "big"))
    none = MP3[: at + 4] + bytes(4) + MP3[at + 8 : at + 20]
    assert read_tag(none) == Tag()
    fraunhofer = MP3[:36] + b"VBRI" + bytes(10) + (77).to_bytes(4, "big")
    assert read_tag(fraunhofer) == Tag(frames=77)
