from __future__ import annotations

from pathlib import Path

from detune.collection.tracks import track_path


def test_the_audio_of_a_track_is_in_the_folder_of_its_genre() -> None:
    path = track_path(Path("data/tracks"), "ska", "ska.00001")
    assert path == Path("data/tracks/ska/ska.00001.flac")
