"""What is said of a training: how long it took, which weights, and whether it learnt anything."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.stats import binomtest

from detune.network.precision import chosen_precision, processor_kind
from detune.params.training import Train
from detune.train.catastrophic_overfitting import overfitted_epoch
from detune.train.fit import Trained
from detune.train.network import trainable_parameters

COMPARED = (
    *("segment_accuracy", "song_accuracy", "song_accuracy_by_genre", "test_loss", "parameters"),
    *("epochs", "exported_epoch", "exported_weights", "precision", "processor"),
    *("validation_robust_accuracy", "catastrophic_overfitting_epoch"),
)
"""What of `metrics/train.json` is no detail."""

LEVEL = 0.05
"""Probability, at most, that guesses pass for more than chance."""


def training_facts(trained: Trained, params: Train) -> dict[str, Any]:
    """What `metrics/train.json` says besides the scores."""
    facts = {
        "parameters": trainable_parameters(trained.model),
        "epochs": len(trained.rows),
        "exported_epoch": trained.epoch,
        "exported_weights": trained.weights,
        "precision": chosen_precision(params.precision),
        "processor": processor_kind(),
    }
    if params.adversarial.method == "none":
        return facts
    best = trained.rows[trained.epoch - 1]
    return facts | {
        "validation_robust_accuracy": best["val_robust_accuracy"],
        "catastrophic_overfitting_epoch": overfitted_epoch(trained.rows),
    }


def chance_warning(right: np.ndarray, genres: int) -> str:
    """A warning where validation songs are not clearly better than chance, else nothing.

    Clearly: guesses would get as many right with a probability below 5 % (exact binomial test).

    Args:
        right: whether each validation song is right `(songs,)`.
        genres: how many genres there are.
    """
    count = int(right.sum())
    guesses = binomtest(count, len(right), 1 / genres, alternative="greater")
    if guesses.pvalue < LEVEL:
        return ""
    return (
        f"; WARNING: {count} of {len(right)} validation songs right, which guesses reach as well "
        f"(p = {guesses.pvalue:.2g}): attacks and heatmaps of this model mean nothing; raise "
        "train.epochs, or give more tracks"
    )
