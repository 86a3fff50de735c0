"""A very small copy of the project, for DVC to run."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
RESULTS = ("data", "metrics", "plots")


@dataclass(frozen=True)
class Project:
    """A clone of the project that runs its own code."""

    folder: Path

    def run(self, *command: str, succeed: bool = True) -> str:
        """Run a command in the clone; return what it wrote to both outputs."""
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"} | {"PATH": path}
        result = subprocess.run(
            command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False
        )
        told = result.stdout + result.stderr
        assert (result.returncode == 0) == succeed, told
        return told

    def dvc(self, *arguments: str, succeed: bool = True) -> str:
        """Run DVC in the clone."""
        return self.run(sys.executable, "-m", "dvc", *arguments, succeed=succeed)

    def change(self, file: str, changes: Mapping[str, Any]) -> None:
        """Set dotted keys of a YAML file."""
        path = self.folder / file
        content = yaml.safe_load(path.read_text())
        for dotted, value in changes.items():
            *sections, key = dotted.split(".")
            section = content
            for name in sections:
                section = section[name]
            section[key] = value
        path.write_text(yaml.safe_dump(content))

    def results(self) -> dict[str, str]:
        """Every file of every result, by path, as a hash of its bytes."""
        return {
            path.relative_to(self.folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for name in RESULTS
            for path in sorted((self.folder / name).rglob("*"))
            if path.is_file()
        }


def stages_run(told: str) -> list[str]:
    """The stages that DVC says it ran."""
    return re.findall(r"Running stage '([^']+)'", told)


def clone(folder: Path) -> Project:
    """Copy the project's files, without results, and make everything in it very small."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    kept = ("src/", "stages/", ".dvc/", ".dvcignore", "dvc.yaml", "params.yaml")
    also = {".gitignore", "data/.gitignore", "plots/.gitignore"}
    also |= {"data/embedded.yaml", "data/partition.csv"}
    for name in listed:
        if (name.startswith(kept) or name in also) and (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    project = Project(folder)
    project.change(
        "data/embedded.yaml",
        {"tracks_per_genre": 3, "seconds": 9, "genres": ["blues", "classical", "metal"]},
    )
    project.change(
        "params.yaml",
        {
            "train.epochs": 12,
            "train.learning_rate": 0.003,
            "train.batch_size": 4,
            "attack.epsilons": [0.01, 0.1],
            "attack.examples": 5,
            "attack.pgd.steps": 2,
            "attack.pgd-margin.steps": 2,
            "attack.controls.segments": 6,
            "attack.controls.square_iterations": 10,
            "gradcam.attacked": 3,
            "gradcam.correct_per_genre": 1,
            "ground_truth.segments": 2,
        },
    )
    commit(project, "a very small project")
    return project


def commit(project: Project, message: str) -> None:
    """Commit all changes of the clone."""
    if not (project.folder / ".git").is_dir():
        project.run("git", "init", "-q")
        project.run("git", "config", "user.name", "test")
        project.run("git", "config", "user.email", "test@example.invalid")
    project.run("git", "add", "-A")
    project.run("git", "commit", "-qm", message)
