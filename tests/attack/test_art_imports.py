from __future__ import annotations

import subprocess
import sys


def test_importing_is_silent_and_sets_tensorflow_up_first() -> None:
    code = (
        "import detune.attack.art_imports as t, os; print(t.TensorFlowV2Classifier.__name__, "
        "os.environ['TF_CPP_MIN_LOG_LEVEL'])"
    )
    command = [sys.executable, "-W", "default", "-c", code]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert done.stdout == "TensorFlowV2Classifier 3\n"
    assert done.stderr == ""
