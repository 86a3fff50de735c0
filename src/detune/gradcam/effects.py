"""What the numbers allow to say about attention under attack, in words and no stronger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from detune.gradcam.comparison import (
    ADVERSARIAL,
    ATTACK,
    HEADLINE,
    NOISE,
    NOISE_ORIGINAL,
    ORIGINAL,
    OTHER_CLASSES,
    RETRAINED,
    Comparison,
)
from detune.statistics.bootstrap import MIN_SONGS, Bootstrap, Estimate


@dataclass(frozen=True)
class Effects:
    """How alike heatmaps stay under one method at one epsilon; None where there is nothing.

    All are rank correlations with the clean heatmap for the original class, or differences of
    two, segment by segment.

    Attributes:
        method: the attack.
        attack: under attack, for the class predicted then.
        noise: after noise of the same size, likewise.
        below_noise: by how much the attack is lower than noise.
        original: under attack, for the original class.
        original_below_noise: by how much that is lower than noise for the original class.
        original_below_retrained: by how much that is lower than under a retrained head.
        original_below_other_classes: by how much that is lower than of segments of other classes.
        adversarial: of the clean segment for the adversarial class, where the class changed.
        attack_below_adversarial: by how much the attack is lower than that.
    """

    method: str
    attack: Estimate | None = None
    noise: Estimate | None = None
    below_noise: Estimate | None = None
    original: Estimate | None = None
    original_below_noise: Estimate | None = None
    original_below_retrained: Estimate | None = None
    original_below_other_classes: Estimate | None = None
    adversarial: Estimate | None = None
    attack_below_adversarial: Estimate | None = None


def measure_effects(
    comparisons: Sequence[Comparison], method: str, epsilon: float, bootstrap: Bootstrap
) -> Effects:
    """The effects of `method` at `epsilon` from what was compared.

    Args:
        comparisons: of every cell, and of the controls.
        method: the attack.
        epsilon: its size.
        bootstrap: over the songs of the test segments.
    """
    unknown = np.full(len(bootstrap.songs), np.nan)
    by_kind = {
        item.kind: item
        for item in comparisons
        if (item.method, item.epsilon) in ((method, epsilon), ("", None))
    }

    def similarity(kind: str) -> np.ndarray:
        return by_kind[kind].values[HEADLINE] if kind in by_kind else unknown

    attack, original = similarity(ATTACK), similarity(ORIGINAL)
    # Without a flip the adversarial class is the original one.
    flipped = by_kind[ATTACK].flipped if ATTACK in by_kind else np.zeros(len(unknown), bool)
    adversarial = np.where(flipped, similarity(ADVERSARIAL), np.nan)
    return Effects(
        method,
        attack=bootstrap.estimate(attack),
        noise=bootstrap.estimate(similarity(NOISE)),
        below_noise=bootstrap.estimate(similarity(NOISE) - attack),
        original=bootstrap.estimate(original),
        original_below_noise=bootstrap.estimate(similarity(NOISE_ORIGINAL) - original),
        original_below_retrained=bootstrap.estimate(similarity(RETRAINED) - original),
        original_below_other_classes=bootstrap.estimate(similarity(OTHER_CLASSES) - original),
        adversarial=bootstrap.estimate(adversarial),
        attack_below_adversarial=bootstrap.estimate(adversarial - attack),
    )


def direction(estimate: Estimate | None) -> int | None:
    """1 or -1 where the whole interval lies above or below 0, 0 where it does not tell.

    None where there are too few songs to build on, or nothing at all.
    """
    if estimate is None or estimate.songs < MIN_SONGS:
        return None
    return int(estimate.low > 0) - int(estimate.high < 0)


def summarise(effects: Effects) -> str:
    """What `effects` allow to say, in one line."""
    name = effects.method.upper()
    if effects.attack is None or effects.below_noise is None:
        return f"{name} leaves no heatmaps to compare"
    if direction(effects.below_noise) is None:
        return (
            f"{effects.below_noise.songs} songs are too few to say what {name} does to "
            f"attention: {MIN_SONGS} are the least"
        )
    parts = (
        f"under {name} heatmaps correlate {effects.attack} with the clean ones, "
        f"{_against(f'noise of the same size ({effects.noise})', effects.below_noise)}",
        _original_class(effects),
        _adversarial_class(effects),
    )
    return "; ".join(filter(None, parts))


def _against(control: str, lower_by: Estimate | None) -> str:
    """Lower or higher than a control, or neither shown."""
    return {
        1: f"lower than {control}, by {lower_by}",
        0: f"not shown to differ from {control}, {lower_by}",
        -1: f"higher than {control}, by {-lower_by}" if lower_by else "",
    }[direction(lower_by) or 0]


def _original_class(effects: Effects) -> str:
    """The target class is held fixed: what remains is the change of the segment itself."""
    controls = {
        "noise": effects.original_below_noise,
        "a retrained head": effects.original_below_retrained,
        "segments of other classes": effects.original_below_other_classes,
    }
    compared = [
        _against(control, difference)
        for control, difference in controls.items()
        if direction(difference) is not None
    ]
    if effects.original is None or not compared:
        return ""
    return f"for the original class {effects.original}: {'; '.join(compared)}"


def _adversarial_class(effects: Effects) -> str:
    """Segments whose class changed against their clean selves, for the same adversarial class."""
    if direction(effects.attack_below_adversarial) is None:
        return ""
    control = f"the clean segment's for the adversarial class ({effects.adversarial})"
    return f"where the class changed, {_against(control, effects.attack_below_adversarial)}"


def summarise_trust(
    randomized: Estimate | None, retrained: Estimate | None, deletion: Estimate | None
) -> str:
    """Whether heatmaps of this model can be interpreted at all.

    Args:
        randomized: similarity to the heatmap when all weights are random.
        retrained: similarity to it under a retrained head.
        deletion: by how much faster the logit falls than when removing at random.
    """
    if direction(deletion) is None or randomized is None or retrained is None:
        return "too few songs to say whether heatmaps mark what counts"
    marks = {
        1: f"removing what heatmaps mark lowers the logit faster than elsewhere, by {deletion}",
        0: f"removing what heatmaps mark is not shown to lower the logit faster than elsewhere, "
        f"{deletion}",
        -1: f"removing what heatmaps mark lowers the logit more slowly than elsewhere, {deletion}",
    }[direction(deletion) or 0]
    if randomized.high < retrained.low:
        return f"{marks}; random weights destroy heatmaps, {randomized}"
    return f"{marks}; heatmaps survive random weights, {randomized}: do not interpret them"
