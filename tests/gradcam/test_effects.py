from __future__ import annotations

import numpy as np
import pytest

from detune.gradcam.comparison import (
    ADVERSARIAL,
    ATTACK,
    NOISE,
    NOISE_ORIGINAL,
    ORIGINAL,
    OTHER_CLASSES,
    RETRAINED,
    Comparison,
)
from detune.gradcam.effects import direction, measure_effects, summarise, summarise_trust
from detune.statistics.bootstrap import MIN_SONGS, Bootstrap, Estimate

SONGS = 8
TRACKS = [f"song{number // 5}" for number in range(5 * SONGS)]
FLIPPED = np.arange(len(TRACKS)) % 2 == 0


def planted(means: dict[str, float], tracks: int = len(TRACKS)) -> list[Comparison]:
    """What would be compared if each kind had this mean rank correlation."""
    comparisons = []
    for kind, mean in means.items():
        values = mean + np.random.default_rng(0).normal(scale=0.03, size=tracks)
        method, epsilon = ("", None) if kind in (OTHER_CLASSES, RETRAINED) else ("pgd", 0.1)
        comparisons.append(
            Comparison(kind, {"spearman": values}, FLIPPED[:tracks], method, epsilon)
        )
    return comparisons


STRONG = {
    ATTACK: 0.1,
    ORIGINAL: 0.4,
    ADVERSARIAL: 0.6,
    NOISE: 0.9,
    NOISE_ORIGINAL: 0.95,
    OTHER_CLASSES: 0.5,
    RETRAINED: 0.8,
}
NONE = dict.fromkeys(STRONG, 0.7)
OPPOSITE = {
    ATTACK: 0.9,
    ORIGINAL: 0.5,
    ADVERSARIAL: 0.2,
    NOISE: 0.3,
    NOISE_ORIGINAL: 0.3,
    OTHER_CLASSES: 0.1,
    RETRAINED: 0.2,
}


def summary_of(means: dict[str, float]) -> str:
    return summarise(measure_effects(planted(means), "pgd", 0.1, Bootstrap(TRACKS, 1)))


def test_a_strong_effect_is_told_with_its_numbers() -> None:
    line = summary_of(STRONG)
    assert line.startswith("under PGD heatmaps correlate 0.1")
    assert "lower than noise of the same size (0.90 (" in line
    assert "by 0.80 (" in line
    assert "for the original class 0.4" in line
    assert line.count("lower than") == 5
    assert "lower than a retrained head, by 0.40" in line
    assert "lower than segments of other classes, by 0.10" in line
    assert "the clean segment's for the adversarial class (0.59" in line
    assert "\n" not in line


def test_no_effect_is_told_as_none_shown() -> None:
    line = summary_of(NONE)
    assert line.count("not shown to differ") == 5
    assert "lower" not in line


def test_the_opposite_is_told_as_such() -> None:
    line = summary_of(OPPOSITE)
    assert line.count("higher than") == 5
    assert "by -" not in line
    assert "by 0.60 (0.60 to 0.60)" in line
    assert "lower" not in line


def test_too_few_songs_carry_no_sentence() -> None:
    few = 5 * (MIN_SONGS - 1)
    sample = Bootstrap(TRACKS[:few], 1)
    line = summarise(measure_effects(planted(STRONG, few), "pgd", 0.1, sample))
    assert line.startswith(f"{MIN_SONGS - 1} songs are too few")
    assert "lower" not in line


def test_nothing_to_compare_is_said() -> None:
    silent = measure_effects(planted({NOISE: 0.9}), "pgd", 0.1, Bootstrap(TRACKS, 1))
    assert summarise(silent) == "PGD leaves no heatmaps to compare"


def test_without_a_flip_nothing_is_said_of_the_adversarial_class() -> None:
    still = [
        Comparison(item.kind, item.values, np.zeros(len(TRACKS), bool), item.method, item.epsilon)
        for item in planted(STRONG)
    ]
    line = summarise(measure_effects(still, "pgd", 0.1, Bootstrap(TRACKS, 1)))
    assert line.startswith("under PGD heatmaps correlate")
    assert "adversarial class" not in line


def test_effects_are_paired_segment_by_segment() -> None:
    items = {item.kind: item for item in planted(STRONG)}
    items[NOISE].values["spearman"][3:] = np.nan
    effects = measure_effects(list(items.values()), "pgd", 0.1, Bootstrap(TRACKS, 1))
    assert effects.below_noise is not None
    assert effects.below_noise.segments == 3
    expected = items[NOISE].values["spearman"][:3] - items[ATTACK].values["spearman"][:3]
    assert effects.below_noise.value == pytest.approx(expected.mean())
    assert effects.adversarial is not None
    assert effects.adversarial.segments == FLIPPED.sum()


def test_another_method_or_epsilon_does_not_count() -> None:
    others = [
        Comparison(ATTACK, {"spearman": np.full(len(TRACKS), 0.3)}, FLIPPED, *cell)
        for cell in (("fgsm", 0.1), ("pgd", 0.2))
    ]
    effects = measure_effects([*others, *planted(STRONG)], "pgd", 0.1, Bootstrap(TRACKS, 1))
    assert effects.attack is not None
    assert effects.attack.value == pytest.approx(0.1, abs=0.03)


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
    line = summarise_trust(at(0.1), at(0.8), at(1.0))
    assert "lowers the logit faster than elsewhere, by 1.00" in line
    assert "random weights destroy heatmaps" in line
    line = summarise_trust(at(0.78), at(0.8), at(0.0))
    assert "not shown to lower the logit faster" in line
    assert "do not interpret them" in line
    assert "more slowly" in summarise_trust(at(0.1), at(0.8), at(-1.0))
    assert "too few songs" in summarise_trust(at(0.1), at(0.8), None)
