"""Adversarial training: each step learns from excerpts that were attacked just before it.

Batch norm is used as in the source of each method: by the batch's statistics where the attack of
`fgsm-rs` (Wong et al. 2020, network in training mode) and `pgd` (Madry et al. 2018, likewise) takes
its gradients, by the running statistics for `trades` (Zhang et al. 2019, `model.eval()`). The
running statistics are those of what is learnt from: attacked excerpts; for `trades` clean and
attacked ones, in two passes with statistics of their own and the same units dropped. An attack
never moves them, and meets no dropout: the networks of these papers have none, and an attack on a
random part of a network is weaker.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from detune.network.runtime import keras, tf
from detune.params.training import Adversarial
from detune.train.whole_batch import own_part

FGSM_STEP = 1.25
"""FGSM's step from a random start, in epsilons (Wong et al. 2020)."""

REACH = 2.5
"""What all steps of PGD and TRADES could cover together, in epsilons (Madry et al. 2018)."""

TRADES_START = 0.001 / 0.031
"""Standard deviation of the start of TRADES, in epsilons (Zhang et al. 2019, their code)."""


class AdversarialModel(keras.Model):
    """A network whose training steps attack what they learn from."""

    def __init__(self, model: keras.Model, how: Adversarial, seed: int) -> None:
        """Share the layers of `model`.

        Args:
            model: from excerpts `(n, 128, frames, 1)` in [0, 1] to logits `(n, genres)`.
            how: method, epsilon, steps and beta.
            seed: of the random starts; their state is among the model's variables.
        """
        super().__init__(model.inputs, model.outputs[0], name=model.name)
        self._how = how
        self._seeds = keras.random.SeedGenerator(seed)
        self._adversarial_loss = keras.metrics.Mean(name="adversarial_loss")
        self._attacked: Any = None
        self._dropped: tuple[Any, ...] = ()

    def train_step(self, data: tuple[Any, ...]) -> dict[str, Any]:
        """Attack the batch and learn from it; `accuracy` is that of the excerpts learnt from.

        Args:
            data: excerpts `(b, 128, frames, 1)` and the probability of each genre `(b, genres)`.
        """
        values, targets, *_ = data  # without weights of the excerpts
        self._attacked = self.attacked(values, targets)
        self._dropped = tuple(tf.identity(state) for state in self._dropout_states())
        if self._how.method == "trades":
            return dict(super().train_step(data))
        return dict(super().train_step((self._attacked, targets)))

    def compute_loss(
        self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None, training: bool = True
    ) -> Any:
        """Cross-entropy of what was learnt from; TRADES adds beta KL(clean || attacked), eq. 5."""
        loss = super().compute_loss(x, y, y_pred, sample_weight, training)
        if not training:
            return loss
        cross_entropy = keras.losses.CategoricalCrossentropy(from_logits=True)
        logits = y_pred
        if self._how.method == "trades":
            # With other units dropped the answers would differ by that, and not by the attack.
            for state, before in zip(self._dropout_states(), self._dropped, strict=True):
                state.assign(before)
            logits, clean = self(self._attacked, training=True), tf.nn.softmax(y_pred)
            loss += self._how.beta * (cross_entropy(clean, logits) - cross_entropy(clean, y_pred))
        losses = tf.nn.softmax_cross_entropy_with_logits(y, logits)
        self._adversarial_loss.update_state(losses)
        return loss

    def attacked(self, values: Any, targets: Any) -> Any:
        """What the method's attack makes of excerpts `(b, 128, frames, 1)`.

        Args:
            values: the excerpts.
            targets: the probability of each genre `(b, genres)`, away from which the attack leads;
                TRADES leads away from the network's own answer instead.
        """
        how = self._how
        start, steps, step = self._schedule(tf.shape(values))
        if how.method == "trades":
            targets = tf.nn.softmax(self(values, training=False))
        attacked = tf.clip_by_value(values + start, 0.0, 1.0)
        for _ in range(steps):
            stepped = attacked + step * tf.sign(self.input_gradient(attacked, targets))
            near = tf.clip_by_value(stepped, values - how.epsilon, values + how.epsilon)
            attacked = tf.clip_by_value(near, 0.0, 1.0)
        return tf.stop_gradient(attacked)

    def input_gradient(self, values: Any, targets: Any) -> Any:
        """Gradient of the cross-entropies' sum by `values` `(b, 128, frames, 1)`."""
        with _unmoved(self.layers), tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(values)
            logits = self(values, training=self._how.method != "trades")
            losses = tf.nn.softmax_cross_entropy_with_logits(targets, logits)
        return tape.gradient(losses, values)

    def _dropout_states(self) -> list[Any]:
        """What decides which units the next pass in training mode drops."""
        generators = [getattr(layer, "seed_generator", None) for layer in self.layers]
        return [generator.state for generator in generators if generator is not None]

    def _schedule(self, shape: Any) -> tuple[Any, int, float]:
        """Where the attack starts, relative to the excerpts, its steps, and how long each is."""
        how = self._how
        if how.method == "trades":
            deviation = TRADES_START * how.epsilon
            start = own_part(
                shape, lambda s: keras.random.normal(s, stddev=deviation, seed=self._seeds)
            )
        else:
            start = own_part(
                shape,
                lambda s: keras.random.uniform(s, -how.epsilon, how.epsilon, seed=self._seeds),
            )
        if how.method == "fgsm-rs":
            return start, 1, FGSM_STEP * how.epsilon
        return start, how.steps, REACH * how.epsilon / how.steps


@contextmanager
def _unmoved(layers: list[Any]) -> Iterator[None]:
    """Let passes in training mode neither move running statistics nor drop anything."""
    changes = [(one, "momentum", 1.0) for one in layers if hasattr(one, "moving_mean")]
    changes += [(one, "rate", 0.0) for one in layers if hasattr(one, "rate")]
    before = [(layer, name, getattr(layer, name)) for layer, name, _ in changes]
    try:
        for layer, name, value in changes:
            setattr(layer, name, value)
        yield
    finally:
        for layer, name, value in before:
            setattr(layer, name, value)
