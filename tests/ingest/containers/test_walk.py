from __future__ import annotations

import io

from detune.ingest.containers.walk import Part, Walk, Window, joined, not_read


def test_a_window_is_a_file_of_its_own() -> None:
    file = Window(b"before0123456789after", 6, 16)
    assert file.readable() and file.seekable()
    assert file.read(4) == b"0123"
    assert (file.tell(), file.read()) == (4, b"456789")
    assert file.read(9) == b""
    assert file.seek(-2, io.SEEK_END) == 8
    assert file.read(9) == b"89"
    assert file.seek(99) == 99
    assert file.read(1) == b""
    file.seek(2)
    assert file.seek(1, io.SEEK_CUR) == 3
    assert Part(6, 16, 1.0, "mp3").file(b"before0123456789after").read() == b"0123456789"


def test_walks_are_joined_and_moved() -> None:
    one = Walk((Part(0, 5, 1.5, "mp3"),), 0.25, 0.0, ("a: b",))
    both = joined([one, one.moved(5)])
    assert both == Walk((Part(0, 5, 1.5, "mp3"), Part(5, 10, 1.5, "mp3")), 0.5, 0.0, ("a: b",))
    assert both.seconds == 3.0


def test_a_format_is_refused_with_the_remedy() -> None:
    assert str(not_read("an odd one")) == (
        "format not read: an odd one: convert it, for example with ffmpeg"
    )
