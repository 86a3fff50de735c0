from __future__ import annotations

import tarfile
import unicodedata
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from detune.audio.constants import SAMPLE_RATE
from detune.audio.reading import UnusableTrackError
from detune.collection.labels import Labels
from detune.ingest import source
from detune.ingest.labelled import MISSING
from detune.ingest.source import open_source
from detune.ingest.tracks import Quarantined
from detune.support.errors import UserError

RECIPE = Path(__file__).parents[2] / "data" / "embedded.yaml"


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


def test_what_is_not_there_is_told() -> None:
    message = error_of(open_source, Path("nowhere") / "at all")
    assert message.startswith(f"data.path: {Path('nowhere/at all')} is not there")
    assert all(kind in message for kind in ("folder", ".zip", ".tar.gz", ".yaml"))


def test_a_file_of_another_kind_is_told(tmp_path: Path) -> None:
    touch(tmp_path, ["track.wav"])
    assert "can't be imported" in error_of(open_source, tmp_path / "track.wav")


def samples(number: int) -> np.ndarray:
    """A track of three seconds on the grid of 16 bits, at the stored rate."""
    whole = np.random.default_rng(number).integers(-9_000, 9_000, 3 * SAMPLE_RATE)
    return (whole / 32768).astype(np.float32)


def write_tracks(folder: Path, layout: str, container: str = "WAV") -> Path:
    """Write three tracks a genre below `folder`; their samples are those of their number."""
    for genre, first in (("blues", 0), ("rock", 3)):
        for number in range(first, first + 3):
            path = folder / layout.format(genre=genre, number=f"{number:05}")
            path.parent.mkdir(parents=True, exist_ok=True)
            soundfile.write(path, samples(number), SAMPLE_RATE, "PCM_16", format=container)
    return folder


def tracks_of(path: Path, scratch: Path) -> dict[str, np.ndarray]:
    """Every track's samples, by genre and name."""
    opened = open_source(path)
    assert opened.quarantined == []
    with opened.reader(scratch) as read:
        return {f"{c.genre}/{c.track}": read(c).audio for c in opened.candidates}


def pack(folder: Path, path: Path) -> Path:
    """Put everything in `folder` into an archive."""
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in sorted(folder.rglob("*")):
                archive.write(file, file.relative_to(folder).as_posix())
    else:
        with tarfile.open(path, "w:gz" if path.suffix in (".gz", ".tgz") else "w") as archive:
            archive.add(folder, ".")
    return path


@pytest.mark.parametrize("packed", ["", "a.zip", "a.tar", "a.tar.gz", "a.tgz"])
@pytest.mark.parametrize(
    ("container", "layout"),
    [
        ("WAV", "genres/{genre}/{genre}.{number}.wav"),
        ("AU", "some folder/genres/{genre}/{genre}.{number}.au"),
        ("WAV", "Data/genres_original/{genre}/{genre}.{number}.wav"),
        ("FLAC", "{genre}/{genre}.{number}.FLAC"),
        ("AIFF", "flat/{genre}.{number}.aiff"),
    ],
)
def test_every_layout_container_and_archive_gives_the_same_tracks(
    container: str, layout: str, packed: str, tmp_path: Path
) -> None:
    path = write_tracks(tmp_path / "music", layout, container)
    if packed:
        path = pack(path, tmp_path / packed)
    scratch = tmp_path / "scratch"
    found = tracks_of(path, scratch)
    names = [f"blues/blues.0000{n}" for n in range(3)] + [f"rock/rock.0000{n}" for n in (3, 4, 5)]
    assert list(found) == names
    for number, audio in enumerate(found.values()):
        assert np.array_equal(audio, samples(number))
    assert not scratch.exists() or list(scratch.iterdir()) == []


def test_unpacked_audio_is_removed_after_an_error_and_after_a_kill(tmp_path: Path) -> None:
    music = write_tracks(tmp_path / "music", "{genre}/{number}.wav")
    opened = open_source(pack(music, tmp_path / "a.zip"))
    scratch = tmp_path / "scratch"
    left = scratch / ".unpacked" / "of a run that was killed"
    left.mkdir(parents=True)
    with pytest.raises(RuntimeError), opened.reader(scratch):
        assert not left.exists()
        assert len(list((scratch / ".unpacked").iterdir())) == 6
        raise RuntimeError
    assert list(scratch.iterdir()) == []


def test_a_damaged_member_is_quarantined_when_it_is_read(tmp_path: Path) -> None:
    path = pack(write_tracks(tmp_path / "music", "{genre}/{number}.wav"), tmp_path / "a.zip")
    data = bytearray(path.read_bytes())
    data[data.index(b"00004.wav") + 500] ^= 0xFF
    path.write_bytes(data)
    opened = open_source(path)
    with opened.reader(tmp_path / "scratch") as read:
        for candidate in opened.candidates:
            if "00004" in candidate.source:
                with pytest.raises(UnusableTrackError, match="unreadable: in its archive it is d"):
                    read(candidate)
            else:
                assert read(candidate).audio.size == 3 * SAMPLE_RATE


def test_what_was_unpacked_and_is_gone_is_no_reason_for_quarantine(tmp_path: Path) -> None:
    opened = open_source(
        pack(write_tracks(tmp_path / "m", "{genre}/{number}.wav"), tmp_path / "a.zip")
    )
    with opened.reader(tmp_path / "scratch") as read:
        for path in (tmp_path / "scratch/.unpacked").iterdir():
            path.unlink()
        with pytest.raises(UserError, match="something removed what was unpacked there: run"):
            read(opened.candidates[0])


def test_audio_without_a_genre_is_told_by_the_source(tmp_path: Path) -> None:
    write_tracks(tmp_path, "{genre}/{number}.wav")
    touch(tmp_path, ["loose.wav"])
    assert [entry.source for entry in open_source(tmp_path).quarantined] == ["loose.wav"]


def test_a_genre_of_formats_that_are_not_read_stops_the_run(tmp_path: Path) -> None:
    write_tracks(tmp_path, "{genre}/{number}.wav")
    touch(tmp_path, [f"pop/{number}.ape" for number in range(9)])
    assert "genre 'pop' has 0 tracks" in error_of(open_source, tmp_path)


class Unflagged(zipfile.ZipInfo):
    """A member whose name is written as it comes, without the flag of UTF-8."""

    raw = b""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802
        return self.raw, 0


@pytest.mark.parametrize("code_page", ["utf-8", "cp850"])
def test_names_in_a_zip_are_utf_8_or_asked_for(code_page: str, tmp_path: Path) -> None:
    path, genres = tmp_path / "a.zip", ["Forró"] * 3 + ["Música"] * 3
    with zipfile.ZipFile(path, "w") as archive:
        for number, genre in enumerate(genres):
            info = Unflagged(f"{number}.wav")
            text = f"{genre}/{number}.wav"
            info.raw = unicodedata.normalize("NFD" if code_page == "utf-8" else "NFC", text).encode(
                code_page
            )
            archive.writestr(info, b"RIFF")
    if code_page != "utf-8":
        assert "set data.zip_names" in error_of(open_source, path)
    found = open_source(path, zip_names=code_page).candidates
    assert [candidate.genre for candidate in found] == genres


@pytest.mark.parametrize(
    ("names", "told"),
    [
        ([], "no audio"),
        (["blues/a.wav", "blues/b.wav", "blues/c.wav"], "1 genre found"),
        (["blues/a.wav", "rock/b.wav"], "genre 'blues' has 1 tracks"),
        (["blues.00000.wav", "rock.00000.wav"], "genre 'blues' has 1 tracks"),
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_too_little_is_told_of_folders_and_archives(
    names: list[str], told: str, packed: bool, tmp_path: Path
) -> None:
    (tmp_path / "music").mkdir()
    touch(tmp_path / "music", names)
    path = tmp_path / "music"
    assert told in error_of(open_source, pack(path, tmp_path / "a.zip") if packed else path)


def test_a_folder_with_too_few_tracks_is_not_opened(tmp_path: Path) -> None:
    touch(tmp_path, [f"blues/{n}.wav" for n in range(3)] + ["rock/0.wav"])
    assert "genre 'rock' has 1 tracks" in error_of(open_source, tmp_path)


@pytest.mark.parametrize("packed", [False, True])
def test_a_table_gives_genres_groups_and_counts(packed: bool, tmp_path: Path) -> None:
    names = [f"000/{number}.wav" for number in range(9)]
    touch(tmp_path / "music", [*names, "000/other.wav"])
    genres = {name: "rock" if number < 5 else "jazz" for number, name in enumerate(names)}
    genres |= {"001/gone.wav": "jazz", "001/10.wav": "polka"}
    path = tmp_path / "music"
    labels = Labels(Path("labels.csv"), "path", genres, {}, {})
    opened = open_source(
        pack(path, tmp_path / "a.zip") if packed else path, 100, "utf-8", labels, 1
    )
    assert [candidate.source for candidate in opened.candidates] == names
    assert [candidate.genre for candidate in opened.candidates] == ["rock"] * 5 + ["jazz"] * 4
    gone = [Quarantined(name, genres[name], MISSING) for name in ("001/10.wav", "001/gone.wav")]
    assert (opened.quarantined, opened.unlisted) == (gone, 1)
    assert "genre 'polka' has 0 tracks" in error_of(open_source, path, 100, "utf-8", labels)


def test_small_genres_of_folders_are_left_out_with_the_reason(tmp_path: Path) -> None:
    touch(tmp_path, [f"{genre}/{n}.wav" for genre in ("blues", "rock") for n in range(4)])
    touch(tmp_path, ["ska/0.wav", "ska/1.wav"])
    opened = open_source(tmp_path, smallest_genre=3)
    assert {candidate.genre for candidate in opened.candidates} == {"blues", "rock"}
    assert [entry.reason for entry in opened.quarantined] == [
        "small genre: 2 tracks, fewer than 3"
    ] * 2


def test_a_recipe_has_genres_of_its_own() -> None:
    labels = Labels(Path("labels.csv"), "path", {"a.wav": "rock"}, {}, {})
    with pytest.raises(UserError, match=r"^data\.labels: .*embedded\.yaml is a recipe, which has"):
        open_source(RECIPE, 100, "utf-8", labels)


def test_a_recipe_is_opened_and_its_tracks_are_composed_by_genre_and_index(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(source, "compose_track", lambda recipe, genre, index: (genre, index))
    opened = open_source(RECIPE)
    assert len({candidate.track for candidate in opened.candidates}) == len(opened.candidates)
    by_genre: dict[str, list[int]] = {}
    with opened.reader(Path("unused")) as read:
        read_by = read
    for candidate in opened.candidates:
        assert candidate.track.startswith(f"{candidate.genre}.")
        assert candidate.source == RECIPE.name
        genre, index = read_by(candidate).audio
        assert genre == candidate.genre
        by_genre.setdefault(genre, []).append(int(index))
    assert len(by_genre) >= 2
    assert all(len(set(indices)) == len(indices) >= 3 for indices in by_genre.values())
