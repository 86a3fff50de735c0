from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from detune.support.cluster.process import _answer, _load
from detune.support.cluster.surroundings import CODE, surroundings
from detune.support.item_process import Raised
from tests.support.test_pool import fail_at_three, square


def call(folder: Path, **changes: str) -> Path:
    file = folder / "call"
    content = {"surroundings": surroundings() | changes, "function": pickle.dumps(square)}
    file.write_bytes(pickle.dumps(content))
    return file


def test_the_function_of_a_call_is_loaded(tmp_path: Path) -> None:
    assert _load(call(tmp_path))(3) == 9


@pytest.mark.parametrize(
    ("changes", "told"),
    [({"numpy": "0.1"}, r"has numpy .*, not 0\.1"), ({CODE: "x"}, "has another code of this")],
)
def test_what_would_compute_something_else_is_refused(
    tmp_path: Path, changes: dict[str, str], told: str
) -> None:
    with pytest.raises(RuntimeError, match=told):
        _load(call(tmp_path, **changes))


def test_results_and_errors_go_as_bytes() -> None:
    assert pickle.loads(_answer(square, pickle.dumps(4))) == 16
    raised = pickle.loads(_answer(fail_at_three, pickle.dumps(3)))
    assert isinstance(raised, Raised) and str(raised.error) == "item three"
