from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from detune.ingest.fingerprints import Fingerprint
from detune.ingest.genre_sizes import keep_large_genres, require_tracks, without_small_genres
from detune.ingest.tracks import Candidate, Quarantined, Stored, Track
from detune.support.errors import UserError

NO_WORDS = Fingerprint(np.zeros(0, np.uint32), np.zeros(0, bool))
CANDIDATES = [
    Candidate(f"{genre}.{number}", genre, f"{genre}/{number}.mp3")
    for genre, count in (("dub", 3), ("polka", 1), ("ska", 2))
    for number in range(count)
]
POLKA = Quarantined("polka/0.mp3", "polka", "small genre: 1 tracks, fewer than 2")


def test_genres_with_fewer_tracks_are_left_out_with_their_number() -> None:
    kept, left_out = without_small_genres(CANDIDATES, 2)
    assert [candidate.genre for candidate in kept] == ["dub"] * 3 + ["ska"] * 2
    assert left_out == [POLKA]


def test_by_default_none_is_left_out() -> None:
    assert without_small_genres(CANDIDATES, 0) == (CANDIDATES, [])


def test_the_audio_of_a_genre_that_lost_its_tracks_is_removed(tmp_path: Path) -> None:
    for candidate in CANDIDATES:
        (tmp_path / candidate.genre).mkdir(exist_ok=True)
        (tmp_path / candidate.genre / f"{candidate.track}.flac").touch()
    stored = [
        Stored(Track(one.track, one.genre, 3.0, "", one.source, one.track), NO_WORDS)
        for one in CANDIDATES
    ]
    kept, left_out = keep_large_genres(stored, 2, tmp_path)
    assert [track.track for track, _ in kept] == ["dub.0", "dub.1", "dub.2", "ska.0", "ska.1"]
    assert left_out == [POLKA]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["dub", "ska"]


def error_of(*arguments: Any) -> str:
    with pytest.raises(UserError) as caught:
        require_tracks(*arguments)
    message = str(caught.value)
    assert message.startswith("data.path: ")
    assert "\n" not in message
    return message


@pytest.mark.parametrize(
    ("genres", "told"),
    [
        ([], "0 genre found"),
        (["blues"] * 9, "1 genre found"),
        (["blues"] * 3 + ["rock"] * 2, "genre 'rock' has 2 usable tracks"),
        (["blues"] * 1 + ["rock"] * 9, "genre 'blues' has 1 usable tracks"),
        (["blues"] * 9 + ["rock"] * 9, "genre 'pop' has 0 usable tracks"),
    ],
)
def test_too_little_to_classify_is_told(genres: list[str], told: str) -> None:
    lost = ["", "pop"] if len(genres) == 18 else [""]
    assert told in error_of(genres, "usable tracks", lost)


def test_two_genres_of_three_tracks_are_enough() -> None:
    require_tracks(["blues", "rock"] * 3)


def test_fifty_genres_are_the_most() -> None:
    genres = [f"genre {number}" for number in range(50)] * 3
    require_tracks(genres)
    assert "51 genres found" in error_of([*genres, *["more"] * 3])
    require_tracks([*genres, "more"], smallest=3)


def test_small_genres_do_not_count_where_they_are_left_out() -> None:
    genres = ["blues"] * 9 + ["rock"] * 9 + ["pop"] * 2
    require_tracks(genres, lost=["ska"], smallest=3)
    assert "genre 'pop' has 2 tracks" in error_of(genres, "tracks", [], 2)
    told = error_of(genres, "tracks", [], 10)
    assert "0 genre found with tracks and at least 10 of them (data.smallest_genre)" in told
