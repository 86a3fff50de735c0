"""TensorFlow as it is installed, without the fast kernels that Detune switches on."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def as_installed(module: str, *arguments: str) -> float:
    """The number that `python -m module` prints last, with oneDNN as this processor has it."""
    environment = {k: v for k, v in os.environ.items() if k != "TF_ENABLE_ONEDNN_OPTS"}
    if not _onednn_by_default():
        environment["TF_ENABLE_ONEDNN_OPTS"] = "0"
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return float(done.stdout.split()[-1])


def _onednn_by_default() -> bool:
    """TensorFlow switches oneDNN on by itself where the processor has AVX-512 VNNI."""
    return "avx512_vnni" in Path("/proc/cpuinfo").read_text(encoding="utf-8")
