from __future__ import annotations

from pathlib import Path

import pytest

from detune.support.cell_batch import compute_cells
from detune.support.cell_store import Matrix, take_cell
from detune.support.errors import UserError

A, B, C = ("a", "1"), ("b", "1"), ("c", "1")


class Computer:
    """Computes cells, notes them, and fails where it is told to."""

    def __init__(self, error: Exception | None = None, at: str = "b") -> None:
        self.computed: list[str] = []
        self.error, self.at = error, at

    def __call__(self, name: str, number: str, folder: Path) -> str:
        self.computed.append(name)
        if self.error and name == self.at:
            raise self.error
        (folder / f"{name}-{number}").write_text(name)
        return f"{name} is done"


@pytest.fixture(autouse=True)
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("model").write_text("1")


def matrix(*cells: tuple[str, ...]) -> Matrix:
    return Matrix(cells, frozenset({"model"}))


def test_all_that_are_stale_are_computed_at_once_and_taken_one_by_one() -> None:
    compute = Computer()
    assert compute_cells("attack", B, matrix(A, C), compute) == "b is done"
    assert compute.computed == ["b", "a", "c"]
    assert [name for name in ("a-1", "b-1", "c-1") if Path(name).exists()] == ["b-1"]
    assert [take_cell("attack", cell) for cell in (A, C)] == ["a is done", "c is done"]
    assert Path("c-1").read_text() == "c"


def test_a_cell_alone_writes_in_place() -> None:
    compute = Computer()
    assert compute_cells("attack", B, matrix(), compute) == "b is done"
    assert compute.computed == ["b"]
    assert not Path("data").exists()


def test_a_mistake_in_another_cell_is_left_to_its_own_process() -> None:
    for error in (UserError("no such method"), OSError("disk full")):
        compute = Computer(error, at="a")
        assert compute_cells("attack", B, matrix(A, C), compute) == "b is done"
    with pytest.raises(UserError, match="no such method"):
        compute_cells("attack", A, matrix(B, C), Computer(UserError("no such method"), at="a"))


def test_a_kill_costs_one_cell() -> None:
    with pytest.raises(KeyboardInterrupt):
        compute_cells("attack", A, matrix(B, C), Computer(KeyboardInterrupt(), at="c"))
    compute = Computer()
    assert take_cell("attack", A) == "a is done"
    assert compute_cells("attack", C, matrix(B), compute) == "c is done"
    assert compute.computed == ["c"]
    assert take_cell("attack", B) == "b is done"
