from __future__ import annotations

import numpy as np
import pytest

from detune.estimates import MIN_SONGS, Estimate
from detune.gradcam.finding import direction, gather, tell, tell_trust
from detune.gradcam.shift import (
    ATTACK,
    NEW_GENRE,
    NOISE,
    RETRAINED,
    SAME_GENRE,
    UNRELATED,
    Comparison,
)

SONGS = 8
TRACKS = [f"song{number // 5}" for number in range(5 * SONGS)]
RNG = np.random.default_rng(0)
FLIPPED = np.arange(len(TRACKS)) % 2 == 0


def planted(means: dict[str, float], tracks: int = len(TRACKS)) -> list[Comparison]:
    """What would be compared if each kind had this mean rank correlation."""
    found = []
    for kind, mean in means.items():
        values = mean + RNG.normal(scale=0.03, size=tracks)
        method = "pgd" if kind in (ATTACK, SAME_GENRE, NEW_GENRE) else ""
        epsilon = None if kind in (UNRELATED, RETRAINED) else 0.1
        flipped = FLIPPED[:tracks]
        found.append(Comparison(kind, {"spearman": values}, flipped, method, epsilon))
    return found


STRONG = {
    ATTACK: 0.1,
    SAME_GENRE: 0.4,
    NEW_GENRE: 0.6,
    NOISE: 0.9,
    UNRELATED: 0.3,
    RETRAINED: 0.8,
}
NONE = dict.fromkeys(STRONG, 0.7)
OPPOSITE = {
    ATTACK: 0.9,
    SAME_GENRE: 0.5,
    NEW_GENRE: 0.2,
    NOISE: 0.3,
    UNRELATED: 0.1,
    RETRAINED: 0.2,
}


def told(means: dict[str, float]) -> str:
    return tell(gather(planted(means), "pgd", 0.1, TRACKS, seed=1))


def test_a_strong_effect_is_told_with_its_numbers() -> None:
    line = told(STRONG)
    assert "attention shifts more under pgd than under noise of the same size" in line
    assert "difference 0.8" in line
    assert "it moves flipped segments further than asking about the new genre" in line
    assert "they stay closer, at 0.4" in line
    assert "further off than with dense layers learnt anew" in line
    assert "flipped segments are less like their clean selves than unrelated" in line
    assert "\n" not in line


def test_no_effect_is_told_as_none_shown() -> None:
    line = told(NONE)
    assert line.count("not shown") == 5
    assert "shifts more" not in line


def test_the_opposite_is_told_as_such() -> None:
    line = told(OPPOSITE)
    assert "attention shifts less under pgd than under noise" in line
    assert "it moves flipped segments less than asking about the new genre" in line
    assert "they move further" in line
    assert "closer than with dense layers learnt anew" in line
    assert "are still more like their clean selves than unrelated" in line


def test_too_few_songs_carry_no_sentence() -> None:
    few = 5 * (MIN_SONGS - 1)
    facts = gather(planted(STRONG, few), "pgd", 0.1, TRACKS[:few], seed=1)
    line = tell(facts)
    assert line.startswith(f"{MIN_SONGS - 1} songs are too few")
    assert "shifts more" not in line


def test_nothing_to_compare_is_said() -> None:
    silent = gather(planted({NOISE: 0.9}), "pgd", 0.1, TRACKS, seed=1)
    assert tell(silent) == "pgd leaves no heatmaps to compare"


def test_without_a_flip_nothing_is_said_of_flips() -> None:
    still = [
        Comparison(item.kind, item.values, np.zeros(len(TRACKS), bool), item.method, item.epsilon)
        for item in planted(STRONG)
    ]
    line = tell(gather(still, "pgd", 0.1, TRACKS, seed=1))
    assert line.startswith("attention shifts more under pgd")
    assert "flipped" not in line
    assert "genre before" not in line


def test_facts_are_paired_segment_by_segment() -> None:
    items = {item.kind: item for item in planted(STRONG)}
    items[NOISE].values["spearman"][3:] = np.nan
    facts = gather(list(items.values()), "pgd", 0.1, TRACKS, seed=1)
    assert facts.beyond_noise is not None
    assert facts.beyond_noise.segments == 3
    expected = items[NOISE].values["spearman"][:3] - items[ATTACK].values["spearman"][:3]
    assert facts.beyond_noise.value == pytest.approx(expected.mean())
    assert facts.flipped is not None
    assert facts.flipped.segments == FLIPPED.sum()


@pytest.mark.parametrize(
    ("low", "high", "songs", "expected"),
    [(0.1, 0.2, 9, 1), (-0.2, -0.1, 9, -1), (-0.1, 0.1, 9, 0), (0.1, 0.2, MIN_SONGS - 1, None)],
)
def test_only_a_whole_interval_has_a_direction(
    low: float, high: float, songs: int, expected: int | None
) -> None:
    assert direction(Estimate((low + high) / 2, low, high, 50, songs)) == expected


def at(value: float, half: float = 0.05) -> Estimate:
    return Estimate(value, value - half, value + half, 50, 9)


def test_trust_is_told_from_deletion_and_from_random_weights() -> None:
    line = tell_trust(at(0.1), at(0.8), at(1.0))
    assert "lowers the logit faster than elsewhere, by 1.00" in line
    assert "random weights destroy heatmaps" in line
    line = tell_trust(at(0.78), at(0.8), at(0.0))
    assert "not shown to lower the logit faster" in line
    assert "read nothing into them" in line
    assert "more slowly" in tell_trust(at(0.1), at(0.8), at(-1.0))
    assert "too few songs" in tell_trust(at(0.1), at(0.8), None)
