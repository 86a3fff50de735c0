"""The package is installed by a link to src/, which never replaces the code of another copy."""

from __future__ import annotations

import os
import site
import subprocess
import venv
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize(
    "command",
    [
        stage["cmd"]
        for name, stage in yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"].items()
        if name != "write-a-list-in-brackets"
    ],
)
def test_every_stage_runs_the_code_of_its_own_copy(command: str) -> None:
    assert command.startswith("env PYTHONPATH=src python stages/")


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment in which the package is installed as `make setup` does it."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False)
    made = folder / "bin" / "python"
    ask = "import site; print(site.getsitepackages()[0])"
    packages = subprocess.run([made, "-c", ask], capture_output=True, text=True, check=True).stdout
    # What is installed here is there too, without a copy of its 2 GB.
    Path(packages.strip(), "borrowed.pth").write_text("\n".join(site.getsitepackages()))
    flags = ["--quiet", "--no-index", "--no-deps", "--no-build-isolation", "-e", ROOT]
    subprocess.run([made, "-m", "pip", "install", *flags], check=True)
    return made


def told(python: Path, *arguments: str, **environment: str) -> str:
    """What Python prints in the folder above its environment, which is no copy of the project."""
    given = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(
        [python, *arguments],
        cwd=python.parents[2],
        env=given | environment,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()


WHERE = ("-c", "import detune; print(detune.__file__)")


def test_the_installed_package_is_the_source(python: Path) -> None:
    assert told(python, *WHERE) == str(ROOT / "src" / "detune" / "__init__.py")


def test_the_code_of_a_copy_goes_before_the_installed_package(python: Path, tmp_path: Path) -> None:
    own = tmp_path / "src" / "detune" / "__init__.py"
    own.parent.mkdir(parents=True)
    own.touch()
    assert told(python, *WHERE, PYTHONPATH=str(tmp_path / "src")) == str(own)
