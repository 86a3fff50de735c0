from __future__ import annotations

import numpy as np
import pytest

from detune.review.comparison import (
    Difference,
    compare_estimates,
    compare_outcomes,
    correct,
    most_changed,
)
from detune.review.outcomes import Outcomes
from detune.statistics.bootstrap import Estimate

SONGS = [f"s{number:02}" for number in range(15)]


def outcomes(shares: list[float], songs: list[str] = SONGS) -> Outcomes:
    """Ten segments a song, of which a share is right when clean."""
    right = {
        (song, str(segment)): segment < round(10 * share)
        for song, share in zip(songs, shares, strict=True)
        for segment in range(10)
    }
    return Outcomes("segment", {"clean": right})


def only(before: Outcomes, after: Outcomes) -> Difference:
    (difference,) = correct(list(compare_outcomes(before, after, seed=1)))
    return difference


def test_the_same_outcomes_differ_by_nothing() -> None:
    same = only(outcomes([0.8] * 15), outcomes([0.8] * 15))
    assert (same.change, same.low, same.high, same.p, same.shown) == (0, 0, 0, 1, False)


def test_a_loss_in_every_song_is_shown() -> None:
    worse = only(outcomes([0.8] * 15), outcomes([0.5] * 15))
    assert worse.shown and worse.paired
    assert worse.loss == pytest.approx(0.3)
    assert only(outcomes([0.5] * 15), outcomes([0.8] * 15)).loss == 0


def test_one_song_lost_is_not_shown() -> None:
    assert not only(outcomes([0.8] * 15), outcomes([0.0] + [0.8] * 14)).shown


def test_other_songs_are_compared_as_two_samples() -> None:
    others = [f"t{number}" for number in range(15)]
    rng = np.random.default_rng(0)
    noise = rng.uniform(-0.2, 0.2, 15)
    far = only(outcomes([0.8] * 15), outcomes(list(0.3 + noise), others))
    near = only(outcomes([0.6] * 15), outcomes(list(0.6 + noise), others))
    assert not far.paired and far.shown
    assert not near.paired and not near.shown


def test_a_condition_of_one_revision_alone_has_no_difference() -> None:
    before = outcomes([1.0] * 15)
    after = Outcomes("segment", {**before.right, "pgd-0.1": dict(before.right["clean"])})
    new = list(compare_outcomes(before, after, seed=1))[1]
    assert (new.name, new.before, new.after, new.change) == (
        "pgd-0.1 accuracy of segments",
        None,
        1.0,
        None,
    )


def test_false_alarms_stay_below_one_in_twenty() -> None:
    # Ten figures of fifteen songs whose differences are chance alone, forty times.
    rng = np.random.default_rng(3)
    alarms = 0
    for _ in range(40):
        differences = [
            difference
            for _ in range(10)
            for difference in compare_outcomes(
                outcomes(list(rng.uniform(0.3, 0.9, 15).round(1))),
                outcomes(list(rng.uniform(0.3, 0.9, 15).round(1))),
                seed=1,
            )
        ]
        alarms += any(d.shown for d in correct(differences))
    assert alarms <= 2


def test_holm_gives_up_at_the_first_that_is_not_shown() -> None:
    found = correct(
        [
            Difference("a", 0, 1, 1.0, 0.5, 1.5, p=0.001),
            Difference("b", 0, 1, 1.0, 0.5, 1.5, p=0.03),
            Difference("c", 0, 1, 1.0, 0.5, 1.5, p=0.04),
            Difference("d", None, 1),
        ]
    )
    assert [d.shown for d in found] == [True, False, False, False]


def test_estimates_are_compared_by_the_width_of_both_intervals() -> None:
    known = Difference("x", 1.0, 2.0)
    far = compare_estimates(known, Estimate(1, 0.9, 1.1, 0, 0), Estimate(2, 1.9, 2.1, 0, 0))
    assert far.change == 1 and far.low == pytest.approx(1 - 0.1 * 2**0.5)
    assert far.p is not None and far.p < 1e-6
    near = compare_estimates(known, Estimate(1, 0, 2, 0, 0), Estimate(2, 1, 3, 0, 0))
    assert near.p == pytest.approx(0.166, abs=0.001)
    fixed = Estimate(1, 1, 1, 0, 0)
    assert compare_estimates(known, fixed, fixed).p == 1


def test_the_songs_that_changed_most_are_named() -> None:
    before, after = outcomes([0.8] * 15), outcomes([0.8, 0.2, 1.0] + [0.8] * 12)
    assert most_changed(before, after) == [
        ("s01", pytest.approx(-0.6)),
        ("s02", pytest.approx(0.2)),
    ]
