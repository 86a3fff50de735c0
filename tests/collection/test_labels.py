from __future__ import annotations

from pathlib import Path

import pytest

from detune.collection.labels import SHIPPED, Labels, load_labels, names_in
from detune.support.errors import UserError


def load(folder: Path, text: str) -> Labels:
    path = folder / "labels.csv"
    path.write_text(text, encoding="utf-8")
    found = load_labels(path)
    assert found
    return found


def error_of(folder: Path, text: str) -> str:
    with pytest.raises(UserError) as caught:
        load(folder, text)
    message = str(caught.value)
    assert message.startswith(f"data.labels: {folder / 'labels.csv'}")
    assert "\n" not in message
    return message


def test_columns_count_by_name_and_others_are_ignored(tmp_path: Path) -> None:
    found = load(
        tmp_path,
        "year,split,genre,path,group\n1999,test, Rock ,./a/1.mp3,Ann\n2000,,Jazz,a/2.mp3,\n",
    )
    genres = {"a/1.mp3": "Rock", "a/2.mp3": "Jazz"}
    expected = Labels(found.path, "path", genres, {"a/1.mp3": "Ann"}, {"a/1.mp3": "test"})
    assert found == expected


def test_a_track_may_be_named_without_folder_and_ending(tmp_path: Path) -> None:
    found = load(tmp_path, "track,genre\n1,Rock\n2,Jazz\n3,Jazz\n")
    sources = ["x/1.mp3", "y/2.flac", "y/4.flac"]
    assert names_in(found, sources) == {"x/1.mp3": "1", "y/2.flac": "2"}
    with pytest.raises(UserError, match=r"track '2' is both y/2\.flac and z/2\.mp3: give paths"):
        names_in(found, [*sources, "z/2.mp3"])


def test_of_both_columns_the_path_counts(tmp_path: Path) -> None:
    assert load(tmp_path, "track,path,genre\n1,a/1.mp3,Rock\n").by == "path"


def test_the_table_that_comes_with_the_project_lists_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(Path(__file__).parents[2])
    assert load_labels(SHIPPED) is None


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "columns none: give path (or track) and genre"),
        ("file,genre\na,Rock\n", "columns file, genre: give path"),
        ("path,label\na,Rock\n", "columns path, label: give path"),
        ("path;genre\na;Rock\n", "separated by commas"),
        ("path,genre\n", "lists nothing: list files, or set it to data/labels.csv"),
        ("path,genre\na.mp3,Rock\nb.mp3,Rock\n./a.mp3,Jazz\n", "line 4: path 'a.mp3' again"),
        ("path,genre\n,Rock\n", "line 2: no path: give one"),
        ("path,genre\na.mp3\n", "line 2: no genre for 'a.mp3'"),
        ("path,genre\na.mp3, \n", "line 2: no genre for 'a.mp3'"),
        ("path,genre\n/music/a.mp3,Rock\n", "line 2: path '/music/a.mp3' leads out of data.path"),
        ("path,genre\nC:\\a.mp3,Rock\n", "leads out of data.path"),
        ("path,genre\nx/../../a.mp3,Rock\n", "leads out of data.path"),
        ("path,genre\n..,Rock\n", "leads out of data.path"),
        ("path,genre\na.mp3,Old / New\n", "genre 'Old / New' can't name a folder"),
        ("path,genre\na.mp3,..\n", "genre '..' can't name a folder"),
        ("path,genre,split\na.mp3,Rock,training\n", "split 'training' is not allowed: give train"),
    ],
)
def test_a_mistake_is_told_in_a_line(text: str, named: str, tmp_path: Path) -> None:
    assert named in error_of(tmp_path, text)


def test_names_with_dots_are_no_way_out(tmp_path: Path) -> None:
    names = ["..a/b...mp3", "a../b.mp3"]
    lines = "".join(f"{name},Rock\n" for name in names)
    assert list(load(tmp_path, f"path,genre\n{lines}").genres) == names


def test_accents_may_be_composed_or_not(tmp_path: Path) -> None:
    found = load(tmp_path, "path,genre\nCafe\u0301/1.mp3,Rock\n")
    assert names_in(found, ["Caf\u00e9/1.mp3"]) == {"Caf\u00e9/1.mp3": "Caf\u00e9/1.mp3"}
    assert list(names_in(found, ["Cafe\u0301/1.mp3"])) == ["Cafe\u0301/1.mp3"]


@pytest.mark.parametrize("above", ["", "fma_small/", "music/fma_small/"])
def test_paths_may_begin_below_what_all_files_share(above: str, tmp_path: Path) -> None:
    found = load(tmp_path, "path,genre\n000/1.mp3,Rock\n001/2.mp3,Jazz\n")
    sources = [f"{above}{name}" for name in ("000/1.mp3", "001/2.mp3", "001/3.mp3")]
    names = {sources[0]: "000/1.mp3", sources[1]: "001/2.mp3"}
    assert names_in(found, sources) == names
    # The same for those that could be used, of one folder alone.
    assert names_in(found, sources[1:2]) == {sources[1]: "001/2.mp3"}


def test_nothing_is_found_where_files_share_no_folder(tmp_path: Path) -> None:
    found = load(tmp_path, "path,genre\n000/1.mp3,Rock\n")
    assert names_in(found, ["a/000/1.mp3", "b/000/1.mp3", "c.mp3"]) == {}
    assert names_in(found, []) == {}
