"""Grad-CAM and its kin: which part of a segment speaks for a genre (Selvaraju et al. 2017)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from detune.audio.constants import SHAPE
from detune.gradcam.attention import Attention
from detune.gradcam.cam_methods import CAM_METHODS, ON_INPUT
from detune.gradcam.heatmap_cache import HeatmapCache
from detune.network.batch_norm_folding import fold_batch_norm
from detune.network.chunks import CHUNK, map_chunks
from detune.network.runtime import keras, tf
from detune.support.errors import UserError

LAST = "last"
"""Stands for the last convolution of a model."""

PREDICTED = -1
"""Stands, as a target, for the genre that the network takes the segment for."""


class GradCam:
    """Class activation maps of one model at one layer, compiled, on chunks of one size."""

    def __init__(
        self,
        model: keras.Model,
        layer: str = LAST,
        method: str = "grad-cam",
        *,
        fold: bool = True,
        cache: HeatmapCache | None = None,
    ) -> None:
        """Prepare the graph.

        Args:
            model: from segments `(n, 128, 130, 1)` to logits `(n, genres)`.
            layer: name of the layer whose maps are weighed; methods in `ON_INPUT` weigh the input.
            method: how they are weighed, a key of `CAM_METHODS`.
            fold: compute the maps with batch norm folded; the same up to rounding.
            cache: where heatmaps are looked up before they are computed, and kept.

        Raises:
            UserError: the model has no such layer with maps to weigh.
        """
        name = last_convolution(model) if layer == LAST else layer
        shown = [item.name for item in model.layers[1:] if len(item.output.shape) == 4]
        if name not in shown:
            raise UserError(f"gradcam.layer: {name!r} is not there: choose {', '.join(shown)}")
        # Up to the layer batch norm can be folded; the layer's own maps stay what they are.
        fold_norms = fold_batch_norm if fold else _unchanged
        if method in ON_INPUT:
            self._features, self._head = (
                keras.Model(model.inputs, model.inputs[0]),
                fold_norms(model),
            )
        else:
            maps = model.get_layer(name).output
            self._features = fold_norms(keras.Model(model.inputs, maps))
            self._head = keras.Model(maps, model.output)
        self._weigh = CAM_METHODS[method]
        self._cache = cache
        self._told = f"{name} {method} {fold}"
        self._graphs: dict[int, Any] = {}

    @property
    def grid(self) -> tuple[int, int]:
        """Height and width of a heatmap."""
        height, width = self._features.output.shape[1:3]
        return int(height), int(width)

    def explain(self, segments: np.ndarray, targets: Sequence[int] | np.ndarray) -> Attention:
        """Heatmaps of what speaks for `targets`.

        Args:
            segments: `(n, 128, 130)` float32 in [0, 1].
            targets: `(n,)` label that each heatmap is about, or `PREDICTED`; `(n, k)` where k
                heatmaps of each segment are wanted, which share a pass.
        """
        labels = np.asarray(targets, dtype=np.int32)
        if self._cache is None:
            return self._explained(segments, labels)
        weights = [*self._features.get_weights(), *self._head.get_weights()]
        return self._cache.get_or_compute(
            [self._told, *weights, segments, labels], lambda: self._explained(segments, labels)
        )

    def _explained(self, segments: np.ndarray, labels: np.ndarray) -> Attention:
        """Heatmaps and logits, computed."""
        several = labels if labels.ndim > 1 else labels[:, None]
        heatmaps = np.empty((*several.shape, *self.grid), np.float32)
        logits = np.empty((len(segments), self._head.output.shape[-1]), np.float32)
        at = 0
        graph = self._graph(several.shape[1])
        for part in map_chunks(graph, segments[..., None], several):
            rows = slice(at, at := at + len(part[0]))
            heatmaps[rows], logits[rows] = part
        return Attention(_scaled(heatmaps if labels.ndim > 1 else heatmaps[:, 0]), logits)

    def _graph(self, targets: int) -> Any:
        """What weighs the maps of a chunk for so many targets a segment, compiled once."""
        if targets not in self._graphs:
            chunk = tf.TensorSpec((CHUNK, *SHAPE, 1), tf.float32)
            labels = tf.TensorSpec((CHUNK, targets), tf.int32)
            self._graphs[targets] = tf.function(
                self._weighted_maps, input_signature=[chunk, labels]
            )
        return self._graphs[targets]

    def _weighted_maps(self, x: Any, labels: Any) -> tuple[Any, Any]:
        """Maps weighted and summed; only what speaks for the target."""
        maps = self._features(x, training=False)
        logits = self._head(maps, training=False)
        predicted = tf.argmax(logits, axis=-1, output_type=tf.int32)[:, None]
        weights = self._weigh(self._head, maps, tf.where(labels < 0, predicted, labels))
        # Weights are of a map as a whole, or of each of its places.
        indices = "nkc" if weights.shape.rank == 3 else "nkhwc"
        return tf.nn.relu(tf.einsum(f"{indices},nhwc->nkhw", weights, maps)), logits


def last_convolution(model: keras.Model) -> str:
    """Name of the last convolution of `model`."""
    names = [layer.name for layer in model.layers if isinstance(layer, keras.layers.Conv2D)]
    return str(names[-1])


def _unchanged(model: keras.Model) -> keras.Model:
    """`model`, its batch norms not folded."""
    return model


def _scaled(heatmaps: np.ndarray) -> np.ndarray:
    """Each heatmap divided by its maximum; one that is all zero stays so."""
    peaks = heatmaps.max(axis=(-2, -1), keepdims=True)
    return np.asarray(heatmaps / np.where(peaks > 0, peaks, 1))
