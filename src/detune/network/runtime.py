"""TensorFlow and Keras, set up the same way everywhere: quiet, repeatable, on their fast kernels.

Import both from here. oneDNN's convolutions are off by default on processors without AVX-512, yet
halve the time of a gradient on AVX2; they and the log level must be chosen before the first import.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")


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


with quiet_standard_error():
    import keras
    import tensorflow as tf

    tf.config.experimental.enable_op_determinism()
    # On GPUs float32 is to be float32, so that results compare across machines.
    tf.config.experimental.enable_tensor_float_32_execution(False)
    tf.constant(0)  # the first operation sets up the devices, and talks about it

__all__ = ["keras", "quiet_standard_error", "tf"]


def gpus() -> list[str]:
    """Names of the GPUs that TensorFlow sees."""
    return [device.name for device in tf.config.list_logical_devices("GPU")]
