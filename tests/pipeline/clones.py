"""A very small copy of the project, for DVC to run."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import runpy
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import reduce
from importlib import import_module
from itertools import product
from operator import getitem
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
RESULTS = ("data", "metrics", "plots")
FILTERS = (8, 16, 32, 64)
"""A network of the usual layers, with a quarter of the feature maps."""


ALL_IN_ONE = """
import json, runpy, sys
sys.path[:0] = ["src", "stages"]
import harness
harness.leave = sys.exit
commands = json.loads(sys.argv[1])
for name, *arguments in commands:
    sys.argv[:] = [f"stages/{name}.py", *arguments]
    try:
        runpy.run_path(sys.argv[0], run_name="__main__")
    except SystemExit as ended:
        if ended.code:
            raise
"""


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

    def stage(self, name: str, *arguments: str) -> str:
        """Run a stage's script in this process, without DVC; return its closing or error line."""
        script, printed = f"stages/{name}.py", io.StringIO()
        # Streams of its own: libraries wrap those that they find, and close them.
        streams = redirect_stdout(printed), redirect_stderr(io.StringIO())
        with pytest.MonkeyPatch.context() as patch, streams[0], streams[1]:
            patch.chdir(self.folder)
            patch.setattr(sys, "argv", [script, *arguments])
            patch.syspath_prepend(str(self.folder / "stages"))
            patch.setattr(import_module("harness"), "leave", sys.exit)
            with pytest.raises(SystemExit) as ended:
                runpy.run_path(script, run_name="__main__")
        return str(ended.value.code or printed.getvalue().strip())

    def reproduce(self) -> None:
        """Run every stage, in the order of `dvc.yaml`, without DVC and all in one new process."""
        self.run(sys.executable, "-c", ALL_IN_ONE, json.dumps(list(self._commands())))

    def _commands(self) -> Iterator[tuple[str, ...]]:
        params = yaml.safe_load((self.folder / "params.yaml").read_text())
        for name, stage in yaml.safe_load((self.folder / "dvc.yaml").read_text())["stages"].items():
            for entry in stage.get("outs", []) + stage.get("metrics", []):
                path = next(iter(entry)) if isinstance(entry, dict) else entry
                (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
            axes = [values_of(axis, params) for axis in stage.get("matrix", {}).values()]
            for arguments in product(*axes):
                yield name, *map(str, arguments)

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


def values_of(axis: str | list[str], params: Any) -> Any:
    """The values of an axis of a matrix, or of the parameter it names, as `${attack.methods}`."""
    if isinstance(axis, list):
        return axis
    return reduce(getitem, axis.removeprefix("${").removesuffix("}").split("."), params)


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
    also |= {"data/embedded.yaml", "data/labels.csv", "data/partition.csv"}
    for name in listed:
        if (name.startswith(kept) or name in also) and (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    project = Project(folder)
    network = folder / "src/detune/train/network.py"
    code = network.read_text()
    network.write_text(re.sub(r"^FILTERS = .*$", f"FILTERS = {FILTERS}", code, flags=re.MULTILINE))
    project.change(
        "data/embedded.yaml",
        {"tracks_per_genre": 3, "seconds": 9, "genres": ["blues", "classical", "metal"]},
    )
    project.change(
        "params.yaml",
        {
            "train.epochs": 3,
            "train.learning_rate": 0.003,
            "train.batch_size": 4,
            "attack.epsilons": [0.01, 0.1],
            "attack.examples": 5,
            "attack.pgd.steps": 2,
            "attack.pgd-margin.steps": 2,
            "attack.controls.segments": 3,
            "attack.controls.square_iterations": 3,
            "gradcam.attacked": 2,
            "gradcam.correct_per_genre": 1,
            "gradcam.failures": 1,
            "ground_truth.segments": 2,
            "attack.waveform.levels": [20, "masked"],
            "attack.waveform.segments": 3,
            "attack.waveform.steps": 2,
            "listen.steps": 1,
            "listen.sounds": 1,
            "corruptions.kinds": ["gain", "tempo"],
            "corruptions.gain": [-20, -60],
            "corruptions.tempo": [10],
            "corruptions.segments": 3,
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
