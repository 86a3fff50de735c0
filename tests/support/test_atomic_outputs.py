from __future__ import annotations

import os
from pathlib import Path

import pytest

from detune.support.atomic_outputs import atomic_outputs


def make(folder: Path) -> tuple[Path, Path]:
    """A folder of results and a table, as an earlier run left them."""
    tracks, table = folder / "tracks", folder / "tracks.csv"
    (tracks / "dub").mkdir(parents=True)
    (tracks / "dub/old.flac").write_text("old")
    table.write_text("old")
    return tracks, table


def everything(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_all_are_replaced_and_nothing_of_the_earlier_is_left(tmp_path: Path) -> None:
    with atomic_outputs(*make(tmp_path)) as (folder, table):
        (folder / "ska").mkdir(parents=True)
        (folder / "ska/new.flac").write_text("new")
        table.write_text("new")
    assert everything(tmp_path) == {"tracks/ska/new.flac": "new", "tracks.csv": "new"}
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize("error", [ValueError("refused"), KeyboardInterrupt()])
def test_a_failure_leaves_every_earlier_output(tmp_path: Path, error: BaseException) -> None:
    outputs = make(tmp_path)
    before = everything(tmp_path)
    with pytest.raises(type(error)), atomic_outputs(*outputs) as (folder, table):
        folder.mkdir()
        (folder / "half.flac").write_text("half")
        table.write_text("half")
        raise error
    assert everything(tmp_path) == before


def test_what_a_killed_run_left_is_not_taken_for_new(tmp_path: Path) -> None:
    outputs = make(tmp_path)
    (tmp_path / ".tracks.writing.folder").mkdir()
    (tmp_path / ".tracks.writing.folder/half.flac").write_text("half")
    with atomic_outputs(*outputs) as (folder, table):
        assert not folder.exists()
        folder.mkdir()
        table.write_text("new")
    assert everything(tmp_path) == {"tracks.csv": "new"}


@pytest.mark.parametrize("link", [os.symlink, os.link])
def test_nothing_is_written_through_a_link_into_a_cache(tmp_path: Path, link: object) -> None:
    cached = tmp_path / "cache"
    cached.write_text("old")
    path = tmp_path / "tracks.csv"
    assert callable(link)
    link(cached, path)
    with atomic_outputs(path) as (made,):
        made.write_text("new")
    assert (path.read_text(), cached.read_text()) == ("new", "old")
    assert not path.is_symlink()


def test_a_link_to_a_folder_is_replaced_and_its_folder_stays(tmp_path: Path) -> None:
    tracks, _ = make(tmp_path / "elsewhere")
    path = tmp_path / "tracks"
    path.symlink_to(tracks)
    with atomic_outputs(path) as (made,):
        made.mkdir()
    assert not list(path.iterdir())
    assert (tracks / "dub/old.flac").is_file()


def test_an_error_names_the_output_not_its_temporary_name(tmp_path: Path) -> None:
    tracks, table = make(tmp_path)
    with pytest.raises(OSError, match="No space") as raised, atomic_outputs(tracks, table) as t:
        raise OSError(28, "No space left on device", str(t[0] / "dub/new.flac"))
    assert raised.value.filename == str(tracks / "dub/new.flac")
    with pytest.raises(OSError, match="No space") as raised, atomic_outputs(tracks):
        raise OSError(28, "No space left on device")
    assert raised.value.filename is None


def test_an_exchange_that_fails_in_the_middle_puts_everything_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outputs = make(tmp_path)
    before = everything(tmp_path)
    rename = Path.rename

    def failing(self: Path, target: Path) -> Path:
        if self.name == ".tracks.writing.csv":
            raise OSError(28, "No space left on device", str(self))
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(OSError, match=r"tracks\.csv"), atomic_outputs(*outputs) as made:
        made[0].mkdir()
        made[1].write_text("new")
    assert everything(tmp_path) == before
    assert not list(tmp_path.glob(".*"))
