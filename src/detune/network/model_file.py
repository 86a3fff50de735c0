"""The trained network on disk, and its logits."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from detune.audio.constants import SHAPE
from detune.network.runtime import keras
from detune.support.errors import UserError
from detune.support.files import read_json, replacing, write_json


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
        raise UserError(f"{path}: damaged: run `dvc repro train` to make it again") from error
    genres = list(read_json(labels)["genres"])
    expected = ((None, *SHAPE, 1), (None, len(genres)))
    if (model.input_shape, model.output_shape) != expected:
        raise UserError(
            f"{path}: maps {model.input_shape} to {model.output_shape}, expected {expected[0]} to "
            f"{expected[1]}: run `dvc repro train` to make it again"
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
