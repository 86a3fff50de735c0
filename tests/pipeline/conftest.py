"""The very small project, run once for all tests of this folder."""

from __future__ import annotations

import pytest

from tests.pipeline.clones import Project, clone, commit


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The clone after `dvc repro`, its results committed."""
    made = clone(tmp_path_factory.mktemp("project"))
    made.dvc("repro")
    commit(made, "its results")
    return made
