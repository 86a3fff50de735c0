"""What is attacked: the trained network behind its defence, and what it says of clean segments."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from detune.attack.defences import defended
from detune.collection.dataset import Split
from detune.network.model_file import load_model, predict_logits
from detune.network.runtime import keras
from detune.network.test_logits import load_test_logits

UNDEFENDED = "none"


def load_attacked(folder: Path, defence: str) -> tuple[keras.Model, list[str]]:
    """The model in `folder` behind a defence, and its genres in order of label.

    Raises:
        UserError: there is no model, or it and the genres do not belong together.
    """
    model, genres = load_model(folder)
    return defended(model, defence), genres


def kept_logits(test: Split, folder: Path, defence: str) -> np.ndarray | None:
    """The logits `(n, genres)` of the test segments that training kept; None behind a defence.

    Raises:
        UserError: there are none, or of another shape.
    """
    if defence != UNDEFENDED:
        return None
    return load_test_logits(folder, len(test.labels), len(test.genres))


def clean_logits(model: keras.Model, test: Split, folder: Path, defence: str) -> np.ndarray:
    """The same, asked of the attacked `model` where training kept none.

    Raises:
        UserError: there are none, or of another shape.
    """
    kept = kept_logits(test, folder, defence)
    return predict_logits(model, test.values) if kept is None else kept
