"""One perturbation for many segments, by signs of their mean gradient.

Moosavi-Dezfooli et al. 2017 showed that there are such perturbations; found as by Shafahi et al.
2020, by steps along the sign of a mean gradient. A segment that is turned pulls no more, until all
are.
"""

from __future__ import annotations

import numpy as np

from detune.attack.classifier import CompiledClassifier
from detune.statistics.scores import margins

RELATIVE_STEP = 0.1
"""Length of a step as a share of epsilon, as PGD's."""


def add(perturbation: np.ndarray, segments: np.ndarray) -> np.ndarray:
    """Segments `(n, 128, 130)` with a perturbation `(128, 130)`, in [0, 1] again."""
    return np.asarray(np.clip(segments + perturbation, 0.0, 1.0), dtype=np.float32)


def find_universal(
    classifier: CompiledClassifier,
    segments: np.ndarray,
    labels: np.ndarray,
    epsilon: float,
    steps: int,
) -> np.ndarray:
    """The perturbation `(128, 130)` of all steps that turns most of the segments.

    Of those that turn as many, the one that takes them furthest: segments that it was not made on
    lie on both sides of those that it was.

    Args:
        classifier: what to fool; its loss should be the margin, which does not fade.
        segments: `(n, 128, 130)`, all of one genre or not.
        labels: true labels `(n,)`.
        epsilon: L-infinity radius.
        steps: gradient steps.
    """
    now = best = np.zeros(segments.shape[1:], np.float32)
    reached = (-1, -np.inf)
    for _ in range(steps + 1):
        logits, gradient = classifier.logits_and_gradient(add(now, segments)[..., None], labels)
        lead = margins(logits, labels)
        right = lead > 0
        effect = (int((~right).sum()), -float(lead.mean()))
        if effect > reached:
            best, reached = now, effect
        pulling = right if right.any() else ~right
        direction = np.sign(np.nan_to_num(gradient[pulling, ..., 0]).mean(axis=0))
        change = now + np.float32(RELATIVE_STEP * epsilon) * direction
        now = np.clip(change, -epsilon, epsilon).astype(np.float32)
    return best
