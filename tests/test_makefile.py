from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CPU, GPU = "requirements.lock", "requirements-gpu.lock"
# What a make that runs the tests hands down to the makes that they run.
INHERITED = ("GPU", "MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES")

pytestmark = pytest.mark.skipif(not shutil.which("make"), reason="make is not installed")


def installs(installed: str | None, argument: str, folder: Path) -> str | None:
    """The lock file that `make verdict` would install from, if any, after an earlier one was."""
    for file in (CPU, GPU, "pyproject.toml"):
        (folder / file).touch()
        os.utime(folder / file, (0, 0))
    if installed:
        (folder / ".venv").mkdir()
        (folder / ".venv" / f".installed-{installed}").touch()
    given = {k: v for k, v in os.environ.items() if k not in INHERITED}
    make = ["make", "-n", "-f", str(ROOT / "Makefile"), "PYTHON=python3"]
    command = [*make, "verdict", *argument.split()]
    told = subprocess.run(
        command, cwd=folder, env=given, capture_output=True, text=True, check=True
    ).stdout
    assert "detune.robustness.verdict" in told
    return told.partition(" -r ")[2].split("\n")[0] or None


@pytest.mark.parametrize(
    ("installed", "argument", "lock"),
    [
        (None, "", CPU),
        (None, "GPU=0", CPU),
        (None, "GPU=1", GPU),
        (CPU, "", None),
        (CPU, "GPU=1", GPU),
        (GPU, "", None),
        (GPU, "GPU=1", None),
        (GPU, "GPU=0", CPU),
        (GPU, "GPU=", CPU),
    ],
)
def test_an_environment_stays_until_another_is_asked_for(
    installed: str | None, argument: str, lock: str | None, tmp_path: Path
) -> None:
    assert installs(installed, argument, tmp_path) == lock


def test_the_package_is_installed_after_what_it_needs(tmp_path: Path) -> None:
    for file in (CPU, GPU, "pyproject.toml"):
        (tmp_path / file).touch()
    make = ["make", "-n", "-f", str(ROOT / "Makefile"), "PYTHON=python3", "GPU=0", "setup"]
    told = subprocess.run(make, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    requirements, package = told.index(f"-r {CPU}"), told.index("-e .")
    assert requirements < package
    assert "--no-deps --no-build-isolation -e ." in told  # nothing that the lock file lacks


def test_a_folder_that_is_no_repository_is_told_before_anything_is_installed(
    tmp_path: Path,
) -> None:
    (tmp_path / CPU).touch()
    make = ["make", "-f", str(ROOT / "Makefile"), "PYTHON=false", "GPU=0", "repro"]
    given = {k: v for k, v in os.environ.items() if k not in INHERITED}
    given["GIT_CEILING_DIRECTORIES"] = str(tmp_path.parent)
    done = subprocess.run(
        make, cwd=tmp_path, env=given, capture_output=True, text=True, check=False
    )
    assert done.returncode
    assert done.stdout.startswith("make: no Git repository here")
    assert "git init" in done.stdout
    assert "Setting up" not in done.stdout
    assert not (tmp_path / ".venv").exists()


def test_dvc_begins_only_when_its_inputs_can_be_read() -> None:
    make = ["make", "-n", "-f", str(ROOT / "Makefile"), "PYTHON=python3", "repro"]
    given = {k: v for k, v in os.environ.items() if k not in INHERITED}
    told = subprocess.run(
        make, cwd=ROOT, env=given, capture_output=True, text=True, check=True
    ).stdout
    assert told.splitlines()[-2:] == ["python -m detune.tools.precheck", "dvc repro"]
