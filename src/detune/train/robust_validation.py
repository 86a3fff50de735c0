"""How much of the validation segments a short attack leaves correct."""

from __future__ import annotations

from typing import Any

import numpy as np

from detune.audio.constants import SHAPE
from detune.network.chunks import CHUNK, map_chunks
from detune.network.runtime import keras, tf

SEGMENTS = 40
"""Validation segments attacked, at most."""

STEPS, STEP = 5, 0.5
"""Steps of PGD, and how long each is, in epsilons."""


class RobustValidation:
    """PGD and FGSM against a network that is being trained, always on the same segments."""

    def __init__(
        self, model: keras.Model, validation: tuple[np.ndarray, np.ndarray], epsilon: float
    ) -> None:
        """Choose the segments, evenly from all of them.

        Args:
            model: from segments `(n, 128, 130, 1)` to logits, with whatever weights it has later.
            validation: segments `(n, 128, 130)` and labels `(n,)`.
            epsilon: L-infinity radius.
        """
        values, labels = validation
        rows = np.unique(np.linspace(0, len(labels) - 1, SEGMENTS).round().astype(int))
        self._values = values[rows, ..., None]
        self._labels = labels[rows].astype(np.int32)
        self._model = model
        self._epsilon = epsilon
        chunk = tf.TensorSpec((CHUNK, *SHAPE, 1), tf.float32)
        signature = [chunk, tf.TensorSpec((CHUNK,), tf.int32)]
        self._graph = tf.function(self._attack, input_signature=signature)

    def scores(self) -> dict[str, float]:
        """Mean of the highest loss, and the shares that withstand PGD and a single step."""
        parts = list(map_chunks(self._graph, self._values, self._labels))
        losses, pgd, fgsm = (np.concatenate(part) for part in zip(*parts, strict=True))
        return {
            "val_adversarial_loss": float(losses.mean(dtype=np.float64)),
            "val_robust_accuracy": float(pgd.mean()),
            "val_fgsm_accuracy": float(fgsm.mean()),
        }

    def _attack(self, values: Any, labels: Any) -> tuple[Any, Any, Any]:
        """The highest loss of PGD's iterates, whether all are right, and whether FGSM's is."""
        iterate = values
        losses, right = [], []
        for step in range(STEPS + 1):
            with tf.GradientTape(watch_accessed_variables=False) as tape:
                tape.watch(iterate)
                loss, correct = self._judged(iterate, labels)
            losses.append(loss)
            right.append(correct)
            if step == STEPS:
                break
            direction = self._epsilon * tf.sign(tape.gradient(loss, iterate))
            if step == 0:
                single = self._near(values + direction, values)
            iterate = self._near(iterate + STEP * direction, values)
        withstood = tf.reduce_all(right, axis=0)
        fgsm = right[0] & self._judged(single, labels)[1]
        return tf.reduce_max(losses, axis=0), withstood, fgsm

    def _near(self, moved: Any, values: Any) -> Any:
        """`moved`, back in the ball around `values` and in [0, 1]."""
        inside = tf.clip_by_value(moved, values - self._epsilon, values + self._epsilon)
        return tf.clip_by_value(inside, 0.0, 1.0)

    def _judged(self, values: Any, labels: Any) -> tuple[Any, Any]:
        """Loss of each segment, and whether it is right, `(n,)`."""
        logits = self._model(values, training=False)
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
        return losses, tf.argmax(logits, axis=1, output_type=tf.int32) == labels
