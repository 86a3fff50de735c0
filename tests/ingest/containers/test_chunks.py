from __future__ import annotations

import struct
from collections.abc import Callable

import pytest

from detune.audio.reading import UnusableTrackError
from detune.ingest.containers.chunks import (
    OPEN_SIZES,
    require_complete_aiff,
    require_complete_au,
    require_complete_wav,
)
from tests.encoded import encoded, noise

Check = Callable[[bytes], None]

SAMPLES = noise(0.2, 16_000)


def changed(data: bytes, at: int, number: int, order: str) -> bytes:
    """`data` with another 32 bit number at a place."""
    return data[:at] + struct.pack(f"{order}I", number) + data[at + 4 :]


@pytest.mark.parametrize("size", OPEN_SIZES)
def test_a_stream_without_a_size_breaks_no_promise(size: int) -> None:
    wav, au = encoded("wav", SAMPLES), encoded("au", SAMPLES)
    require_complete_wav(changed(wav, wav.index(b"data") + 4, size, "<")[:-50])
    require_complete_au(changed(au, 8, size, ">")[:-50])


def test_more_promised_than_held_is_truncated() -> None:
    wav, au, aiff = (encoded(name, SAMPLES) for name in ("wav", "au", "aiff"))
    held = 2 * SAMPLES.size
    for check, data in (
        (require_complete_wav, changed(wav, wav.index(b"data") + 4, held + 2, "<")),
        (require_complete_au, changed(au, 8, held + 2, ">")),
        (require_complete_aiff, changed(aiff, aiff.index(b"SSND") + 4, held + 10, ">")),
        (require_complete_aiff, changed(aiff, aiff.index(b"COMM") + 10, SAMPLES.size + 1, ">")),
        (require_complete_aiff, changed(aiff, aiff.index(b"SSND") + 8, 2, ">")),
    ):
        with pytest.raises(UnusableTrackError, match=r"^truncated: \d+ of \d+ bytes of samples"):
            check(data)


def test_chunks_after_the_samples_and_of_odd_length_are_passed() -> None:
    wav = encoded("wav", SAMPLES)
    at = wav.index(b"data")
    odd = b"LIST" + struct.pack("<I", 3) + b"abc\0"
    require_complete_wav(wav[:at] + odd + wav[at:] + odd)
    with pytest.raises(UnusableTrackError, match="truncated"):
        require_complete_wav(wav[:at] + odd + wav[at:-1])


def test_a_wav_over_4_gb_keeps_its_size_elsewhere() -> None:
    data = encoded("wav over 4 GB", SAMPLES)
    require_complete_wav(data)
    with pytest.raises(UnusableTrackError, match="truncated"):
        require_complete_wav(data[:-1])


@pytest.mark.parametrize(
    ("check", "name"),
    [(require_complete_wav, "wav"), (require_complete_aiff, "aiff"), (require_complete_au, "au")],
)
def test_a_header_without_samples_is_truncated(check: Check, name: str) -> None:
    with pytest.raises(UnusableTrackError, match="truncated: "):
        check(encoded(name, SAMPLES)[:22])
