from __future__ import annotations

import pytest

from detune.audio.reading import MAX_SECONDS, UnusableTrackError
from detune.ingest.containers import Part, Walk, require_all_read, require_complete, walk_file
from tests.encoded import BY_FFMPEG, ENCODINGS, by_ffmpeg, encoded, noise

TAG = b"ID3\4\0\0\0\0\0\5" + bytes(5)


def reason(data: bytes) -> str:
    with pytest.raises(UnusableTrackError) as caught:
        walk_file(data)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("name", ENCODINGS)
def test_a_file_as_it_was_written_is_whole(name: str) -> None:
    data = encoded(name, noise(1.5, 16_000, channels=2))
    for tagged in (data, TAG + data):
        walk = walk_file(tagged)
        assert walk.seconds == pytest.approx(1.5, abs=0.04)
        assert require_complete(walk, 0.0) == ()
    assert walk.parts[0].start == len(TAG)


@pytest.mark.parametrize("name", BY_FFMPEG)
def test_a_file_of_another_format_is_whole(name: str) -> None:
    walk = walk_file(by_ffmpeg(name, noise(1.5, 16_000, channels=2)))
    assert walk.seconds == pytest.approx(1.5, abs=0.12)
    assert require_complete(walk, 0.0) == ()


@pytest.mark.parametrize("data", [b"", b"RAW?" * 500, bytes(5000), b"\xff" * 5000, b"MThd" * 9])
def test_what_is_no_audio_is_refused(data: bytes) -> None:
    assert reason(data).startswith(("unreadable: no audio of a kind", "damaged: no frame"))


def walk(missing: float = 0.0, extra: float = 0.0, parts: int = 1) -> Walk:
    return Walk((Part(0, 9, 29.5, "wav"),) * parts, missing, extra, ("no end: really",))


def test_what_may_be_missing_is_told_and_more_is_refused() -> None:
    assert require_complete(walk(), 0.0) == ("no end: really",)
    assert require_complete(walk(0.0123), 0.02) == ("no end: really", "end missing: 12.3 ms")
    told = "truncated: 0.50 s of 30.00 s are missing at its end"
    with pytest.raises(UnusableTrackError, match=f"^{told}$"):
        require_complete(walk(0.5), 0.4)
    with pytest.raises(UnusableTrackError, match=r"^damaged: 0\.50 s more than its header says"):
        require_complete(walk(extra=0.5), 0.4)
    assert require_complete(walk(parts=2), 0.0)[1] == "joined: 2 recordings in one file"
    with pytest.raises(UnusableTrackError, match=r"^too long: "):
        require_complete(walk(parts=MAX_SECONDS // 20), 0.0)


def test_a_decoder_must_give_what_frames_say() -> None:
    require_all_read(29.95, 30.0, 0.1)
    require_all_read(30.09, 30.0, 0.1, missing=0.08)
    for read, missing in ((7.6, 0.0), (31.0, 0.0), (29.95, 0.08)):
        with pytest.raises(UnusableTrackError) as caught:
            require_all_read(read, 30.0, 0.1, missing)
        assert str(caught.value) == f"not read in full: the decoder reads {read:.2f} s of 30.00 s"
