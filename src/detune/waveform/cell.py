"""One cell of the waveform attacks: one ball around each of a sample of segments."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from detune.attack.classifier import CompiledClassifier
from detune.attack.pgd import Clean
from detune.network.precision import processor_kind
from detune.network.runtime import keras
from detune.sound.level import radius, snr_db, to_16_bit
from detune.sound.masking import masking_thresholds
from detune.sound.noise import KINDS, with_noise
from detune.sound.waveform_classifier import waveform_classifier
from detune.statistics.scores import accuracy
from detune.support.progress import progress_bar
from detune.waveform.balls import Ball, SnrBall, masking_ball, noise_below
from detune.waveform.waveform_pgd import WaveformPGD

MASKED = "masked"
"""The cell whose changes stay below the masking threshold; all others have an SNR in dB."""


@dataclass(frozen=True)
class Target:
    """What is attacked: n segments that are right when clean.

    Attributes:
        rows: `(n,)` which of the test segments.
        labels: `(n,)` true labels.
        samples: `(n, 66150)` float32 their audio, none of it silent.
        logits: `(n, genres)` that the model gives them.
        songs: `(n,)` the song of each.
    """

    rows: np.ndarray
    labels: np.ndarray
    samples: np.ndarray
    logits: np.ndarray
    songs: np.ndarray


def run_cell(
    model: keras.Model,
    target: Target,
    level: str,
    *,
    steps: int,
    relative_step: float,
    margin_db: float,
    examples: int,
    seed: int,
    precision: str,
) -> dict[str, np.ndarray]:
    """Attack segments, untargeted, and return the arrays of the cell's file.

    Args:
        model: the model under attack, which takes segments.
        target: what is attacked.
        level: an SNR in dB, or `MASKED`.
        steps: gradient steps.
        relative_step: mean length of a step as a share of the ball's radius.
        margin_db: how far below the masking threshold changes stay.
        examples: how many segments, the first ones, are attacked at full strength too.
        seed: of the noise.
        precision: what gradients are computed in.
    """
    ball, noisy = _ball(target, level, margin_db, seed)
    classifier = _classifier(model, precision)
    classifier.reset_counts()
    attack = WaveformPGD(classifier, ball, relative_step=relative_step, steps=steps)
    everyone = np.arange(len(target.rows))
    chosen = everyone[:examples]
    clean = Clean(target.samples, target.labels, target.logits, examples=chosen)
    with progress_bar(f"waveform {level}", "segments", len(everyone)) as bar:
        outcome = attack.attack(clean, bar.update)
    return {
        "row": target.rows,
        "label": target.labels,
        "song": target.songs,
        "clean_logits": target.logits,
        "adversarial": to_16_bit(outcome.adversarial),
        "adversarial_logits": classifier.predict(outcome.adversarial),
        "snr_db": snr_db(target.samples, outcome.adversarial),
        "reach": ball.reach(outcome.adversarial - target.samples, everyone),
        "examples": to_16_bit(outcome.examples),
        "example_logits": classifier.predict(outcome.examples),
        "example_snr_db": snr_db(target.samples[chosen], outcome.examples),
        "example_reach": ball.reach(outcome.examples - target.samples[chosen], chosen),
        "example_losses": outcome.example_losses,
        **{f"noise_{kind}_logits": classifier.predict(noise) for kind, noise in noisy.items()},
        "zero_gradient_fraction": np.asarray(
            classifier.useless_gradients / max(1, classifier.gradients)
        ),
        "precision": np.asarray(classifier.precision),
        "processor": np.asarray(processor_kind()),
    }


@lru_cache(maxsize=1)
def _classifier(model: keras.Model, precision: str) -> CompiledClassifier:
    """The model as attacks on sound take it; its graphs are traced once for all cells."""
    return waveform_classifier(model, precision=precision)


def _ball(
    target: Target, level: str, margin_db: float, seed: int
) -> tuple[Ball, dict[str, np.ndarray]]:
    """The ball of a cell, and by kind what noise as large makes of the segments."""
    seeds = [(seed, int(row)) for row in target.rows]
    if level == MASKED:
        thresholds = masking_thresholds(target.samples) * 10 ** (-margin_db / 20)
        below = masking_ball(thresholds.astype(np.float32))
        return below, {MASKED: noise_below(below, target.samples, seeds)}
    snr = float(level)
    noisy = {kind: with_noise(target.samples, snr, kind, seeds) for kind in KINDS}
    return SnrBall(radius(target.samples, snr)), noisy


def cell_scores(arrays: dict[str, np.ndarray]) -> dict[str, Any]:
    """What a reviewer compares: the share of the segments that remain correct."""
    predictions = arrays["adversarial_logits"].argmax(axis=1)
    return {"robust_accuracy": accuracy(predictions, arrays["label"])}
