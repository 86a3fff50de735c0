"""The model as ART sees it: logits and input gradients as compiled graphs on small chunks."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from detune.attack.art_imports import TensorFlowV2Classifier, check_and_transform_label_format
from detune.network.batch_norm_folding import fold_batch_norm
from detune.network.chunks import CHUNK, map_chunks
from detune.network.precision import chosen_precision
from detune.network.runtime import keras, tf

ROUNDING = {"float32": 1e-4, "bfloat16": 0.1}
"""By how much a margin of the folded copy may differ from that of the model as saved."""

USUAL_LOGIT = 20.0
"""Logits up to this size are rounded so finely; larger ones in proportion."""


def as_it_is(model: keras.Model) -> keras.Model:
    """Nothing before `model`: it takes segments."""
    return model


class CompiledClassifier(TensorFlowV2Classifier):
    """ART's TensorFlow classifier with compiled graphs in place of eager ones.

    A drop-in for `TensorFlowV2Classifier`: any ART attack takes it. Work goes through in chunks
    of one size, the last one padded, so that each graph is traced once and memory does not grow
    with the number of segments. Gradients come from the model with batch norm folded, predictions
    from the model as it is.

    Attributes:
        precision: what gradients are computed in, float32 or bfloat16.
        rounding: by how much margins of `logits_and_gradient` may differ from the saved model's.
        gradients: how many segment gradients have been computed.
        useless_gradients: how many of them were all zero or not finite.
    """

    def __init__(
        self,
        model: keras.Model,
        *,
        loss: str = "cross-entropy",
        precision: str = "float32",
        front: Callable[[keras.Model], keras.Model] = as_it_is,
        clip_values: tuple[float, float] = (0.0, 1.0),
    ) -> None:
        """Wrap a model.

        Args:
            model: from segments `(n, 128, 130, 1)` to logits `(n, genres)`.
            loss: what `loss_gradient` climbs, a key of `LOSSES`.
            precision: what gradients are computed in: float32, bfloat16, or auto, the faster one.
            front: puts before a model what makes segments of another input, which is attacked then.
            clip_values: between what values the input is.
        """
        whole = front(model)
        super().__init__(
            model=whole,
            nb_classes=int(model.output_shape[-1]),
            input_shape=tuple(whole.input_shape[1:]),
            loss_object=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            clip_values=clip_values,
        )
        self.precision = chosen_precision(precision)
        self.rounding = ROUNDING[self.precision]
        self._loss = LOSSES[loss]
        self._folded = front(fold_batch_norm(model, self.precision))
        self.reset_counts()
        chunk = tf.TensorSpec((CHUNK, *self.input_shape), tf.float32)
        labels = tf.TensorSpec((CHUNK,), tf.int32)
        self._logits = tf.function(self._logits_graph, input_signature=[chunk])
        self._gradient = tf.function(
            partial(self._gradient_graph, self._loss), input_signature=[chunk, labels]
        )
        self._class_gradient = tf.function(
            partial(self._gradient_graph, _chosen_logit), input_signature=[chunk, labels]
        )

    def predict(
        self, x: np.ndarray, batch_size: int = CHUNK, training_mode: bool = False, **kwargs: Any
    ) -> np.ndarray:
        """Logits `(n, genres)` of segments `(n, 128, 130, 1)`; `batch_size` is ignored."""
        if training_mode:
            return np.asarray(super().predict(x, batch_size, training_mode=True, **kwargs))
        if not len(x):
            return np.empty((0, self.nb_classes), np.float32)
        parts = map_chunks(lambda chunk: (self._logits(chunk),), x)
        return np.concatenate([part[0] for part in parts])

    def compute_loss(self, x: Any, y: Any, reduction: str = "none", **kwargs: Any) -> np.ndarray:
        """The loss of the model as saved, that `loss_gradient` climbs.

        Args:
            x: segments `(n, 128, 130, 1)`.
            y: labels `(n,)`, or one-hot `(n, genres)`.
            reduction: `none` for one a segment `(n,)`, `mean` or `sum` over them.
            **kwargs: ignored.
        """
        one_hot = check_and_transform_label_format(np.asarray(y), self.nb_classes)
        logits = tf.constant(self.predict(np.asarray(x, np.float32)))
        losses = np.asarray(self._loss(one_hot.argmax(axis=1), logits))
        return np.asarray({"none": losses, "mean": losses.mean(), "sum": losses.sum()}[reduction])

    def loss_gradient(self, x: Any, y: Any, training_mode: bool = False, **kwargs: Any) -> Any:
        """Gradient of the loss by the input, of the shape and kind (array, tensor) of `x`.

        Args:
            x: segments `(n, 128, 130, 1)`.
            y: labels `(n,)`, or one-hot `(n, genres)`.
            training_mode: compute it as in training, with ART's own slow path.
            **kwargs: passed on to that path.
        """
        if training_mode:
            return super().loss_gradient(x, y, training_mode=True, **kwargs)
        one_hot = check_and_transform_label_format(np.asarray(y), self.nb_classes)
        _, gradient = self.logits_and_gradient(np.asarray(x), one_hot.argmax(axis=1))
        return tf.constant(gradient) if tf.is_tensor(x) else gradient

    def class_gradient(
        self, x: np.ndarray, label: Any = None, training_mode: bool = False, **kwargs: Any
    ) -> np.ndarray:
        """Gradients of logits by the input.

        Args:
            x: segments `(n, 128, 130, 1)`.
            label: a genre, one a segment `(n,)`, or None for each of them.
            training_mode: compute them as in training, with ART's own slow path.
            **kwargs: passed on to that path.

        Returns:
            `(n, k, 128, 130, 1)`, where k is the number of genres, or 1 where `label` is given.
        """
        if training_mode:
            return np.asarray(super().class_gradient(x, label, training_mode=True, **kwargs))
        wanted = range(self.nb_classes) if label is None else [label]
        gradients = []
        for genre in wanted:
            chosen = np.broadcast_to(np.asarray(genre, dtype=np.int32), (len(x),))
            parts = map_chunks(self._class_gradient, np.asarray(x, np.float32), chosen)
            gradients.append(np.concatenate([part[1] for part in parts]))
        return np.stack(gradients, axis=1)

    def logits_and_gradient(
        self, x: np.ndarray, labels: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Logits `(n, genres)` and loss gradients `(n, 128, 130, 1)`, from one pass.

        Args:
            x: segments `(n, 128, 130, 1)`, n at least 1.
            labels: true labels `(n,)`.
        """
        parts = list(map_chunks(self._gradient, x, labels.astype(np.int32)))
        gradient = np.concatenate([part[1] for part in parts])
        self._count(gradient)
        return np.concatenate([part[0] for part in parts]), gradient

    def gradient_model_logits(self, x: np.ndarray) -> np.ndarray:
        """Logits `(n, genres)` of segments `(n, 128, 130, 1)` by the model gradients come from."""
        if not len(x):
            return np.empty((0, self.nb_classes), np.float32)
        parts = map_chunks(self._gradient, x, np.zeros(len(x), np.int32))
        return np.concatenate([part[0] for part in parts])

    def unsure(self, margins: np.ndarray, scale: float = 1.0) -> np.ndarray:
        """Which margins `(n,)` of `logits_and_gradient` leave open who is fooled: ask `predict`.

        In float32 those whose sign rounding may change; in bfloat16 also all that seem lost.

        Args:
            margins: as `logits_and_gradient` gives them.
            scale: size of the largest logit; large ones are rounded more coarsely.
        """
        rounding = self.rounding * max(1.0, scale / USUAL_LOGIT)
        if self.precision == "float32":
            return np.asarray(np.abs(margins) <= rounding)
        return np.asarray(~(margins > rounding))

    def reset_counts(self) -> None:
        """Count gradients from zero again."""
        self.gradients = self.useless_gradients = 0

    def _count(self, gradient: np.ndarray) -> None:
        """Keep book of gradients that lead nowhere: robustness they seem to prove is none."""
        flat = gradient.reshape(len(gradient), -1)
        useless = ~flat.any(axis=1) | ~np.isfinite(flat).all(axis=1)
        self.gradients += len(flat)
        self.useless_gradients += int(useless.sum())

    def _logits_graph(self, x: Any) -> Any:
        return self.model(x, training=False)

    def _gradient_graph(self, loss: Callable[[Any, Any], Any], x: Any, labels: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(x)
            logits = tf.cast(self._folded(x, training=False), tf.float32)
            losses = loss(labels, logits)
        # Where nothing connects them, as behind a rounding, the gradient is zero, and counted so.
        return logits, tape.gradient(losses, x, unconnected_gradients=tf.UnconnectedGradients.ZERO)


def _chosen_logit(labels: Any, logits: Any) -> Any:
    return tf.gather(logits, labels, batch_dims=1)


def _margin(labels: Any, logits: Any) -> Any:
    """By how much the best other genre leads the true one (Carlini & Wagner 2017, f6).

    Unlike cross-entropy it does not fade where the model is sure: a saturated softmax has no
    gradient left to follow.
    """
    truth = tf.one_hot(labels, logits.shape[-1], on_value=True, off_value=False)
    others = tf.where(truth, tf.constant(-np.inf, logits.dtype), logits)
    return tf.reduce_max(others, axis=-1) - _chosen_logit(labels, logits)


LOSSES: dict[str, Callable[[Any, Any], Any]] = {
    "cross-entropy": tf.nn.sparse_softmax_cross_entropy_with_logits,
    "margin": _margin,
}
"""What an attack climbs: functions from labels `(n,)` and logits `(n, genres)` to `(n,)`."""
