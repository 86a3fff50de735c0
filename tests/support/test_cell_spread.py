"""One process a cell: here this machine's, on a cluster its workers'."""

from __future__ import annotations

import faulthandler
import os
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from detune.support.cell_batch import Compute
from detune.support.cell_spread import LIMIT, spread_cells
from detune.support.cell_store import Matrix, take_cell
from detune.support.errors import UserError

A, B, C = ("a", "1"), ("b", "1"), ("c", "1")


def nothing() -> None:
    pass


def mistake() -> None:
    raise UserError("no such method")


def full() -> None:
    raise OSError("disk full")


def hang() -> None:
    time.sleep(600)


def crash() -> None:
    faulthandler.disable()
    os.abort()


def write(harm: Callable[[], Any], name: str, number: str, folder: Path) -> str:
    """A cell that does harm, if it is b."""
    if name == "b":
        harm()
    (folder / f"{name}-{number}").write_text(str(os.getpid()))
    return f"{name} is done"


def ready(harm: Callable[[], Any]) -> Compute:
    """Prepare, which is noted."""
    with Path("log").open("a") as stream:
        stream.write(f"{os.getpid()}\n")
    return partial(write, harm)


def spread(*cells: tuple[str, ...], harm: Callable[[], Any] = nothing) -> str:
    own, *others = cells
    matrix = Matrix(tuple(others), frozenset({"model"}))
    return spread_cells("attack", own, matrix, partial(ready, harm))


@pytest.fixture(autouse=True)
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("model").write_text("1")


def test_others_compute_the_cells_and_prepare_once_a_process() -> None:
    assert spread(B, A, C) == "b is done"
    assert [name for name in ("a-1", "b-1", "c-1") if Path(name).exists()] == ["b-1"]
    assert [take_cell("attack", cell) for cell in (A, C)] == ["a is done", "c is done"]
    computed = {int(Path(f"{name}-1").read_text()) for name in "abc"}
    prepared = list(map(int, Path("log").read_text().split()))
    assert sorted(computed) == sorted(prepared)
    assert os.getpid() not in computed


@pytest.mark.parametrize("harm", [mistake, full, crash])
def test_what_is_wrong_with_another_cell_is_left_to_its_own_process(
    harm: Callable[[], Any],
) -> None:
    assert spread(A, B, harm=harm) == "a is done"
    assert take_cell("attack", B) is None


def test_what_is_wrong_with_the_cell_asked_for_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UserError, match="no such method"):
        spread(B, A, harm=mistake)
    with pytest.raises(UserError, match=r"^b-1: twice, this cell crashes its process \(SIGABRT\)"):
        spread(B, A, harm=crash)
    monkeypatch.setenv(LIMIT, "0.005")
    with pytest.raises(UserError, match=rf"^b-1: .* takes more than 0.3 s: .* {LIMIT}"):
        spread(B, A, harm=hang)


@pytest.mark.parametrize("limit", ["", "long", "-1", "nan"])
def test_a_limit_that_is_no_number_is_a_line(limit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(LIMIT, limit)
    with pytest.raises(UserError, match=rf"^{LIMIT}: '{limit}' is no number of minutes"):
        spread(A, B)
