from __future__ import annotations

import pytest

from detune.audio.reading import UnusableTrackError
from detune.ingest.containers.frames import read_frame
from detune.ingest.containers.mpeg import find_frames, skip_id3, skip_untidy, walk_mpeg
from detune.ingest.containers.walk import CUT_FRAME
from tests.encoded import by_ffmpeg, encoded, noise, without_tag

DATA = encoded("mp3", noise(3.0, 44_100, channels=2), 44_100)
BARE = without_tag(DATA)
APE = b"APETAGEX" + b"\xd0\7\0\0\x40\0\0\0\1\0\0\0\0\0\0\xa0" + bytes(8) + b"key\0word" * 4
APE += b"APETAGEX" + b"\xd0\7\0\0\x40\0\0\0\1\0\0\0\0\0\0\x80" + bytes(8)


def tag(size: int) -> bytes:
    """An ID3v2 tag of `size` bytes and its header of ten."""
    return b"ID3\4\0\0" + bytes(size >> 7 * (3 - n) & 127 for n in range(4)) + bytes(size)


def reason(data: bytes) -> str:
    with pytest.raises(UnusableTrackError) as caught:
        walk_mpeg(data)
    return str(caught.value)


def frames(data: bytes) -> list[int]:
    """Where each frame begins."""
    found, at = [], 0
    while at < len(data):
        frame = read_frame(data[at : at + 7])
        assert frame is not None
        found.append(at)
        at += frame.length
    return found


def test_the_tag_of_lame_trims_what_the_encoder_added() -> None:
    assert walk_mpeg(DATA).seconds == 3.0
    assert walk_mpeg(BARE).seconds == len(frames(BARE)) * 1152 / 44_100


@pytest.mark.parametrize("rate", [8_000, 16_000, 22_050, 32_000, 44_100, 48_000])
def test_frames_are_counted_at_any_rate(rate: int) -> None:
    data = encoded("mp3", noise(2.0, rate), rate)
    samples = 1152 if rate >= 32_000 else 576
    assert walk_mpeg(data).seconds == 2.0
    assert walk_mpeg(without_tag(data)).seconds == (len(frames(data)) - 1) * samples / rate


def test_layer_ii_and_aac_are_walked_over_as_well() -> None:
    for name, samples in (("mp2", 1152), ("aac", 1024)):
        data = by_ffmpeg(name, noise(1.0, 16_000))
        (part,) = walk_mpeg(data).parts
        assert part.seconds == len(frames(data)) * samples / 16_000
        assert part.by_libsndfile == (name == "mp2")


@pytest.mark.parametrize(
    "untidy",
    [
        *(tag(300), tag(300) + tag(5), APE, APE[32:], b"TAG" + bytes(125), b"TAG+" + bytes(223)),
        *(b"LYRICSBEGININD0000200000026LYRICS200", b"3DI\4\0\0\0\0\0\0"),
        *(bytes(700), b"\x55" * 300),
    ],
)
def test_tags_and_padding_are_no_loss(untidy: bytes) -> None:
    whole = walk_mpeg(BARE)
    for data in (untidy + BARE, BARE + untidy, untidy + BARE + untidy):
        walk = walk_mpeg(data)
        assert (walk.seconds, walk.missing, walk.notes) == (whole.seconds, 0.0, ())
    joined = walk_mpeg(DATA + untidy + DATA)
    assert [part.seconds for part in joined.parts] == [3.0, 3.0]


def test_a_broadcast_that_was_recorded_from_within_a_frame_loses_that_frame() -> None:
    second = frames(BARE)[1]
    walk = walk_mpeg(BARE[100:])
    assert walk.parts[0].start == second - 100
    assert walk.seconds == (len(frames(BARE)) - 1) * 1152 / 44_100
    assert find_frames(b"junk" * 2000 + BARE) == -1


def test_files_that_were_joined_are_all_there() -> None:
    other = encoded("mp3", noise(1.0, 22_050), 22_050)
    walk = walk_mpeg(DATA + other + DATA)
    assert [part.seconds for part in walk.parts] == [3.0, 1.0, 3.0]
    assert [(part.start, part.end) for part in walk.parts] == [
        (0, len(DATA)),
        (len(DATA), len(DATA + other)),
        (len(DATA + other), len(DATA + other + DATA)),
    ]
    assert len(walk_mpeg(BARE + BARE).parts) == 1
    assert walk_mpeg(BARE + BARE).seconds == 2 * walk_mpeg(BARE).seconds


def test_frames_that_a_tag_promises_are_missing() -> None:
    walk = walk_mpeg(DATA[: frames(DATA)[-20]])
    assert walk.missing == pytest.approx(20 * 1152 / 44_100)
    assert walk.seconds == pytest.approx((len(frames(DATA)) - 21) * 1152 / 44_100)


@pytest.mark.parametrize("missing", [1, 50, 200])
def test_a_cut_frame_is_missing(missing: int) -> None:
    walk = walk_mpeg(BARE[:-missing])
    assert walk.seconds == (len(frames(BARE)) - 1) * 1152 / 44_100
    assert (walk.missing, walk.notes) == (1152 / 44_100, (CUT_FRAME,))


def test_what_is_no_frame_between_frames_is_noticed() -> None:
    at = frames(DATA)[20]
    told = f"damaged: no frame of MPEG audio at byte {at}"
    assert reason(DATA[:at] + b"junk" + DATA[at:]) == told
    assert reason(DATA[: at - 5] + DATA[at:]).startswith("damaged: no frame")
    assert reason(DATA + b"junk").startswith("damaged: no frame")


def test_a_frame_that_is_longer_than_what_follows_it_is_no_cut_one() -> None:
    """Its header is wrong, and whole frames would be lost with it."""
    data = by_ffmpeg("aac", noise(3.0, 44_100), 44_100)
    starts, at = [], 0
    while at < len(data) and (frame := read_frame(data[at : at + 7])):
        starts.append(at)
        at += frame.length
    at = starts[-4]
    longer = data[: at + 4] + b"\xff" + data[at + 5 :]
    assert reason(longer) == f"damaged: no frame of MPEG audio at byte {at}"
    assert walk_mpeg(longer[: starts[-3]]).notes == (CUT_FRAME,)


@pytest.mark.parametrize("place", [1, 2])
def test_a_tag_whose_frames_do_not_follow_is_noticed(place: int) -> None:
    """They would be counted without it, however many are missing."""
    at = frames(DATA)[place]
    told = "damaged: not three frames of MPEG audio from byte 0 on"
    assert reason(DATA[:at] + b"junk" + DATA[at:]) == told


def test_a_few_frames_of_another_kind_are_damaged_ones() -> None:
    other = without_tag(encoded("mp3", noise(1.0, 22_050), 22_050))
    few = other[: frames(other)[5]]
    told = f"damaged: a frame of another kind at byte {len(BARE)}"
    assert reason(BARE + few) == told
    assert reason(BARE + few + BARE).startswith("damaged: a frame of another kind at byte")


def test_what_has_no_frames_is_told() -> None:
    assert reason(tag(300)) == "truncated: its tags are there, but no frames"
    assert reason(BARE[:100]) == "truncated: not even its first frame is complete"
    assert reason(b"\xff" * 5000).startswith("damaged: no frame")
    free = bytes.fromhex("fffb0064") + bytes(range(1, 200)) * 9
    assert reason(free).startswith("format not read: MPEG audio of free bit rate: convert it")


def test_where_tags_end() -> None:
    assert skip_id3(tag(300) + tag(5) + DATA) == 325
    assert skip_untidy(b"abc" + DATA, 0) == 0
    assert skip_untidy(bytes(3) + DATA, 0) == 0
    assert skip_untidy(bytes(3), 0) == 3
