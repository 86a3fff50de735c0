from __future__ import annotations

from pathlib import Path

from detune.support.leftovers import remove_outside


def test_only_files_of_cells_outside_the_grid_are_removed(tmp_path: Path) -> None:
    first, second = tmp_path / "attacks", tmp_path / "metrics"
    for folder, suffix in ((first, "npz"), (second, "json")):
        folder.mkdir()
        for name in ("pgd-0.1", "pgd-0.2", "fgsm-0.01", "fgsm-0.001"):
            (folder / f"{name}.{suffix}").touch()
    (first / ".gitignore").touch()
    (first / "pgd-0.2.txt").touch()
    remove_outside(iter([Path("pgd-0.1.npz"), Path("fgsm-0.001.npz")]), first, second)
    assert {path.name for path in first.iterdir()} == {
        *(".gitignore", "pgd-0.2.txt", "pgd-0.1.npz", "fgsm-0.001.npz")
    }
    assert {path.name for path in second.iterdir()} == {"pgd-0.1.json", "fgsm-0.001.json"}
