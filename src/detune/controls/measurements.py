"""What controls measure of a sample once its epsilon is settled, each part for itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from detune.attack import methods
from detune.controls.attacked_sample import AttackedSample
from detune.params.method_options import Noise, Pgd, Square
from detune.statistics.scores import cross_entropies

NO_LIMIT = 1.0
"""The epsilon at which every spectrogram is allowed."""

NEARBY = 4
"""Random points around each of those where the smoothness of the loss is measured."""

RADIUS = 0.1
"""How far from it they are at most, as a share of epsilon: a step of PGD as it is usually set."""


@dataclass(frozen=True)
class Settings:
    """How the attacks are set."""

    pgd: Pgd
    margin: Pgd
    noise: Noise
    square: Square


@dataclass(frozen=True)
class Settled:
    """The sample at the epsilon that was settled on.

    Attributes:
        sample: the segments and the model.
        settings: how the attacks are set.
        epsilon: L-infinity radius.
        adversarial: `(n, 128, 130, 1)` what PGD as set makes of the segments.
        robust: share of them that it leaves correct.
    """

    sample: AttackedSample
    settings: Settings
    epsilon: float
    adversarial: np.ndarray
    robust: float

    def left(self, method: Any, options: Any, **changes: Any) -> float:
        """Share that remains correct under a method; changes are `epsilon` or `classifier`."""
        changed = {"epsilon": self.epsilon} | changes
        return self.sample.left(self.sample.attacked(method, options, **changed))


Measurement = Callable[[Settled], dict[str, Any]]
"""From the settled sample to what is found, by name."""


def take(settled: Settled, measurement: Measurement) -> dict[str, Any]:
    """Take one measurement."""
    return measurement(settled)


def logits(settled: Settled) -> dict[str, Any]:
    """The sample's logits, `(n, genres)` each: in chunks, and each segment in other company."""
    sample = settled.sample
    # Alone, each segment has other company than in its chunk; nothing must depend on that.
    alone = [sample.classifier.predict(segment[None])[0] for segment in sample.clean.x]
    return {"logits": [sample.clean.logits.tolist(), np.asarray(alone).tolist()]}


def losses(settled: Settled) -> dict[str, Any]:
    """Losses `(points,)` before and after PGD, and at points nearby `(points, NEARBY)`."""
    sample = settled.sample
    x = np.concatenate([sample.clean.x, settled.adversarial])
    labels = np.tile(sample.clean.labels, 2)
    rng, radius = np.random.default_rng(sample.seed), RADIUS * settled.epsilon
    found = cross_entropies(sample.classifier.predict(x), labels)
    nearby = []
    for _ in range(NEARBY):
        moved = np.clip(x + rng.uniform(-radius, radius, x.shape), 0, 1).astype(np.float32)
        nearby.append(cross_entropies(sample.classifier.predict(moved), labels))
    return {"losses": found.tolist(), "losses_nearby": np.stack(nearby, axis=1).tolist()}


def zero_epsilon(settled: Settled) -> dict[str, Any]:
    """Predictions `(n,)` after PGD at epsilon 0."""
    unmoved = settled.sample.attacked(methods.pgd, settled.settings.pgd, 0.0).adversarial
    predictions = settled.sample.classifier.predict(unmoved).argmax(axis=1)
    return {"zero_epsilon": predictions.tolist()}


def pgd_float32(settled: Settled) -> dict[str, Any]:
    """Share that remains correct under PGD in float32."""
    exact = settled.sample.exact
    if exact is settled.sample.classifier:
        return {"pgd_float32": settled.robust}
    return {"pgd_float32": settled.left(methods.pgd, settled.settings.pgd, classifier=exact)}


def more_steps(settled: Settled) -> dict[str, Any]:
    """Shares that remain correct under PGD that takes all its steps, and twice as many."""
    sample, pgd = settled.sample, settled.settings.pgd
    thorough = replace(pgd, abort_early=0.0)
    longer = replace(thorough, steps=2 * pgd.steps)
    twice = sample.attacked(methods.pgd, longer, settled.epsilon)
    if pgd.restarts == 1:
        # Twice the steps pass through the iterates of once the steps: one run shows both.
        once = sample.left(twice, steps=pgd.steps)
    else:
        once = settled.left(methods.pgd, thorough)
    return {"pgd_all_steps": once, "pgd_double_steps": sample.left(twice)}


def pgd_margin(settled: Settled) -> dict[str, Any]:
    """Share that remains correct under PGD on the margin, with all its steps."""
    hard = replace(settled.settings.margin, abort_early=0.0)
    return {"pgd_margin": settled.left(methods.pgd, hard, classifier=settled.sample.margin)}


def pgd_no_limit(settled: Settled) -> dict[str, Any]:
    """Share that remains correct under PGD where every spectrogram is allowed."""
    return {"pgd_no_limit": settled.left(methods.pgd, settled.settings.pgd, epsilon=NO_LIMIT)}


def noise(settled: Settled) -> dict[str, Any]:
    """Share that remains correct under noise."""
    return {"noise": settled.left(methods.noise, settled.settings.noise)}


def square(settled: Settled) -> dict[str, Any]:
    """Share that remains correct under the Square attack."""
    return {"square": settled.left(methods.square, settled.settings.square)}


MEASUREMENTS: tuple[Measurement, ...] = (
    *(logits, losses, zero_epsilon, pgd_float32, more_steps),
    *(pgd_margin, pgd_no_limit, noise, square),
)
"""All of them, in the order of the results."""
