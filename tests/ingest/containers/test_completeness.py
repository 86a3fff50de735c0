from __future__ import annotations

import pytest

from detune.audio.reading import UnusableTrackError
from detune.ingest.containers import require_complete
from tests.encoded import ENCODINGS, encoded, noise

KINDS = pytest.mark.parametrize("name", ENCODINGS)


def reason(data: bytes) -> str:
    with pytest.raises(UnusableTrackError) as caught:
        require_complete(data)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@KINDS
@pytest.mark.parametrize("channels", [1, 2])
def test_a_file_as_it_was_written_is_whole(name: str, channels: int) -> None:
    require_complete(encoded(name, noise(1.5, 16_000, channels)))


@pytest.mark.parametrize("name", [name for name in ENCODINGS if "flac" not in name])
@pytest.mark.parametrize("missing", [1, 100, 3_000])
def test_a_cut_file_is_truncated(name: str, missing: int) -> None:
    """FLAC is left to its decoder, which knows how many samples there should be: test_doubt."""
    assert reason(encoded(name, noise(1.5, 16_000))[:-missing]).startswith("truncated: ")


@KINDS
@pytest.mark.parametrize("length", [1, 4, 12, 20, 24, 30, 40])
def test_a_header_alone_is_no_file(name: str, length: int) -> None:
    assert reason(encoded(name, noise(1.5, 16_000))[:length])


@pytest.mark.parametrize("data", [b"", b"RAW?" * 500, bytes(5000), b"\xff" * 5000, b"MThd" * 9])
def test_what_is_no_audio_is_refused(data: bytes) -> None:
    assert reason(data).startswith(("unreadable: neither", "damaged: no frame"))
