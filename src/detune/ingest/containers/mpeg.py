"""MPEG audio and AAC in ADTS: frames one after the other, each with a header of its own."""

from __future__ import annotations

from dataclasses import dataclass
from mmap import mmap

from detune.audio.reading import UnusableTrackError
from detune.ingest.containers.frames import (
    HEADER,
    LAYER_OF_AAC,
    Frame,
    Tag,
    is_free_format,
    read_frame,
    read_tag,
)
from detune.ingest.containers.lame import require_lame_checksum
from detune.ingest.containers.walk import CUT_FRAME, Part, Walk, joined, not_read

FEWEST = 8
"""Frames of one kind that make a recording; fewer are damaged ones of another."""

MOST_BEFORE = 4096
"""Bytes before the first frame at most that belong to none: the end of one, where a broadcast was
recorded from within."""

MOST_IN_TAG = 1 << 20
"""Bytes of an APE tag at most that has no header, so that its end must be looked for."""

RETOUCHED = b"MP3GAIN"
"""Name of the tag after the frames in which mp3gain notes that it changed their loudness."""

Data = bytes | mmap


@dataclass
class _Run:
    """Frames of one kind, one after the other, and the tag in the first of them."""

    start: int
    first: Frame
    tag: Tag | None
    frames: int = 0
    end: int = 0
    missing: float = 0.0
    notes: tuple[str, ...] = ()

    def add(self, at: int, frame: Frame) -> None:
        """Add the frame at byte `at`."""
        self.frames, self.end = self.frames + 1, at + frame.length

    def goes_on(self, at: int, frame: Frame) -> bool:
        """Whether the frame at byte `at` is of the same recording.

        Decoders stumble over a gap, and where the channels change.
        """
        alike = (at, frame.mono) == (self.end, self.first.mono) or self.frames < FEWEST
        return frame.kind == self.first.kind and alike

    def walk(self) -> Walk:
        """The run as a recording of its own."""
        tag, first = self.tag or Tag(), self.first
        held = self.frames - (self.tag is not None)
        missing = max(0, tag.frames - held) * first.samples / first.rate
        trimmed = tag.trimmed if tag.frames <= held else 0
        seconds = max(0, held * first.samples - trimmed) / first.rate
        aac = first.kind[1] == LAYER_OF_AAC
        part = Part(self.start, self.end, seconds, "aac" if aac else "mp3", not aac)
        return Walk((part,), max(missing, self.missing), notes=self.notes)


def skip_id3(data: Data, at: int = 0) -> int:
    """Where the audio begins after ID3v2 tags, which may come before any kind of file."""
    while data[at : at + 3] == b"ID3" and len(data) >= at + 10:
        size = sum((data[at + 6 + n] & 127) << 7 * (3 - n) for n in range(4))
        footer = 10 if data[at + 5] & 16 else 0
        at += 10 + size + footer
    return at


def find_frames(data: Data) -> int:
    """Where the first of three frames in a row begins, near the file's start; -1 for nowhere."""
    start = skip_untidy(data, 0)
    for at in range(start, min(start + MOST_BEFORE, len(data))):
        if data[at] == 0xFF and _begins(data, at):
            return at
    return -1


def _begins(data: Data, at: int) -> bool:
    """Whether there are three frames of one kind in a row here, or fewer up to the file's end."""
    kinds = set[tuple[int, int, int]]()
    for _ in range(3):
        frame = read_frame(data[at : at + HEADER])
        if frame is None or len(kinds | {frame.kind}) > 1:
            return bool(kinds) and at == len(data)
        kinds.add(frame.kind)
        at += frame.length
        if at >= len(data):
            break
    return True


def walk_mpeg(data: Data) -> Walk:
    """Walk over frames to the end of the file; what is between them may be tags and padding.

    Raises:
        UnusableTrackError: something else is between them, or they are not those of their
            checksum.
    """
    at = find_frames(data)
    if at < 0:
        raise _no_frames(data)
    _require_no_tag_before(data, at)
    runs: list[_Run] = []
    while at < len(data):
        head = data[at : at + 42]
        frame = read_frame(head)
        if frame is None or at + frame.length > len(data):
            after = skip_untidy(data, at) if frame is None else at
            if after == at:
                _end_within_frame(data, at, runs)
                break
            at = after
            continue
        if not runs or not runs[-1].goes_on(at, frame) or b"Xing" in head or b"Info" in head:
            _begin_run(data, at, frame, runs)
        runs[-1].add(at, frame)
        at += frame.length
    return _walk_of(data, runs)


def _require_no_tag_before(data: Data, at: int) -> None:
    """Raise `UnusableTrackError` where a tag counts frames that do not follow it at once."""
    start = skip_untidy(data, 0)
    frame = read_frame(data[start : start + HEADER]) if start < at else None
    if frame and read_tag(data[start : start + frame.length]):
        raise UnusableTrackError(f"damaged: not three frames of MPEG audio from byte {start} on")


def _begin_run(data: Data, at: int, frame: Frame, runs: list[_Run]) -> None:
    """Begin another recording at byte `at`, unless this is no beginning."""
    tag = read_tag(data[at : at + frame.length])
    if runs and tag is None and runs[-1].goes_on(at, frame):
        return
    if runs and runs[-1].frames < FEWEST:
        raise UnusableTrackError(f"damaged: a frame of another kind at byte {at}")
    runs.append(_Run(at, frame, tag))


def _walk_of(data: Data, runs: list[_Run]) -> Walk:
    """The recordings as one walk, their checksums compared."""
    kinds = [run.first.kind for run in runs]
    if len(set(kinds[-2:])) > 1 and runs[-1].frames < FEWEST:
        raise UnusableTrackError(f"damaged: a frame of another kind at byte {runs[-1].start}")
    for run in runs:
        first = run.start + run.first.length
        whole = run.tag is not None and run.tag.length == run.end - run.start
        if run.tag and whole and RETOUCHED not in data[run.end :]:
            require_lame_checksum(data, run.tag, first, run.end)
    return joined([run.walk() for run in runs])


def _end_within_frame(data: Data, at: int, runs: list[_Run]) -> None:
    """Note that the last frame is cut, or raise `UnusableTrackError` where this is none."""
    if not runs:
        raise UnusableTrackError("truncated: not even its first frame is complete")
    run = runs[-1]
    frame = read_frame(data[at : at + HEADER]) or run.first
    fits = at + frame.length <= len(data)
    if data[at] != 0xFF or fits or _frames_follow(data, at + 1, run.first):
        raise UnusableTrackError(f"damaged: no frame of MPEG audio at byte {at}")
    run.missing, run.notes = frame.samples / frame.rate, (CUT_FRAME,)


def _frames_follow(data: Data, at: int, like: Frame) -> bool:
    """Whether two frames of a kind stand one after the other somewhere from byte `at` on."""
    while (at := data.find(b"\xff", at)) >= 0:
        one = read_frame(data[at : at + HEADER])
        then = at + one.length if one else len(data)
        two = read_frame(data[then : then + HEADER])
        if one and two and one.kind == two.kind == like.kind:
            return True
        at += 1
    return False


def _no_frames(data: Data) -> UnusableTrackError:
    """Why there is nothing to walk over."""
    at = skip_untidy(data, 0)
    if at >= len(data):
        return UnusableTrackError("truncated: its tags are there, but no frames")
    if is_free_format(data[at : at + 4]):
        return not_read("MPEG audio of free bit rate")
    return UnusableTrackError(f"damaged: no frame of MPEG audio at byte {at}")


def skip_untidy(data: Data, at: int) -> int:
    """Where tags and padding end that begin at byte `at`; `at` where none do."""
    before = -1
    while at != before and at < len(data):
        before = at
        at = _skip_tag(data, skip_id3(data, at))
        if at < len(data) and data[at] != 0xFF:
            run = _same_bytes(data, at)
            at += run if run >= 4 or at + run == len(data) else 0
    return min(at, len(data))


def _same_bytes(data: Data, at: int) -> int:
    """How many bytes of one value there are from `at` on."""
    value, end = data[at : at + 1], at
    while block := data[end : end + 4096]:
        same = len(block) - len(block.lstrip(value))
        end += same
        if same < len(block):
            break
    return end - at


TAG_SIZES = {b"TAG+": 227, b"TAG": 128, b"3DI": 10}
"""Bytes of the tags that have one length, the longer name first."""


def _skip_tag(data: Data, at: int) -> int:
    """Where a tag ends that begins at byte `at`: ID3v1, APE, Lyrics3 or Musicmatch."""
    if data[at : at + 1] == b"\xff":
        return at
    if data[at : at + 8] == b"APETAGEX":
        header = data[at : at + 32]
        size = int.from_bytes(header[12:16], "little")
        return at + size + (32 if len(header) == 32 and header[23] & 0x20 else 0)
    for name, size in TAG_SIZES.items():
        if data[at : at + len(name)] == name:
            return at + size
    if data[at : at + 11] == b"LYRICSBEGIN":
        end = max(data.find(b"LYRICS200", at), data.find(b"LYRICSEND", at))
        return end + 9 if end >= 0 else len(data)
    footer = data.find(b"APETAGEX", at, at + MOST_IN_TAG)
    size = int.from_bytes(data[footer + 12 : footer + 16], "little") if footer > at else 0
    return footer + 32 if size and footer + 32 - size == at else at
