from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from detune.support.end_with_dvc import end_with_dvc, find_dvc

STAGE = """
import time
from detune.support.end_with_dvc import end_with_dvc
print("watches", end_with_dvc(seconds=0.02), flush=True)
time.sleep(30)
print("outlived it", flush=True)
"""


def test_a_stage_ends_with_its_dvc(tmp_path: Path) -> None:
    script = tmp_path / "dvc"
    start = (
        f"import subprocess, sys\nsubprocess.run(['sh', '-c', '{sys.executable} stage.py; true'])"
    )
    script.write_text(start, encoding="utf-8")
    (tmp_path / "stage.py").write_text(STAGE, encoding="utf-8")
    command = [sys.executable, str(script), "repro"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as dvc:
        assert dvc.stdout
        assert dvc.stdout.readline() == f"watches {dvc.pid}\n"
        os.kill(dvc.pid, signal.SIGKILL)
        assert dvc.stdout.read() == ""


def test_without_a_dvc_nothing_is_watched() -> None:
    code = "from detune.support.end_with_dvc import find_dvc; print(find_dvc(1))"
    lone = [sys.executable, "-c", code]
    assert subprocess.run(lone, capture_output=True, text=True, check=True).stdout == "None\n"
    assert find_dvc(2**30) is None
    assert end_with_dvc() == find_dvc(os.getppid())
