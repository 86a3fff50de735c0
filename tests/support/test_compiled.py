from __future__ import annotations

import subprocess
import sys

import pytest

from detune.support.compiled import COMPILING

LATE = """
import sys
import numpy as np
import detune.explore.features, detune.audio.segments
early = set(sys.modules)
noise = np.random.default_rng(0).normal(scale=0.1, size=70_000).astype(np.float32)
detune.explore.features.track_features(noise)
detune.audio.segments.cut_segments(noise, 1)
print([name for name in sys.modules if name.startswith("librosa") and name not in early])
"""


def test_no_module_that_compiles_is_left_to_worker_processes() -> None:
    """Two of them would compile it at once, and break numba's cache."""
    done = subprocess.run([sys.executable, "-c", LATE], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_one_process_at_a_time_may_compile() -> None:
    other = "from detune.support.compiled import COMPILING; COMPILING.acquire(timeout=0)"
    with COMPILING, pytest.raises(subprocess.CalledProcessError) as caught:
        subprocess.run([sys.executable, "-c", other], capture_output=True, text=True, check=True)
    assert "Timeout" in caught.value.stderr
    subprocess.run([sys.executable, "-c", other], check=True)
