"""TensorFlow and Keras, set up the same way everywhere: quiet, repeatable, on their fast kernels.

Import both from here. oneDNN's convolutions are off by default on processors without AVX-512, yet
halve the time of a gradient on AVX2; they and the log level must be chosen before the first import.
So must Keras's settings be: those of `~/.keras/keras.json` and of the shell would train another
network.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from detune.support.errors import UserError

os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["KERAS_BACKEND"] = "tensorflow"

SETTINGS_OF_USERS = ("KERAS_HOME", "KERAS_MAX_EPOCHS", "KERAS_MAX_STEPS_PER_EPOCH")
"""Variables which would give Keras other settings."""


@contextmanager
def quiet_standard_error() -> Iterator[None]:
    """Discard what native code writes to standard error; exceptions pass as ever."""
    sys.stderr.flush()
    kept, sink = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(sink, 2)
        yield
    finally:
        sys.stderr.flush()
        os.dup2(kept, 2)
        os.close(kept)
        os.close(sink)


@contextmanager
def without_settings_of_users() -> Iterator[None]:
    """Hide what a user has set for Keras, also in `~/.keras`, where datasets may be."""
    kept = {name: os.environ.pop(name) for name in SETTINGS_OF_USERS if name in os.environ}
    os.environ["KERAS_HOME"] = os.devnull  # nothing can be read or written below it
    try:
        yield
    finally:
        del os.environ["KERAS_HOME"]
        os.environ.update(kept)


with quiet_standard_error():
    with without_settings_of_users():
        import keras
    import tensorflow as tf

    # Again, for a notebook that has imported Keras before.
    keras.config.set_floatx("float32")
    keras.config.set_epsilon(1e-7)
    keras.config.set_image_data_format("channels_last")
    tf.config.experimental.enable_op_determinism()
    # On GPUs float32 is to be float32, so that results compare across machines.
    tf.config.experimental.enable_tensor_float_32_execution(False)
    if not os.environ.get("TF_CONFIG"):  # machines must meet before the first operation
        tf.constant(0)  # it sets up the devices, and talks about it

if keras.config.backend() != "tensorflow":
    raise UserError(f"Keras runs on {keras.config.backend()}: import detune before keras")

__all__ = ["keras", "quiet_standard_error", "tf"]


def gpus() -> list[str]:
    """Names of the GPUs that TensorFlow sees."""
    names = [device.name for device in tf.config.list_logical_devices("GPU")]
    return [name[name.find("/device:") :] for name in names]  # without the machine's number
