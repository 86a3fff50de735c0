from __future__ import annotations

import pytest

from detune.ingest.formats import AUDIO_SUFFIXES, UNREAD_SUFFIXES, is_audio


@pytest.mark.parametrize("name", ["a.wav", "a.Wav", "b.AIFF", "b.aif", "c.ogg", "d.flac", "e.au"])
def test_endings_of_audio_in_any_case(name: str) -> None:
    assert is_audio(name)
    assert not is_audio(name + ".txt")


def test_what_is_not_read_is_music_too_and_never_both() -> None:
    assert not set(AUDIO_SUFFIXES) & set(UNREAD_SUFFIXES)
    assert all(is_audio(f"a{suffix}") for suffix in (*AUDIO_SUFFIXES, *UNREAD_SUFFIXES))
