"""Networks of two genres that listen to one band each, and segments attacked for them."""

from __future__ import annotations

from typing import Any

import numpy as np

from detune.audio.constants import SHAPE
from detune.transfer.sources import Source

LABELS = np.arange(8) % 2
TRACKS = [f"song.{number // 2}" for number in range(8)]


class Listener:
    """Genre 1 where one row of the spectrogram is loud; Keras's `predict` is all that is asked."""

    def __init__(self, row: int) -> None:
        self._row = row

    def predict(self, segments: np.ndarray, **_: Any) -> np.ndarray:
        """Logits `(n, 2)`."""
        level = segments[:, self._row].mean(axis=(1, 2)) - 0.5
        return np.stack([-level, level], axis=1)


def segments(**loud: np.ndarray) -> np.ndarray:
    """Segments whose rows, by `row_<n>`, are loud where asked for."""
    values = np.full((len(LABELS), *SHAPE), 0.45, np.float32)
    for name, where in loud.items():
        values[where.astype(bool), int(name.removeprefix("row_"))] = 0.55
    return values


def source(name: str, row: int, attacked: np.ndarray, learned: tuple[str, ...] = ()) -> Source:
    """A network that listens to `row`, with segments attacked for it."""
    clean = segments(row_1=LABELS, row_2=LABELS)
    genres = ["blues", "metal"]
    return Source(name, Listener(row), genres, frozenset(learned), clean, attacked, LABELS, TRACKS)
