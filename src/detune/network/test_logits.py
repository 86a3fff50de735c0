"""What the saved model says of the clean test segments: asked once, read by every attack."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from detune.support.errors import UserError
from detune.support.files import replacing

NAME = "test_logits.npy"

TOLERANCE = 1e-3
"""By how much a logit may differ when it is asked again in other company."""


def save_test_logits(logits: np.ndarray, folder: Path) -> None:
    """Write the logits `(n, genres)` of the test segments beside the model in `folder`."""
    with replacing(folder / NAME) as temporary:
        np.save(temporary, logits)


def load_test_logits(folder: Path, segments: int, genres: int) -> np.ndarray:
    """Return the logits `(segments, genres)` float32 that lie beside the model in `folder`.

    Raises:
        UserError: there are none, or of another shape.
    """
    path, expected = folder / NAME, (segments, genres)
    if not path.is_file():
        raise UserError(f"{path}: not there: run `dvc repro train` to make it")
    logits = np.load(path, allow_pickle=False)
    if logits.shape != expected:
        raise UserError(
            f"{path}: shape {logits.shape}, expected {expected}: run `dvc repro train` to make it "
            "anew"
        )
    return np.asarray(logits)


def require_agreement(kept: np.ndarray, asked: np.ndarray) -> None:
    """Make sure that logits `(n, genres)` that were `kept` are those of the model just `asked`.

    Raises:
        UserError: they differ, as when another model was put in place.
    """
    if not np.allclose(kept, asked, rtol=0, atol=TOLERANCE, equal_nan=True):
        raise UserError(
            f"{NAME}: cnn.keras answers otherwise than when it was tested: it was replaced, or is "
            "never the same twice: run `dvc repro train` to make both again"
        )
