"""Grad-CAM: which part of a segment speaks for a genre (Selvaraju et al. 2017)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from detune.errors import UserError
from detune.model import CHUNK, last_convolution
from detune.progress import progress
from detune.runtime import keras, tf


@dataclass(frozen=True)
class Attention:
    """What the network attends to in n segments.

    Attributes:
        heatmaps: `(n, height, width)` float32 in [0, 1] on the convolution's own grid, each with
            a maximum of 1 unless it is all zero.
        logits: `(n, genres)` of the same segments.
    """

    heatmaps: np.ndarray
    logits: np.ndarray


class GradCam:
    """Grad-CAM of one model at one convolution, compiled, on chunks of one size."""

    def __init__(self, model: keras.Model, layer: str | None = None) -> None:
        """Prepare the graph.

        Args:
            model: from segments `(n, 128, 130, 1)` to logits `(n, genres)`.
            layer: name of the convolution; the last one if left out.

        Raises:
            UserError: the model has no such layer with maps to weigh.
        """
        name = layer or last_convolution(model)
        shown = [item.name for item in model.layers[1:] if len(item.output.shape) == 4]
        if name not in shown:
            raise UserError(f"Grad-CAM layer {name!r} is not there: choose {', '.join(shown)}")
        features = model.get_layer(name).output
        self._model = keras.Model(model.inputs, [features, model.output])
        self._graph = tf.function(self._weighted_maps, reduce_retracing=True)

    def explain(self, segments: np.ndarray, targets: Sequence[int] | np.ndarray) -> Attention:
        """Heatmaps of what speaks for `targets`.

        Args:
            segments: `(n, 128, 130)` float32 in [0, 1].
            targets: `(n,)` label that each heatmap is about.
        """
        labels = np.asarray(targets, dtype=np.int32)
        if not len(labels):
            grid, genres = (output.shape[1:] for output in self._model.outputs)
            return Attention(
                np.empty((0, *grid[:2]), np.float32), np.empty((0, *genres), np.float32)
            )
        starts = range(0, len(segments), CHUNK)
        parts = [
            self._graph(segments[at : at + CHUNK, ..., None], labels[at : at + CHUNK])
            for at in progress(starts, label="heatmaps", unit="chunks", total=len(starts))
        ]
        heatmaps = np.concatenate([part[0].numpy() for part in parts])
        return Attention(_scaled(heatmaps), np.concatenate([part[1].numpy() for part in parts]))

    def _weighted_maps(self, x: Any, labels: Any) -> Any:
        """Maps weighted by the mean gradient of the target logit; only what speaks for it."""
        with tf.GradientTape() as tape:
            maps, logits = self._model(x, training=False)
            target = tf.gather(logits, labels, batch_dims=1)
        weights = tf.reduce_mean(tape.gradient(target, maps), axis=(1, 2), keepdims=True)
        return tf.nn.relu(tf.reduce_sum(weights * maps, axis=-1)), logits


def _scaled(heatmaps: np.ndarray) -> np.ndarray:
    """Each heatmap divided by its maximum; one that is all zero stays so."""
    peaks = heatmaps.max(axis=(1, 2), keepdims=True)
    return np.asarray(heatmaps / np.where(peaks > 0, peaks, 1))


def choose_correct(logits: np.ndarray, labels: np.ndarray, per_genre: int) -> np.ndarray:
    """Rows of the correctly classified segments to show: the surest of each genre.

    Args:
        logits: `(n, genres)`.
        labels: true labels `(n,)`.
        per_genre: how many rows a genre, or all where there are fewer.

    Returns:
        Rows, by genre, the surest first.
    """
    margins = _margins(logits, labels)
    rows: list[int] = []
    for label in range(logits.shape[1]):
        right = np.flatnonzero((labels == label) & (margins > 0))
        rows += list(right[np.argsort(-margins[right], kind="stable")][:per_genre])
    return np.asarray(rows, dtype=np.int64)


def choose_failures(logits: np.ndarray, labels: np.ndarray, count: int) -> np.ndarray:
    """Rows of the wrongly classified segments to show: the most wrong, surest first."""
    margins = _margins(logits, labels)
    wrong = np.flatnonzero(margins < 0)
    return wrong[np.argsort(margins[wrong], kind="stable")][:count]


def _margins(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """True logit minus the best other one, `(n,)`: positive where the prediction is right."""
    own = logits[np.arange(len(labels)), labels]
    others = logits.copy()
    others[np.arange(len(labels)), labels] = -np.inf
    return np.asarray(own - others.max(axis=1))
