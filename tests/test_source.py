from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from detune import source
from detune.audio import SAMPLE_RATE
from detune.errors import UserError
from detune.source import find_tracks, open_source, require_tracks
from detune.tracks import Candidate

RECIPE = Path(__file__).parents[1] / "data" / "embedded.yaml"


def touch(folder: Path, names: Iterable[str]) -> None:
    """Files that hold nothing: finding tracks reads none of them."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


def error_of(call: Any, *arguments: Any) -> str:
    with pytest.raises(UserError) as caught:
        call(*arguments)
    message = str(caught.value)
    assert message.startswith("data.path: ")
    assert "\n" not in message
    return message


@pytest.mark.parametrize("prefix", ["", "genres/"])
def test_both_layouts_are_found_in_order_of_name(prefix: str, tmp_path: Path) -> None:
    names = ["rock/rock.00001.wav", "blues/blues.00010.wav", "blues/blues.00002.wav"]
    touch(tmp_path, [prefix + name for name in names])
    assert find_tracks(tmp_path) == [
        Candidate("blues.00002", "blues", f"{prefix}blues/blues.00002.wav"),
        Candidate("blues.00010", "blues", f"{prefix}blues/blues.00010.wav"),
        Candidate("rock.00001", "rock", f"{prefix}rock/rock.00001.wav"),
    ]


def test_a_genres_folder_hides_what_lies_beside_it(tmp_path: Path) -> None:
    touch(tmp_path, ["genres/blues/a.wav", "images/b.wav"])
    assert [candidate.genre for candidate in find_tracks(tmp_path)] == ["blues"]


def test_stray_files_are_ignored(tmp_path: Path) -> None:
    strays = [
        "loose.wav",
        "features.csv",
        "blues/notes.txt",
        "blues/cover.png",
        "blues/.hidden.wav",
        "blues/._a.wav",
        "blues/deeper/c.wav",
    ]
    touch(tmp_path, ["blues/a.wav", "blues/B.WAV", *strays])
    (tmp_path / "blues" / "folder.wav").mkdir()
    assert {candidate.source for candidate in find_tracks(tmp_path)} == {
        "blues/a.wav",
        "blues/B.WAV",
    }


@pytest.mark.parametrize(
    ("name", "track"),
    [
        ("blues/blues.00000.wav", "blues.00000"),
        ("blues/00000.wav", "blues.00000"),
        ("hip hop/My Song (live).wav", "hip hop.My Song (live)"),
        ("blues/a.b.c.WAV", "blues.a.b.c"),
    ],
)
def test_a_track_is_named_after_its_file_with_the_genre_in_front(
    name: str, track: str, tmp_path: Path
) -> None:
    touch(tmp_path, [name])
    assert [candidate.track for candidate in find_tracks(tmp_path)] == [track]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("blues/a.wav", "blues/blues.a.wav"),
        ("blues/a.wav", "blues/A.wav"),
        ("pop/popular.x.wav", "popular/x.wav"),
    ],
)
def test_two_files_of_one_name_are_refused(first: str, second: str, tmp_path: Path) -> None:
    touch(tmp_path, [first, second])
    message = error_of(find_tracks, tmp_path)
    assert first in message
    assert second in message
    assert "rename" in message


def test_a_missing_folder_is_named() -> None:
    message = error_of(find_tracks, Path("nowhere") / "at all")
    assert message.startswith(f"data.path: {Path('nowhere/at all')} is not there")


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    touch(tmp_path, ["track.wav"])
    assert "is not there" in error_of(find_tracks, tmp_path / "track.wav")


@pytest.mark.parametrize("names", [[], ["a.wav", "blues/a.mp3"], ["genres/a.wav"]])
def test_a_folder_without_audio_is_told_the_layouts(names: list[str], tmp_path: Path) -> None:
    touch(tmp_path, names)
    message = error_of(find_tracks, tmp_path)
    assert "no audio" in message
    assert f"{tmp_path}/<genre>/*.wav" in message
    assert f"{tmp_path}/genres/<genre>/*.wav" in message


@pytest.mark.parametrize(
    ("genres", "told"),
    [
        ([], "0 genre found"),
        (["blues"] * 9, "1 genre found"),
        (["blues"] * 3 + ["rock"] * 2, "genre 'rock' has 2 usable tracks"),
        (["blues"] * 1 + ["rock"] * 9, "genre 'blues' has 1 usable tracks"),
    ],
)
def test_too_little_to_classify_is_told(genres: list[str], told: str) -> None:
    assert told in error_of(require_tracks, genres, "usable tracks")


def test_two_genres_of_three_tracks_are_enough() -> None:
    require_tracks(["blues", "rock"] * 3)


def test_a_folder_is_opened_and_read(tone: Any, tmp_path: Path) -> None:
    for genre in ("blues", "rock"):
        for number in range(3):
            path = tmp_path / genre / f"{number}.wav"
            path.parent.mkdir(exist_ok=True)
            soundfile.write(path, tone(0.1, 200.0 * (number + 1)), SAMPLE_RATE)
    opened = open_source(tmp_path)
    assert [candidate.track for candidate in opened.candidates] == [
        f"{genre}.{number}" for genre in ("blues", "rock") for number in range(3)
    ]
    for candidate in opened.candidates:
        expected = tone(0.1, 200.0 * (int(candidate.track[-1]) + 1))
        assert np.allclose(opened.read(candidate), expected, atol=1e-4)


def test_a_folder_with_too_few_tracks_is_not_opened(tmp_path: Path) -> None:
    touch(tmp_path, [f"blues/{n}.wav" for n in range(3)] + ["rock/0.wav"])
    assert "genre 'rock' has 1 tracks" in error_of(open_source, tmp_path)


def test_a_recipe_is_opened_and_its_tracks_are_composed_by_genre_and_index(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(source, "compose_track", lambda recipe, genre, index: (genre, index))
    opened = open_source(RECIPE)
    assert len({candidate.track for candidate in opened.candidates}) == len(opened.candidates)
    by_genre: dict[str, list[int]] = {}
    for candidate in opened.candidates:
        assert candidate.track.startswith(f"{candidate.genre}.")
        assert candidate.source == RECIPE.name
        genre, index = opened.read(candidate)
        assert genre == candidate.genre
        by_genre.setdefault(genre, []).append(int(index))
    assert len(by_genre) >= 2
    assert all(len(set(indices)) == len(indices) >= 3 for indices in by_genre.values())
