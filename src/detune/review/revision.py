"""Reads a revision's files as Git and DVC keep them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from dvc.api import DVCFileSystem
from dvc.exceptions import DvcException
from dvc.scm import SCMError

from detune.support.errors import UserError
from detune.support.metrics_file import with_details

WORKSPACE = "workspace"
"""Names the files as they are now, committed or not."""

NO_REMOTE = {"core": {"remote": ""}}
"""Of DVC: a look at results waits for no server, and needs no package for one."""


@dataclass(frozen=True)
class Revision:
    """A state of the project: a commit, branch, tag or DVC experiment, or the files as they are.

    Attributes:
        name: as the user gave it.
        files: where to read it.
    """

    name: str
    files: DVCFileSystem

    def text(self, path: str) -> str:
        """The content of `path`.

        Raises:
            UserError: the revision has no such file.
        """
        try:
            return str(self.files.read_text(path, encoding="utf-8"))
        except (OSError, DvcException, UnicodeDecodeError) as error:
            raise UserError(
                f"{self.name}: no {path} that can be read: run the pipeline there with `dvc repro` "
                "and commit its metrics and plots, or name a revision that has them"
            ) from error

    def npz(self, path: str) -> dict[str, np.ndarray] | None:
        """The arrays of an `.npz` that DVC keeps; None where neither folder nor cache has it."""
        try:
            content = self.files.read_bytes(path)
        except (OSError, DvcException):
            return None
        with np.load(io.BytesIO(content), allow_pickle=False) as archive:
            return dict(archive)

    def has(self, path: str) -> bool:
        """Whether Git or DVC knows such a file of the revision."""
        return bool(self.files.exists(path))

    def rows(self, path: str) -> list[dict[str, str]]:
        """The rows of a CSV, every value as text."""
        return list(csv.DictReader(io.StringIO(self.text(path))))

    def json(self, path: str) -> dict[str, Any]:
        """The content of a JSON file, details of metrics among the other figures.

        Raises:
            UserError: it is missing, or no JSON object.
        """
        try:
            content = json.loads(self.text(path))
        except ValueError as error:
            raise UserError(f"{self.name}: {path} is not JSON: {error}") from error
        if not isinstance(content, dict):
            raise UserError(f"{self.name}: {path} is not a JSON object")
        return with_details(content)

    def yaml(self, path: str) -> dict[str, Any]:
        """The content of a YAML file."""
        return dict(yaml.safe_load(self.text(path)) or {})

    def metrics(self) -> Mapping[str, dict[str, Any]]:
        """The content of each file `metrics/<name>.json`, by name."""
        paths = sorted(str(path) for path in self.files.glob("metrics/*.json"))
        return {path.rsplit("/", 1)[-1].removesuffix(".json"): self.json(path) for path in paths}


def open_revision(name: str, root: str = ".") -> Revision:
    """Open the revision `name`, or `WORKSPACE`, of the repository at `root`.

    Raises:
        UserError: there is no such revision, or no repository.
    """
    if not Path(root, ".dvc").is_dir():
        raise UserError(f"{root}: no DVC repository: run this in the project's folder")
    try:
        files = DVCFileSystem(root, rev=None if name == WORKSPACE else name, config=NO_REMOTE)
        files.ls("")  # a revision is opened when it is first asked
    except SCMError as error:
        raise UserError(
            f"{name}: no such commit, branch, tag or experiment: `git log --oneline` and "
            "`dvc exp list` show what there is"
        ) from error
    except DvcException as error:
        raise UserError(f"{name}: DVC can't read it: {error}: `dvc status` says more") from error
    return Revision(name, files)
