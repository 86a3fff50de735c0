"""The methods: what each makes of clean segments at an epsilon."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from detune.attack.art_imports import (
    AutoProjectedGradientDescent,
    FastGradientMethod,
    SquareAttack,
)
from detune.attack.classifier import CompiledClassifier
from detune.attack.pgd import BATCH, Clean, Finished, Outcome, SurvivorPGD
from detune.attack.stopping_criteria import Misclassified, SongMisclassified
from detune.network.chunks import CHUNK, WORKERS
from detune.params.method_options import Apgd, Fgsm, Noise, Pgd, Square
from detune.statistics.perturbation import signed_noise
from detune.support.errors import UserError

SMALLEST_STEP = 1e-12
"""Stands in for a step of 0, which ART refuses; at epsilon 0 the projection undoes it."""


def at_once(clean: Clean, adversarial: np.ndarray) -> Outcome:
    """The outcome of an attack that has one answer to all questions, `(n, 128, 130, 1)`."""
    return Outcome(adversarial, adversarial[clean.examples])


def fgsm(
    classifier: CompiledClassifier,
    clean: Clean,
    epsilon: float,
    options: Fgsm,
    *,
    seed: int,
    finished: Finished,
) -> Outcome:
    """The Fast Gradient Sign Method (Goodfellow et al. 2015); from a random start, one PGD step."""
    if options.random_start:
        one_step = Pgd(steps=1, relative_step=1.0, random_start=True, restarts=1, abort_early=0.0)
        return pgd(classifier, clean, epsilon, one_step, seed=seed, finished=finished)
    attack = FastGradientMethod(classifier, eps=epsilon, batch_size=CHUNK * WORKERS)
    adversarial = np.empty_like(clean.x)
    for at in range(0, len(clean.x), attack.batch_size):
        part = slice(at, at + attack.batch_size)
        adversarial[part] = attack.generate(clean.x[part], clean.labels[part])
        finished(len(adversarial[part]))
    return at_once(clean, adversarial)


def pgd(
    classifier: CompiledClassifier,
    clean: Clean,
    epsilon: float,
    options: Pgd,
    *,
    seed: int,
    finished: Finished,
) -> Outcome:
    """Projected Gradient Descent (Madry et al. 2018): segments, songs, and examples."""
    attack = SurvivorPGD(
        classifier,
        epsilon=epsilon,
        step=max(epsilon * options.relative_step, SMALLEST_STEP),
        steps=options.steps,
        random_start=options.random_start,
        restarts=options.restarts,
        seed=seed,
        abort_early=options.abort_early,
    )
    return attack.attack(clean, finished)


def apgd(
    classifier: CompiledClassifier,
    clean: Clean,
    epsilon: float,
    options: Apgd,
    *,
    seed: int,
    finished: Finished,
) -> Outcome:
    """Auto-PGD (Croce & Hein 2020), ART's: steps that shrink where the loss stops rising."""
    np.random.seed(seed)  # noqa: NPY002  ART's attack draws from the global state
    try:
        attack = AutoProjectedGradientDescent(
            classifier,
            eps=epsilon,
            eps_step=2 * epsilon,
            max_iter=options.steps,
            nb_random_init=1,
            batch_size=BATCH,
            verbose=False,
        )
    except ValueError as error:  # ART's only one here
        raise UserError(
            "apgd: the model's outputs are probabilities: take the softmax off its last layer, or "
            "take apgd off attack.methods"
        ) from error
    adversarial = clean.x.copy()
    remaining = np.flatnonzero(clean.logits.argmax(axis=1) == clean.labels)
    finished(len(clean.x) - len(remaining))
    for at in range(0, len(remaining), attack.batch_size):
        rows = remaining[at : at + attack.batch_size]
        _apgd_batch(attack, clean, rows, adversarial, options.restarts)
        finished(len(rows))
    return at_once(clean, adversarial)


def _apgd_batch(
    attack: AutoProjectedGradientDescent,
    clean: Clean,
    rows: np.ndarray,
    adversarial: np.ndarray,
    restarts: int,
) -> None:
    """Attack `rows`, in place, each until an attempt fools it.

    Where no iterate fools, ART returns the random start of the attempt; the point of highest loss
    is what the attack has found.
    """
    for _ in range(restarts):
        # ART asks again who is right, and attacks only those.
        right = attack.estimator.predict(clean.x[rows]).argmax(axis=1) == clean.labels[rows]
        rows = rows[right]
        if not rows.size:
            return
        attack.generate(clean.x[rows], clean.labels[rows])
        adversarial[rows] = attack.x_max
        predicted = attack.estimator.predict(adversarial[rows]).argmax(axis=1)
        rows = rows[predicted == clean.labels[rows]]


def noise(
    classifier: CompiledClassifier,
    clean: Clean,
    epsilon: float,
    options: Noise,
    *,
    seed: int,
    finished: Finished,
) -> Outcome:
    """A control: random signs of size `epsilon`, of several draws the first that fools."""
    everyone = np.arange(len(clean.x))
    segments = Misclassified(clean.x, clean.labels, clean.logits.argmax(axis=1) != clean.labels)
    songs = SongMisclassified(clean.songs, clean.labels, clean.logits) if clean.songs.size else None
    examples = clean.x[clean.examples]
    for draw in range(options.draws):
        noisy = signed_noise(clean.x, epsilon, [(seed, int(row), draw) for row in everyone])
        logits = classifier.predict(noisy)
        taken = np.full(len(everyone), draw)
        segments.observe(everyone, taken, logits, noisy)
        if songs:
            songs.observe(everyone, taken, logits, noisy)
        if draw == 0:
            examples = noisy[clean.examples]
    finished(len(clean.x))
    return Outcome(segments.first_wrong, examples, songs.predictions if songs else None)


def square(
    classifier: CompiledClassifier,
    clean: Clean,
    epsilon: float,
    options: Square,
    *,
    seed: int,
    finished: Finished,
) -> Outcome:
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
    return at_once(clean, np.asarray(adversarial, dtype=np.float32))


Method = Callable[..., Outcome]

ATTACKS: dict[str, Method] = {
    "fgsm": fgsm,
    "pgd": pgd,
    "pgd-margin": pgd,
    "apgd": apgd,
    "noise": noise,
    "square": square,
}
"""What carries out each of the grid's methods."""


def loss_of(method: str) -> str:
    """The loss that a method climbs, a key of `LOSSES`."""
    return "margin" if method == "pgd-margin" else "cross-entropy"
