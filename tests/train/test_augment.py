from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from detune.params.training import Augment
from detune.train.augment import BANDS, FRAMES, augmented, hidden, mixed, smoothed

NOTHING = Augment(frequency_mask=0, time_mask=0, mixup=0.0, label_smoothing=0.0)
VALUES = np.random.default_rng(0).random((40, 128, 32, 1), dtype=np.float32)
LABELS = np.arange(40) % 3


def random() -> np.random.Generator:
    return np.random.default_rng(5)


def test_nothing_changes_nothing() -> None:
    values, targets = augmented(VALUES, LABELS, 3, random(), NOTHING)
    assert np.array_equal(values, VALUES)
    assert np.array_equal(targets, np.eye(3)[LABELS])
    assert targets.dtype == np.float32


@pytest.mark.parametrize(("axis", "other"), [(BANDS, FRAMES), (FRAMES, BANDS)])
@pytest.mark.parametrize("max_width", [1, 9, 500])
def test_one_stripe_of_each_excerpt_is_hidden_behind_its_mean(
    axis: int, other: int, max_width: int
) -> None:
    found = hidden(VALUES, axis, max_width, random())
    assert found.dtype == np.float32
    widths = []
    for before, after in zip(VALUES, found, strict=True):
        changed = before != after
        stripe = changed.any(axis=other - 1)[:, 0]
        assert np.allclose(after[changed], before.mean())
        # From end to end of the other axis, and unbroken.
        assert changed.mean() == pytest.approx(stripe.mean(), abs=1e-3)
        assert (np.diff(np.flatnonzero(stripe)) == 1).all()
        widths.append(int(stripe.sum()))
    most = min(max_width, VALUES.shape[axis])
    assert max(widths) <= most
    assert len(set(widths)) > min(most, 3) / 2
    assert np.array_equal(VALUES, np.random.default_rng(0).random(VALUES.shape, dtype=np.float32))


def test_excerpts_are_mixed_in_pairs_and_their_targets_likewise() -> None:
    targets = np.eye(40, dtype=np.float32)
    values, found = mixed(VALUES, targets, 0.4, random())
    assert found.sum(axis=1) == pytest.approx(1)
    assert np.allclose(np.tensordot(found, VALUES, axes=1), values, atol=1e-5)
    assert ((found > 0).sum(axis=1) <= 2).all()
    assert ((found > 0).sum(axis=1) == 2).mean() > 0.8
    assert values.dtype == found.dtype == np.float32


def test_a_smoothed_target_is_still_a_probability() -> None:
    found = smoothed(np.eye(4, dtype=np.float32), 0.2)
    assert found.sum(axis=1) == pytest.approx(1)
    assert np.diag(found) == pytest.approx(0.85)
    assert found[0, 1:] == pytest.approx(0.05)


def test_the_same_draws_give_the_same_batch() -> None:
    how = replace(NOTHING, frequency_mask=20, time_mask=9, mixup=0.3, label_smoothing=0.1)
    first, second = (augmented(VALUES, LABELS, 3, random(), how) for _ in range(2))
    assert np.array_equal(first[0], second[0])
    assert np.array_equal(first[1], second[1])
    assert not np.array_equal(first[0], VALUES)
