"""An attack that may change a known window only: the new genre must have come from there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from detune.attack.classifier import CompiledClassifier
from detune.attack.pgd import Clean, SurvivorPGD
from detune.collection.dataset import Split
from detune.ground_truth.explainers import Explainer
from detune.ground_truth.localization import localize, localize_by_chance
from detune.ground_truth.marks import BEFORE, CHANCE, NOISE, Marks
from detune.ground_truth.windows import draw_windows
from detune.statistics.perturbation import signed_noise

TEST = "confined attack"

STEP = 0.02
"""How far a step moves every value of the window; [0, 1] spans a segment's range in dB."""

STEPS = 50
"""Steps at most, so that any value can get anywhere."""

ABORT_EARLY = 4.0
"""As `attack.pgd.abort_early`: a segment whose margin falls too slowly is given up."""


@dataclass(frozen=True)
class Fallen:
    """The n attacks, of all that were tried, under which the segment fell.

    Attributes:
        rows: `(n,)` the segment of each.
        sizes: name of the size of each window.
        windows: `(n, 128, 130)` bool, where the attack could change it.
        clean: `(n, 128, 130)` the segments as they were.
        adversarial: `(n, 128, 130)` their first misclassified iterates.
        targets: `(n,)` the genre that each is taken for.
        tried: how many attacks there were.
    """

    rows: np.ndarray
    sizes: np.ndarray
    windows: np.ndarray
    clean: np.ndarray
    adversarial: np.ndarray
    targets: np.ndarray
    tried: int


def attack_windows(
    classifier: CompiledClassifier,
    split: Split,
    rows: np.ndarray,
    *,
    seed: int,
    windows: tuple[np.ndarray, list[str]] | None = None,
) -> Fallen:
    """Attack segments in known windows, without a limit to the change, until they fall.

    Args:
        classifier: what to fool.
        split: the segments.
        rows: `(m,)` which of them, each classified correctly.
        seed: of the windows' places.
        windows: masks `(k m, 128, 130)` and names of their sizes, k of each segment in turn; those
            of `draw_windows` unless given.
    """
    masks, sizes = windows or draw_windows(rows, seed)
    of_window = np.repeat(rows, len(masks) // max(1, len(rows)))
    x, labels = split.values[of_window, ..., None], split.labels[of_window]
    attack = SurvivorPGD(
        classifier,
        epsilon=1.0,
        step=STEP,
        steps=STEPS,
        random_start=False,
        seed=seed,
        abort_early=ABORT_EARLY,
    )
    logits = classifier.predict(x)
    attacked = attack.attack(Clean(x, labels, logits, mask=masks[..., None])).adversarial
    targets = classifier.predict(attacked).argmax(axis=1)
    fell = (targets != labels) & (logits.argmax(axis=1) == labels)
    return Fallen(
        of_window[fell],
        np.asarray(sizes)[fell],
        masks[fell],
        x[fell, ..., 0],
        attacked[fell, ..., 0],
        targets[fell],
        len(masks),
    )


def mark_explainers(fallen: Fallen, explainers: Mapping[str, Explainer]) -> list[Marks]:
    """How well each explainer finds the window, as to the genre that the segment is taken for.

    It is compared with chance, and with its own heat for the same genre before the attack: a
    window where it always looks is no find. So is a window that it marks because anything was
    changed there: the second control is random signs of the attack's size at every point.
    """
    marks = []
    change = np.abs(fallen.adversarial - fallen.clean)
    noisy = signed_noise(fallen.clean, change, [[int(row)] for row in fallen.rows])
    for name, explain in explainers.items():
        heat = explain(fallen.adversarial, fallen.targets)
        before = explain(fallen.clean, fallen.targets)
        references = {
            CHANCE: localize_by_chance(heat, fallen.windows),
            BEFORE: localize(before, fallen.windows),
            NOISE: localize(explain(noisy, fallen.targets), fallen.windows),
        }
        marks.append(Marks(TEST, name, localize(heat, fallen.windows), references))
    return marks
