"""A worker's part, without Dask: it is called as Dask calls it."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cloudpickle
import pytest

from detune.support.cluster import worker
from detune.support.cluster.dispatch import _imports, _open_call
from detune.support.cluster.messages import DONE, LOST, REFUSED, Call
from detune.support.cluster.worker import compute
from tests.support.test_pool import crash_at_each_third


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Call]:
    """A call in a folder of its own, open for the test."""
    monkeypatch.chdir(tmp_path)
    with _open_call(crash_at_each_third, 60.0) as opened:
        yield opened


def test_items_are_computed_in_a_process_that_is_kept(call: Call) -> None:
    answers = [compute(call, cloudpickle.dumps(item)) for item in (0, 2, 1)]
    assert [answer.kind for answer in answers] == [DONE, LOST, DONE]
    assert [pickle.loads(answers[place].content) for place in (0, 2)] == [0, 1]
    assert answers[1].content == "crashes its process (SIGSEGV)"


def test_another_version_of_the_worker_refuses(call: Call) -> None:
    answer = compute(replace(call, protocol="other"), b"")
    assert (answer.kind, answer.content[:11]) == (REFUSED, "was started")


def test_a_worker_that_does_not_see_the_folder_refuses(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "SEEN_SECONDS", 0.0)
    answer = compute(replace(call, file=str(tmp_path / "elsewhere")), b"")
    assert answer.kind == REFUSED
    assert answer.content == f"does not see {tmp_path}, or not the same folder"


def test_the_environments_packages_are_not_sent_along() -> None:
    assert not [path for path in _imports() if "site-packages" in path]
