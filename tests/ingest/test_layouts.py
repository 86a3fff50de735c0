from __future__ import annotations

import os
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detune.collection.shown_paths import harmless_path
from detune.collection.tracks import track_path
from detune.ingest.formats import AUDIO_SUFFIXES, NOT_READ, UNREAD_SUFFIXES
from detune.ingest.layouts import (
    MAX_NAME_BYTES,
    NO_GENRE,
    arrange,
    is_stray,
)
from detune.ingest.names import RENAMED
from detune.ingest.tracks import Candidate, Quarantined
from detune.support.errors import UserError


def candidates(*sources: str) -> list[Candidate]:
    found, quarantined = arrange(sources, "music")
    assert quarantined == []
    return found


def genres(*sources: str) -> dict[str, str]:
    return {candidate.source: candidate.genre for candidate in arrange(sources, "music")[0]}


def error_of(*sources: str) -> str:
    with pytest.raises(UserError) as caught:
        arrange(sources, "music")
    message = str(caught.value)
    assert message.startswith("data.path: ")
    assert "\n" not in message
    return message


@pytest.mark.parametrize("above", ["", "download/", "a/b c/"])
@pytest.mark.parametrize("suffix", [".wav", ".au", ".MP3"])
@pytest.mark.parametrize(
    "layout",
    [
        "{genre}/{genre}.{number}",
        "genres/{genre}/{genre}.{number}",
        "genres_original/{genre}/{genre}.{number}",
        "Data/genres_original/{genre}/{genre}.{number}",
        "{genre}.{number}",
        "genres/{genre}.{number}",
    ],
)
def test_every_layout_of_gtzan_gives_the_same_tracks(layout: str, above: str, suffix: str) -> None:
    tracks = [(genre, f"0000{n}") for genre in ("blues", "hiphop") for n in range(3)]
    sources = [
        above + layout.format(genre=genre, number=number) + suffix for genre, number in tracks
    ]
    strays = ["bextract.mf", "Data/features_30_sec.csv", "Data/images_original/blues/b.png"]
    found = candidates(*reversed(sources), *strays, f"{above}genres/.DS_Store")
    assert found == [
        Candidate(f"{genre}.{number}", genre, source)
        for (genre, number), source in zip(tracks, sources, strict=True)
    ]


def test_flat_names_with_a_stroke_below_tell_genres() -> None:
    found = candidates("blues_00000.wav", "hip hop_00001.wav", "drum & bass - 02.wav")
    assert [(c.track, c.genre) for c in found] == [
        ("blues_00000", "blues"),
        ("drum & bass - 02", "drum & bass"),
        ("hip hop_00001", "hip hop"),
    ]


def test_the_folder_counts_before_the_name() -> None:
    assert genres("a/rock.00001.wav", "b/rock.00002.wav") == {
        "a/rock.00001.wav": "a",
        "b/rock.00002.wav": "b",
    }


def test_folders_of_artists_and_albums_belong_to_the_genre_above() -> None:
    found = candidates("rock/Abba/One/01 Intro.mp3", "rock/Abba/Two/01 Intro.mp3", "pop/x.mp3")
    assert [(c.track, c.genre) for c in found] == [
        ("pop.x", "pop"),
        ("rock.Abba.One.01 Intro", "rock"),
        ("rock.Abba.Two.01 Intro", "rock"),
    ]


@pytest.mark.parametrize(
    "stray",
    [
        *(".DS_Store", "blues/.hidden.wav", "blues/._a.wav", "__MACOSX/blues/._a.wav"),
        *("__MACOSX/blues/a.wav", ".git/blues/x.wav", "blues/notes.txt", "blues/cover.png"),
        *("blues/bextract_single.mf", "features.csv", "README.md", "blues/wav"),
    ],
)
def test_strays_are_ignored(stray: str) -> None:
    assert set(genres("blues/a.wav", "rock/b.wav", stray)) == {"blues/a.wav", "rock/b.wav"}


@pytest.mark.parametrize(
    "loose", ["loose.wav", "techno.00001.wav", "notes/../loose.wav", "images/b.wav"]
)
def test_audio_without_a_genre_is_quarantined_and_not_dropped(loose: str) -> None:
    found, quarantined = arrange(["genres/blues/a.wav", "genres/rock/b.wav", loose], "music")
    assert [candidate.genre for candidate in found] == ["blues", "rock"]
    assert [(entry.source, entry.genre) for entry in quarantined] == [(loose, "")]


def test_a_loose_file_joins_the_genre_that_its_name_tells() -> None:
    sources = ("blues/a.wav", "rock/b.wav", "Rock.00007.wav", "jazz.00001.wav")
    found, quarantined = arrange(sources, "music")
    assert [(c.track, c.genre) for c in found] == [
        ("Rock.00007", "Rock"),
        ("blues.a", "blues"),
        ("Rock.b", "Rock"),
    ]
    assert quarantined == [Quarantined("jazz.00001.wav", "", NO_GENRE)]


def test_spellings_of_a_genre_become_one() -> None:
    composed, decomposed = (
        unicodedata.normalize("NFC", "café"),
        unicodedata.normalize("NFD", "café"),
    )
    found = genres(f"{composed}/a.wav", f"{decomposed}/b.wav", "ROCK/c.wav", "rock/d.wav")
    assert sorted(found.values()) == sorted([composed, composed, "ROCK", "ROCK"])


def test_names_of_tracks_are_composed_and_sources_are_left_as_they_are() -> None:
    source = unicodedata.normalize("NFD", "schlager/Für Elise é.wav")
    (_, candidate) = candidates("a/b.wav", source)
    assert candidate.track == unicodedata.normalize("NFC", "schlager.Für Elise é")
    assert candidate.source == source


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("../blues/a.wav", "unusable name: it leads out of its folder"),
        ("/blues/a.wav", "unusable name: it leads out of its folder"),
        ("blues/../../a.wav", "unusable name: it leads out of its folder"),
        ("blues/a\nb.wav", "unusable name: it contains characters that are no text"),
        ("blues/a\udcff.wav", "unusable name: it contains characters that are no text"),
        (f"blues/{'x' * MAX_NAME_BYTES}.wav", f"unusable name: longer than {MAX_NAME_BYTES} bytes"),
    ],
)
def test_names_that_can_be_no_track_are_quarantined(source: str, reason: str) -> None:
    found, quarantined = arrange(["blues/a.wav", "rock/b.wav", source], "music")
    assert len(found) == 2
    assert [entry.reason for entry in quarantined] == [reason]
    quarantined[0].source.encode()


def test_the_same_tree_twice_is_refused() -> None:
    message = error_of("Data/genres_original/blues/a.wav", "genres/blues/a.wav")
    assert "Data/genres_original" in message
    assert "and genres," in message
    assert "name one" in message


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("blues/a.wav", "blues/blues.a.wav"),
        ("blues/a.wav", "blues/A.wav"),
        ("blues/a.wav", "blues/a.mp3"),
        ("pop/popular.x.wav", "popular/x.wav"),
    ],
)
def test_two_files_of_one_name_are_refused(first: str, second: str) -> None:
    message = error_of(first, second, "other/z.wav")
    assert first in message
    assert second in message
    assert "rename" in message


@pytest.mark.parametrize("sources", [[], ["a.wav"], ["notes.txt", "blues/a.doc"], [".a/b.wav"]])
def test_no_audio_with_a_genre_is_told_with_the_layouts(sources: list[str]) -> None:
    message = error_of(*sources)
    assert "no audio in music" in message
    assert "music/<genre>/" in message
    assert all(suffix in message for suffix in AUDIO_SUFFIXES)


PART = st.text(st.sampled_from("abAB0é._- "), min_size=1, max_size=4)
SOURCE = st.lists(PART, min_size=1, max_size=4).map(lambda parts: "/".join(parts) + ".wav")


@given(st.lists(SOURCE, max_size=12, unique=True))
def test_every_file_is_a_track_once_or_told_of(sources: list[str]) -> None:
    try:
        found, quarantined = arrange(sources, "music")
    except UserError:
        return
    told = [harmless_path(c.source) for c in found] + [q.source for q in quarantined]
    assert sorted(told) == sorted(
        harmless_path(source) for source in sources if not any(map(is_stray, source.split("/")))
    )
    names = [candidate.track.casefold() for candidate in found]
    assert len(set(names)) == len(names)
    for candidate in found:
        stored = track_path(Path("/out"), candidate.genre, candidate.track)
        assert Path(os.path.normpath(stored)).parent.parent == Path("/out")
    assert arrange(reversed(sources), "music") == (found, quarantined)


@pytest.mark.parametrize("suffix", [*UNREAD_SUFFIXES, ".APE"])
def test_music_of_a_format_that_is_not_read_is_named_with_its_genre(suffix: str) -> None:
    found, quarantined = arrange(["blues/a.wav", "rock/b.m4a", f"pop/c{suffix}"], "music")
    assert [candidate.genre for candidate in found] == ["blues", "rock"]
    assert quarantined == [Quarantined(f"pop/c{suffix}", "pop", NOT_READ)]


def test_a_collection_of_such_music_only_is_told() -> None:
    told = error_of("pop/a.ape", "rock/b.mpc")
    assert told.startswith("data.path: no audio of a format that is read in music: ")


def test_a_genre_like_a_formula_is_renamed_and_told() -> None:
    found, quarantined = arrange(["=cmd/a.wav", "=cmd/=cmd b.wav", "@x/a.ape", "ska/+1.wav"], "m")
    assert found == [
        Candidate("_=cmd.=cmd b", "_=cmd", "=cmd/=cmd b.wav", RENAMED),
        Candidate("_=cmd.a", "_=cmd", "=cmd/a.wav", RENAMED),
        Candidate("ska.+1", "ska", "ska/+1.wav"),
    ]
    assert quarantined == [Quarantined("./@x/a.ape", "_@x", NOT_READ)]


def test_what_cannot_be_seen_in_a_name_is_escaped_where_it_is_told() -> None:
    _, quarantined = arrange(["dub/a.wav", "dub/\x1b[31m\n.wav"], "music")
    assert [entry.source for entry in quarantined] == [r"dub/\x1b[31m\n.wav"]
