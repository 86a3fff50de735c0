"""The methods: what each makes of clean segments at an epsilon."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from detune.attack.classifier import CompiledClassifier
from detune.attack.pgd import SurvivorPGD
from detune.attack.toolbox import FastGradientMethod, SquareAttack
from detune.chunks import CHUNK, WORKERS
from detune.noise import signed_noise
from detune.params import Fgsm, Noise, Pgd, Square

Finished = Callable[[int], Any]
"""Called with how many more segments are done."""


SMALLEST_STEP = 1e-12
"""What stands for no step at all, which ART refuses: at epsilon 0 the ball holds it anyway."""


@dataclass(frozen=True)
class Clean:
    """What is attacked: segments `(n, 128, 130, 1)`, labels `(n,)`, logits `(n, genres)`."""

    x: np.ndarray
    labels: np.ndarray
    logits: np.ndarray


def fgsm(
    classifier: CompiledClassifier,
    clean: Clean,
    epsilon: float,
    options: Fgsm,
    *,
    seed: int,
    finished: Finished,
) -> np.ndarray:
    """The Fast Gradient Sign Method (Goodfellow et al. 2015); from a random start, one PGD step."""
    if options.random_start:
        one_step = Pgd(steps=1, relative_step=1.0, random_start=True, restarts=1, give_up=0.0)
        return pgd(classifier, clean, epsilon, one_step, seed=seed, finished=finished)
    attack = FastGradientMethod(classifier, eps=epsilon, batch_size=CHUNK * WORKERS)
    adversarial = np.empty_like(clean.x)
    for at in range(0, len(clean.x), attack.batch_size):
        part = slice(at, at + attack.batch_size)
        adversarial[part] = attack.generate(clean.x[part], clean.labels[part])
        finished(len(adversarial[part]))
    return adversarial


def pgd(
    classifier: CompiledClassifier,
    clean: Clean,
    epsilon: float,
    options: Pgd,
    *,
    seed: int,
    finished: Finished,
) -> np.ndarray:
    """Projected Gradient Descent (Madry et al. 2018) on survivors only."""
    attack = SurvivorPGD(
        classifier,
        epsilon=epsilon,
        step=max(epsilon * options.relative_step, SMALLEST_STEP),
        steps=options.steps,
        random_start=options.random_start,
        restarts=options.restarts,
        seed=seed,
        give_up=options.give_up,
    )
    return attack.generate(clean.x, clean.labels, finished, clean.logits)


def noise(
    classifier: CompiledClassifier,
    clean: Clean,
    epsilon: float,
    options: Noise,
    *,
    seed: int,
    finished: Finished,
) -> np.ndarray:
    """To compare with: random signs of size `epsilon`, of several draws the first that fools."""
    adversarial = clean.x.copy()
    standing = np.flatnonzero(clean.logits.argmax(axis=1) == clean.labels)
    for draw in range(options.draws):
        seeds = [(seed, int(row), draw) for row in standing]
        adversarial[standing] = signed_noise(clean.x[standing], epsilon, seeds)
        logits = classifier.predict(adversarial[standing])
        standing = standing[logits.argmax(axis=1) == clean.labels[standing]]
    finished(len(clean.x))
    return adversarial


def square(
    classifier: CompiledClassifier,
    clean: Clean,
    epsilon: float,
    options: Square,
    *,
    seed: int,
    finished: Finished,
) -> np.ndarray:
    """The Square attack (Andriushchenko et al. 2020).

    It needs no gradients, so it finds what a model hides that merely masks them.
    """
    np.random.seed(seed)  # noqa: NPY002  ART's attack draws from the global state
    attack = SquareAttack(
        classifier,
        eps=epsilon,
        max_iter=options.iterations,
        batch_size=CHUNK * WORKERS,
        verbose=False,
    )
    adversarial = attack.generate(clean.x, clean.labels)
    finished(len(clean.x))
    return np.asarray(adversarial, dtype=np.float32)


Method = Callable[..., np.ndarray]

ATTACKS: dict[str, Method] = {
    "fgsm": fgsm,
    "pgd": pgd,
    "pgd-margin": pgd,
    "noise": noise,
    "square": square,
}
"""What carries out each of the grid's methods."""


def loss_of(method: str) -> str:
    """The loss that a method climbs, a key of `LOSSES`."""
    return "margin" if method == "pgd-margin" else "cross-entropy"
