"""The study's network: four blocks of two convolutions, 1,440,618 parameters for ten genres."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from detune.errors import UserError
from detune.files import read_json, replacing, write_json
from detune.preprocess.segments import SHAPE
from detune.runtime import keras

layers = keras.layers

FILTERS = (32, 64, 128, 256)
"""Feature maps of the four blocks."""

UNITS = (512, 256)
"""Units of the two hidden dense layers."""

CHUNK = 4
"""Segments a graph takes at once: with fewer, each costs more; with more, a few idle a core."""

NORM_MOMENTUM = 0.9
"""Share of the running mean kept at each step; with Keras's 0.99 short trainings never arrive."""


def build_model(
    genres: int,
    *,
    spatial_dropout: float,
    dense_dropout: float,
    frames: int | None = SHAPE[1],
    norm: Any = layers.BatchNormalization,
) -> keras.Model:
    """Build the network with fresh weights.

    Args:
        genres: how many genres it tells apart.
        spatial_dropout: share of the feature maps dropped after each block in training.
        dense_dropout: share of the units dropped after each hidden dense layer in training.
        frames: how long its input is; None takes any length, with the same weights.
        norm: the layer that normalises, with the weights of Keras's own.

    Returns:
        A model from segments `(n, 128, frames, 1)` in [0, 1] to logits `(n, genres)`.
    """
    inputs = x = keras.Input((SHAPE[0], frames, 1), name="segment")
    for block, filters in enumerate(FILTERS, start=1):
        for half in "ab":
            name = f"block{block}{half}"
            x = layers.Conv2D(filters, 3, padding="same", name=f"{name}_conv")(x)
            x = norm(momentum=NORM_MOMENTUM, name=f"{name}_norm")(x)
            x = layers.ReLU(name=f"{name}_relu")(x)
        x = layers.MaxPooling2D(2, name=f"block{block}_pool")(x)
        x = layers.SpatialDropout2D(spatial_dropout, name=f"block{block}_dropout")(x)
    x = layers.GlobalAveragePooling2D(name="average")(x)
    for number, units in enumerate(UNITS, start=1):
        name = f"dense{number}"
        x = layers.Dense(units, name=name)(x)
        x = norm(momentum=NORM_MOMENTUM, name=f"{name}_norm")(x)
        x = layers.ReLU(name=f"{name}_relu")(x)
        x = layers.Dropout(dense_dropout, name=f"{name}_dropout")(x)
    return keras.Model(inputs, layers.Dense(genres, name="logits")(x), name="genre_cnn")


def last_convolution(model: keras.Model) -> str:
    """Name of the last convolution of `model`."""
    names = [layer.name for layer in model.layers if isinstance(layer, layers.Conv2D)]
    return str(names[-1])


def trainable_parameters(model: keras.Model) -> int:
    """How many numbers training adjusts."""
    return sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)


def predict_logits(model: keras.Model, segments: np.ndarray, *, batch_size: int = 32) -> np.ndarray:
    """Logits `(n, genres)` float32 of segments `(n, 128, 130)`, as the saved model gives them."""
    return np.asarray(model.predict(segments[..., None], batch_size=batch_size, verbose=0))


def save_model(model: keras.Model, genres: Sequence[str], folder: Path) -> None:
    """Write `cnn.keras` and `labels.json` (genres in order of label) to `folder`.

    The same weights give the same bytes: dates and memory addresses that Keras notes in its
    archive are left out, so that nothing downstream reruns when training arrives at the same
    model.
    """
    with replacing(folder / "cnn.keras") as temporary:
        model.save(temporary)
        temporary.write_bytes(_canonical(temporary.read_bytes()))
    write_json(folder / "labels.json", {"genres": list(genres)})


def load_model(folder: Path) -> tuple[keras.Model, list[str]]:
    """Return the model in `folder` and its genres in order of label.

    Raises:
        UserError: there is no model, or it and the genres do not belong together.
    """
    path, labels = folder / "cnn.keras", folder / "labels.json"
    if not (path.is_file() and labels.is_file()):
        raise UserError(f"{path}: no model there: run `dvc repro train` to make it")
    try:
        model = keras.models.load_model(path, compile=False)
    except (ValueError, OSError, KeyError) as error:
        raise UserError(f"{path}: damaged: run `dvc repro train` to make it anew") from error
    genres = list(read_json(labels)["genres"])
    expected = ((None, *SHAPE, 1), (None, len(genres)))
    if (model.input_shape, model.output_shape) != expected:
        raise UserError(
            f"{path}: maps {model.input_shape} to {model.output_shape}, expected {expected[0]} to "
            f"{expected[1]}: run `dvc repro train` to make it anew"
        )
    return model, genres


def _canonical(archive: bytes) -> bytes:
    """The `.keras` archive `archive` without what differs from run to run: dates, addresses."""
    result = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(archive)) as source,
        zipfile.ZipFile(result, "w") as target,
    ):
        for name in sorted(source.namelist()):
            content = source.read(name)
            if name == "metadata.json":
                metadata: dict[str, Any] = json.loads(content)
                metadata.pop("date_saved", None)
                content = json.dumps(metadata).encode()
            elif name == "config.json":
                content = _renumbered(content.decode()).encode()
            target.writestr(zipfile.ZipInfo(name), content)
    return result.getvalue()


def _renumbered(config: str) -> str:
    """Keras's config with its shared objects numbered in order instead of by memory address."""
    numbers: dict[str, int] = {}
    return re.sub(
        r'("shared_object_id": )(\d+)',
        lambda match: f"{match[1]}{numbers.setdefault(match[2], len(numbers) + 1)}",
        config,
    )
