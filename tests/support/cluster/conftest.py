from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("distributed", reason="Dask is not installed: run `make setup`")

from tests.dask_cluster import Cluster, dask_cluster


@pytest.fixture(scope="module")
def three_workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with dask_cluster(tmp_path_factory.mktemp("dask"), workers=3) as cluster:
        yield cluster


@pytest.fixture
def cluster(three_workers: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cluster:
    """The cluster, in use, by a stage in a folder of its own."""
    monkeypatch.setenv("DASK_SCHEDULER_ADDRESS", three_workers.address)
    monkeypatch.chdir(tmp_path)
    return three_workers
