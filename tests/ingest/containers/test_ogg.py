from __future__ import annotations

import io
import struct

import numpy as np
import pytest
import soundfile

from detune.audio.reading import UnusableTrackError
from detune.ingest.containers.ogg import ogg_checksum, read_page, walk_ogg
from detune.ingest.containers.walk import NO_END
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
        walk_ogg(data)
    return str(caught.value)


def pages(data: bytes) -> list[bytes]:
    found, at = [], 0
    while at < len(data):
        page = read_page(data, at)
        assert page is not None
        found.append(data[at : at + page.length])
        at += page.length
    return found


def changed(page: bytes, flags: int | None = None, stream: int | None = None) -> bytes:
    """A page with other flags, or of another stream, and its checksum right."""
    flags = page[5] if flags is None else flags
    number = page[14:18] if stream is None else struct.pack("<I", stream)
    page = page[:5] + bytes([flags]) + page[6:14] + number + page[18:22] + bytes(4) + page[26:]
    return page[:22] + struct.pack("<I", ogg_checksum(page)) + page[26:]


@pytest.mark.parametrize(("name", "rate"), [("ogg", 44_100), ("ogg", 8_000), ("opus", 48_000)])
def test_positions_say_how_long_a_stream_is(name: str, rate: int) -> None:
    walk = walk_ogg(encoded(name, noise(2.0, rate), rate))
    assert (walk.seconds, walk.missing, walk.notes) == (2.0, 0.0, ())


def test_flac_in_ogg_is_counted_too() -> None:
    stream = io.BytesIO()
    soundfile.write(stream, noise(1.5, 16_000), 16_000, format="OGG", subtype="VORBIS")
    assert walk_ogg(stream.getvalue()).seconds == 1.5


@pytest.mark.parametrize("same_number", [True, False])
def test_each_link_of_a_chain_is_counted(same_number: bool) -> None:
    other = encoded("opus", noise(1.0, 48_000, channels=2), 48_000)
    if same_number:
        (number,) = struct.unpack_from("<I", DATA, 14)
        other = b"".join(changed(page, stream=number) for page in pages(other))
    walk = walk_ogg(DATA + other + DATA)
    assert [part.seconds for part in walk.parts] == [4.0, 1.0, 4.0]
    assert [part.start for part in walk.parts] == [0, len(DATA), len(DATA + other)]


def test_an_end_that_was_never_told_is_no_loss() -> None:
    whole = pages(DATA)
    walk = walk_ogg(b"".join([*whole[:-1], changed(whole[-1], flags=0)]))
    assert (walk.seconds, walk.notes) == (4.0, (NO_END,))
    chained = walk_ogg(b"".join([*whole[:-1], changed(whole[-1], flags=0)]) + DATA)
    assert chained.seconds == 8.0
    assert walk_ogg(DATA + bytes(900)).seconds == 4.0


def test_streams_that_are_no_audio_run_beside_it() -> None:
    fake = b"\x80theora" + bytes(40)
    head = b"OggS\0\2" + bytes(8) + b"abcd" + bytes(8) + bytes([1, len(fake)]) + fake
    picture = changed(head)
    assert walk_ogg(picture + DATA).seconds == 4.0
    second = b"".join(changed(page, stream=77) for page in pages(DATA))
    mixed = pages(DATA)[0] + pages(second)[0] + b"".join(pages(DATA)[1:] + pages(second)[1:])
    assert reason(mixed) == "unreadable: 2 streams of audio, not one"
    assert reason(picture) == "unreadable: 0 streams of audio, not one"
    unknown = changed(head.replace(b"theora", b"strange"[:6]))
    assert reason(unknown + DATA).startswith("format not read: a stream of an unknown kind")


def test_every_flipped_byte_is_noticed() -> None:
    for at in range(0, len(DATA), 401):
        assert reason(DATA[:at] + bytes([DATA[at] ^ 1]) + DATA[at + 1 :])


def test_pages_that_are_missing_or_twice_there_are_noticed() -> None:
    assert len(STARTS) > 5
    middle = DATA[STARTS[3] : STARTS[4]]
    missing = "damaged: pages are missing before byte "
    assert reason(DATA[: STARTS[3]] + DATA[STARTS[4] :]).startswith(missing)
    assert reason(DATA[: STARTS[4]] + middle + DATA[STARTS[4] :]).startswith(missing)
    assert reason(DATA + b"junk") == f"damaged: no page of Ogg at byte {len(DATA)}"


def test_a_cut_page_says_how_much_it_held() -> None:
    positions = [struct.unpack_from("<Q", page, 6)[0] for page in pages(DATA)]
    walk = walk_ogg(DATA[: STARTS[4] + 200])
    assert walk.seconds == positions[3] / 16_000
    assert walk.missing == (positions[4] - positions[3]) / 16_000
    assert walk_ogg(DATA[: STARTS[4] + 20]).missing == 0  # nothing says what follows
    assert walk_ogg(DATA[: STARTS[4] + 20]).notes == (NO_END,)


def test_a_header_that_is_wrong_is_no_cut_page() -> None:
    """Its length then goes beyond the file's end, and pages that follow would be lost with it."""
    at = STARTS[-2]
    for lost in range(at, at + 26):
        assert reason(DATA[:lost] + DATA[lost + 1 :]).startswith("damaged: ")
    longer = DATA[: at + 27] + b"\xff" * DATA[at + 26] + DATA[at + 27 + DATA[at + 26] :]
    assert reason(longer) == f"damaged: the page at byte {at} is longer than what follows it"


def test_positions_count_what_is_decoded() -> None:
    samples, _ = soundfile.read(io.BytesIO(DATA))
    assert walk_ogg(DATA).seconds == np.size(samples) / 16_000
