"""How a stage begins and ends: in the project's environment, and with nothing left behind."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.pipeline.clones import ROOT

OTHER_NAMES = {
    "adversarial-robustness-toolbox": "art",
    "pillow": "PIL",
    "pyyaml": "yaml",
    "scikit-learn": "sklearn",
}

LEAVES_A_FILE = """
import atexit, pathlib, sys
sys.path[:0] = ["stages", "src"]
sys.argv = ["stages/draw.py"]
from harness import leave
atexit.register(pathlib.Path(sys.orig_argv[-1]).unlink)
leave()
"""


def test_another_python_is_told_in_a_line() -> None:
    for stage in ("validate", "train"):
        command = [sys.executable, "-S", f"stages/{stage}.py"]
        environment = os.environ | {"PYTHONPATH": "src"}
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 1
        (line,) = done.stderr.splitlines()
        assert line.startswith(f"{stage}: error: {sys.executable} has no art, so it is not the")
        assert "`make setup`" in line


@pytest.mark.parametrize("moment", ["import numpy", "harness.run(lambda params: INTERRUPT)"])
def test_an_interrupt_is_a_line_also_while_libraries_are_imported(moment: str) -> None:
    interrupt = "os.kill(os.getpid(), signal.SIGINT)"
    code = (
        "import os, signal, sys\nsys.path[:0] = ['stages', 'src']\n"
        "sys.argv = ['stages/train.py']\nimport harness\n"
        f"{moment.replace('INTERRUPT', interrupt)}\n{interrupt}"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (1, "train: interrupted\n")


IMPORTS = """
import sys, time
sys.path[:0] = ["stages", "src"]
sys.argv = ["stages/train.py"]
import harness
print("imports", flush=True)
time.sleep(30)
print("outlived it", flush=True)
"""


def test_a_stage_ends_with_its_dvc_also_while_it_imports(tmp_path: Path) -> None:
    script = tmp_path / "dvc"
    script.write_text(
        f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {IMPORTS!r}])"
    )
    command = [sys.executable, str(script), "repro"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as started:
        assert started.stdout
        assert started.stdout.readline() == "imports\n"
        started.kill()
        assert started.stdout.read() == ""


def test_every_package_is_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "stages"))
    from harness import PACKAGES  # noqa: PLC0415

    text = (ROOT / "pyproject.toml").read_text()
    listed = re.findall(r'^  "([\w.-]+)', text.partition("dependencies = [")[2], re.MULTILINE)
    needed = [*listed[: listed.index("tensorflow-cpu")], "tensorflow"]
    assert set(PACKAGES) == {OTHER_NAMES.get(name, name) for name in needed}


def test_what_libraries_remove_at_the_end_is_removed(tmp_path: Path) -> None:
    path = tmp_path / "__autograph_generated_file.py"
    path.touch()
    subprocess.run([sys.executable, "-c", LEAVES_A_FILE, str(path)], cwd=ROOT, check=True)
    assert not path.exists()
