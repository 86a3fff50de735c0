"""The model as ART sees it when it is asked about samples instead of segments."""

from __future__ import annotations

from detune.attack.classifier import CompiledClassifier
from detune.network.runtime import keras
from detune.sound.front_end import compose

FULL_SCALE = (-1.0, 1.0)
"""Between what samples are."""


def waveform_classifier(
    model: keras.Model, *, loss: str = "cross-entropy", precision: str = "float32"
) -> CompiledClassifier:
    """`model`, from segments to logits, behind the front end: any ART attack takes it.

    Its input is samples `(n, 66150)` between -1 and 1. The front end stays in float32.
    """
    return CompiledClassifier(
        model, loss=loss, precision=precision, front=compose, clip_values=FULL_SCALE
    )
