from __future__ import annotations

from pathlib import Path

from detune.support.empty_folders import remove_empty_folders


def test_folders_without_a_file_are_removed_at_any_depth(tmp_path: Path) -> None:
    attacks = tmp_path / "attacks"
    (attacks / "pgd-8" / "255").mkdir(parents=True)
    (attacks / "kept" / "empty").mkdir(parents=True)
    (attacks / "kept" / "a.npz").touch()
    (tmp_path / "elsewhere").mkdir()
    (attacks / "link").symlink_to(tmp_path / "elsewhere")
    remove_empty_folders(attacks)
    left = {path.relative_to(attacks).as_posix() for path in attacks.rglob("*")}
    assert left == {"kept", "kept/a.npz", "link"}
    assert (tmp_path / "elsewhere").is_dir()


def test_the_folder_itself_stays_or_need_not_be_there(tmp_path: Path) -> None:
    remove_empty_folders(tmp_path)
    remove_empty_folders(tmp_path / "missing")
    assert list(tmp_path.parent.glob(tmp_path.name)) == [tmp_path]
