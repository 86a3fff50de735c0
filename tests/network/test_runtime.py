from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from detune.network.runtime import keras, quiet_standard_error, tf

SOURCE = Path(__file__).parents[2] / "src"


def test_native_messages_are_discarded_and_later_ones_are_not(
    capfd: pytest.CaptureFixture[str],
) -> None:
    with quiet_standard_error():
        os.write(2, b"native chatter\n")
        os.write(1, b"output\n")
    os.write(2, b"a real error\n")
    captured = capfd.readouterr()
    assert captured.err == "a real error\n"
    assert captured.out == "output\n"


def test_an_exception_passes_and_standard_error_is_back(
    capfd: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(ValueError, match="as ever"), quiet_standard_error():
        raise ValueError("as ever")
    os.write(2, b"heard\n")
    assert capfd.readouterr().err == "heard\n"


def test_no_file_descriptor_is_lost() -> None:
    before = os.dup(2)
    os.close(before)
    with quiet_standard_error():
        pass
    after = os.dup(2)
    os.close(after)
    assert after == before


def test_importing_is_silent_and_takes_no_settings_of_keras_from_users(tmp_path: Path) -> None:
    (tmp_path / ".keras").mkdir()
    other = {"floatx": "float16", "epsilon": 0.1, "image_data_format": "channels_first"}
    settings = tmp_path / ".keras/keras.json"
    settings.write_text(json.dumps(other | {"backend": "jax"}))
    code = (
        "import json, os, detune.network.runtime as r\n"
        "c, names = r.keras.config, ('TF_ENABLE_ONEDNN_OPTS', 'TF_CPP_MIN_LOG_LEVEL')\n"
        "told = [c.backend(), c.floatx(), c.epsilon(), c.image_data_format(), c.max_epochs()]\n"
        "told += [r.keras.layers.Dense(1).compute_dtype, os.environ['KERAS_HOME']]\n"
        "print(json.dumps(told + [os.environ[name] for name in names]))"
    )
    shell = {"KERAS_BACKEND": "torch", "KERAS_MAX_EPOCHS": "1", "TF_ENABLE_ONEDNN_OPTS": "0"}
    shell |= {"KERAS_HOME": str(settings.parent), "HOME": str(tmp_path), "PYTHONPATH": str(SOURCE)}
    kept = {name: v for name, v in os.environ.items() if name != "TF_CPP_MIN_LOG_LEVEL"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=kept | shell, check=True, capture_output=True, text=True
    )
    assert done.stderr == ""
    own = ["tensorflow", "float32", 1e-7, "channels_last", None, "float32"]
    assert json.loads(done.stdout) == [*own, str(settings.parent), "0", "3"]


def test_keras_runs_on_tensorflow_with_repeatable_operations() -> None:
    assert keras.backend.backend() == "tensorflow"
    # With repeatable operations, TensorFlow refuses to draw numbers that no seed decides.
    with pytest.raises(RuntimeError, match=r"[Dd]eterminism"):
        tf.random.Generator.from_non_deterministic_state()
    keras.utils.set_random_seed(1)
    first = tf.random.uniform((3,)).numpy()
    keras.utils.set_random_seed(1)
    assert np.array_equal(tf.random.uniform((3,)).numpy(), first)
