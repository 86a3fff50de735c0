from __future__ import annotations

from pathlib import Path

import pytest

from detune.collection.labels import Labels
from detune.ingest.labelled import MISSING, NO_AUDIO, label_files
from detune.ingest.tracks import Candidate, Quarantined
from detune.support.errors import UserError


def table(genres: dict[str, str]) -> Labels:
    return Labels(Path("labels.csv"), "path", genres, {}, {})


def test_files_have_the_genre_of_the_table_and_not_of_their_folder() -> None:
    sources = ["001/b.mp3", "000/a.mp3", "000/x.mp3", "000/.hidden.mp3", "cover.jpg"]
    found = label_files(sources, table({"000/a.mp3": "Rock", "001/b.mp3": "Jazz"}), "music")
    assert found.candidates == [
        Candidate("Rock.000.a", "Rock", "000/a.mp3"),
        Candidate("Jazz.001.b", "Jazz", "001/b.mp3"),
    ]
    assert (found.quarantined, found.unlisted) == ([], 1)


def test_tracks_of_an_archive_are_called_as_those_of_its_folder() -> None:
    labels = table({"000/a.mp3": "Rock", "001/b.mp3": "Jazz"})
    found = label_files(["fma_small/000/a.mp3", "fma_small/001/b.mp3"], labels, "music.zip")
    assert found.candidates == [
        Candidate("Rock.000.a", "Rock", "fma_small/000/a.mp3"),
        Candidate("Jazz.001.b", "Jazz", "fma_small/001/b.mp3"),
    ]


def test_what_is_listed_and_cannot_be_taken_is_quarantined_with_the_reason() -> None:
    genres = {"a.mp3": "Rock", "b.mp3": "rock", "c.ape": "Rock", "d.txt": "Jazz"}
    genres |= {"e\x07.mp3": "Jazz", "f" * 300 + ".mp3": "Jazz"}
    sources = ["a.mp3", "c.ape", "d.txt", "e\x07.mp3", "f" * 300 + ".mp3"]
    found = label_files(sources, table(genres), "music")
    assert [candidate.source for candidate in found.candidates] == ["a.mp3"]
    missing, unread, no_audio, *unusable = found.quarantined
    assert missing == Quarantined("b.mp3", "Rock", MISSING)
    assert unread.reason.startswith("format not read: ")
    assert no_audio == Quarantined("d.txt", "Jazz", NO_AUDIO)
    assert [entry.reason.partition(":")[0] for entry in unusable] == ["unusable name"] * 2


def test_a_name_that_is_missing_takes_no_other_file() -> None:
    labels = Labels(Path("labels.csv"), "track", {"song": "Rock", "song.mp3": "Jazz"}, {}, {})
    found = label_files(["x/song.mp3"], labels, "music")
    assert [(one.genre, one.source) for one in found.candidates] == [("Rock", "x/song.mp3")]
    assert found.quarantined == [Quarantined("song.mp3", "Jazz", MISSING)]


@pytest.mark.parametrize(
    ("sources", "told"),
    [(["rock/1.mp3"], "music has 'rock/1.mp3': give each path"), ([], "music has no audio")],
)
def test_a_table_of_another_collection_is_told(sources: list[str], told: str) -> None:
    with pytest.raises(UserError) as caught:
        label_files(sources, table({"a.mp3": "Rock", "b.mp3": "Jazz"}), "music")
    assert str(caught.value).startswith("data.labels: labels.csv: none of its 2 files is there: it")
    assert told in str(caught.value)


def test_two_files_of_one_track_are_refused() -> None:
    genres = {"a.mp3": "Rock", "A.wav": "Rock"}
    with pytest.raises(UserError, match="would both become track"):
        label_files(list(genres), table(genres), "music")
