from __future__ import annotations

from pathlib import Path

import pytest

from detune.support.cell_store import FOLDER, cell_folder, keep_cell, take_cell

CELL = ("pgd", "0.01")


@pytest.fixture(autouse=True)
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The present folder, with a model that cells depend on."""
    monkeypatch.chdir(tmp_path)
    Path("model").mkdir()
    Path("model/weights").write_text("1")
    return tmp_path


def compute(folder: Path) -> str:
    (folder / "data/attacks").mkdir(parents=True)
    (folder / "data/attacks/pgd-0.01.npz").write_text("computed")
    return "pgd-0.01: done"


def test_a_kept_cell_is_taken_once() -> None:
    keep_cell("attack", CELL, ["model"], compute)
    assert not Path("data/attacks").exists()
    assert take_cell("attack", CELL) == "pgd-0.01: done"
    assert Path("data/attacks/pgd-0.01.npz").read_text() == "computed"
    assert take_cell("attack", CELL) is None
    assert [path for path in FOLDER.rglob("*") if path.is_file()] == []


def test_what_is_kept_is_not_computed_again() -> None:
    keep_cell("attack", CELL, ["model"], compute)
    keep_cell("attack", CELL, ["model"], lambda folder: pytest.fail("computed again"))


@pytest.mark.parametrize("change", ["write", "add", "remove"])
def test_of_other_inputs_nothing_is_taken(change: str) -> None:
    keep_cell("attack", CELL, ["model"], compute)
    weights = Path("model/weights")
    if change == "remove":
        weights.unlink()
    else:
        (weights if change == "write" else Path("model/more")).write_text("22")
    assert take_cell("attack", CELL) is None
    assert not Path("data/attacks").exists()


def test_a_cell_that_is_not_whole_is_not_taken() -> None:
    def killed(folder: Path) -> str:
        compute(folder)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        keep_cell("attack", CELL, ["model"], killed)
    assert take_cell("attack", CELL) is None
    assert not Path("data/attacks").exists()


def test_a_damaged_file_is_not_taken() -> None:
    keep_cell("attack", CELL, ["model"], compute)
    (file,) = cell_folder("attack", CELL).rglob("pgd-0.01.npz")
    file.write_text("computeD")
    assert take_cell("attack", CELL) is None
    assert not Path("data/attacks").exists()


@pytest.mark.parametrize("text", ["", "[]", '{"inputs": ["model"]}', '{"inputs": 1}', "\xff"])
def test_a_damaged_entry_is_none(text: str) -> None:
    keep_cell("attack", CELL, ["model"], compute)
    (cell_folder("attack", CELL) / "cell.json").write_bytes(text.encode("latin-1"))
    assert take_cell("attack", CELL) is None


def test_the_name_of_a_cell_leads_to_no_other_folder() -> None:
    assert cell_folder("attack", ("pgd", "8/255")).parent == FOLDER / "attack"
