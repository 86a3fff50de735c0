"""ART's own classifier of a model: what the project's is held against."""

from __future__ import annotations

from typing import Any

from detune.attack.art_imports import TensorFlowV2Classifier
from detune.audio.constants import SHAPE
from detune.network.runtime import keras


def stock_classifier(model: Any, reduction: str = "sum_over_batch_size") -> TensorFlowV2Classifier:
    """ART's classifier of `model`; with the reduction `sum`, gradients are a segment's own."""
    return TensorFlowV2Classifier(
        model=model,
        nb_classes=model.output_shape[-1],
        input_shape=(*SHAPE, 1),
        loss_object=keras.losses.SparseCategoricalCrossentropy(
            from_logits=True, reduction=reduction
        ),
        clip_values=(0.0, 1.0),
    )
