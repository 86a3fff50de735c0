"""What the numbers allow to say about attention under attack, in words and no stronger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from detune.estimates import MIN_SONGS, Estimate, estimate
from detune.gradcam.shift import (
    ATTACK,
    NEW_GENRE,
    NOISE,
    RETRAINED,
    SAME_GENRE,
    UNRELATED,
    Comparison,
)

HEADLINE = "spearman"
"""The measure that the finding speaks of: how alike heatmaps are, 1 for the same."""


@dataclass(frozen=True)
class Facts:
    """How alike heatmaps stay under one method at one epsilon; None where there is nothing.

    Attributes:
        method: the attack.
        attack: rank correlation of the segment before and after the attack.
        noise: of the segment before and after noise of that size.
        beyond_noise: by how much the attack lowers it further than noise, segment by segment.
        flipped: as `attack`, of the segments whose genre changed.
        question: as `flipped`, of the clean segment about the new genre: only the question
            changes.
        beyond_question: by how much `flipped` is lower than that.
        beyond_unrelated: by how much `flipped` is higher than of unrelated segments.
        kept: as `flipped`, but asked about the genre before the attack.
        kept_closer: by how much that is higher than `flipped`.
        kept_loss: by how much it is lower than under dense layers learnt anew.
    """

    method: str
    attack: Estimate | None = None
    noise: Estimate | None = None
    beyond_noise: Estimate | None = None
    flipped: Estimate | None = None
    question: Estimate | None = None
    beyond_question: Estimate | None = None
    beyond_unrelated: Estimate | None = None
    kept: Estimate | None = None
    kept_closer: Estimate | None = None
    kept_loss: Estimate | None = None


def gather(
    comparisons: Sequence[Comparison],
    method: str,
    epsilon: float,
    tracks: Sequence[str],
    *,
    seed: int,
) -> Facts:
    """The facts of `method` at `epsilon` from what was compared."""

    def similarity(kind: str, name: str = "", size: float | None = None) -> np.ndarray:
        for item in comparisons:
            if (item.kind, item.method, item.epsilon) == (kind, name, size):
                return item.values[HEADLINE]
        return np.full(len(tracks), np.nan)

    def told(values: np.ndarray) -> Estimate | None:
        return estimate(values, tracks, seed=seed)

    attack, kept, asked = (
        similarity(kind, method, epsilon) for kind in (ATTACK, SAME_GENRE, NEW_GENRE)
    )
    flips = [
        item.flipped for item in comparisons if (item.method, item.epsilon) == (method, epsilon)
    ]
    changed = flips[0] if flips else np.zeros(len(tracks), dtype=bool)
    flipped, kept = (np.where(changed, values, np.nan) for values in (attack, kept))
    noise = similarity(NOISE, "", epsilon)
    return Facts(
        method,
        attack=told(attack),
        noise=told(noise),
        beyond_noise=told(noise - attack),
        flipped=told(flipped),
        question=told(np.where(changed, asked, np.nan)),
        beyond_question=told(asked - flipped),
        beyond_unrelated=told(flipped - similarity(UNRELATED)),
        kept=told(kept),
        kept_closer=told(kept - flipped),
        kept_loss=told(similarity(RETRAINED) - kept),
    )


def direction(found: Estimate | None) -> int | None:
    """1 or -1 where the whole interval lies above or below 0, 0 where it does not tell.

    None where there are too few songs to build on, or nothing at all.
    """
    if found is None or found.songs < MIN_SONGS:
        return None
    return int(found.low > 0) - int(found.high < 0)


def tell(facts: Facts) -> str:
    """What `facts` allow to say, in one line."""
    if facts.attack is None or facts.beyond_noise is None:
        return f"{facts.method} leaves no heatmaps to compare"
    if direction(facts.beyond_noise) is None:
        return (
            f"{facts.beyond_noise.songs} songs are too few to say what {facts.method} does to "
            f"attention: {MIN_SONGS} are the least"
        )
    return "; ".join(filter(None, (_shift(facts), _question(facts), _kept(facts), _far(facts))))


def _shift(facts: Facts) -> str:
    """Attack against noise."""
    words = {
        1: f"attention shifts more under {facts.method} than under noise of the same size",
        0: f"attention is not shown to shift more under {facts.method} than under noise of the "
        "same size",
        -1: f"attention shifts less under {facts.method} than under noise of the same size",
    }
    return (
        f"{words[direction(facts.beyond_noise) or 0]}: rank correlation with the clean heatmap "
        f"{facts.attack} and {facts.noise}, difference {facts.beyond_noise}"
    )


def _question(facts: Facts) -> str:
    """Segments whose genre changed against their clean selves, asked about the same new genre."""
    found = direction(facts.beyond_question)
    if found is None:
        return ""
    words = {
        1: "moves flipped segments further than",
        0: "is not shown to move flipped segments further than",
        -1: "moves flipped segments less than",
    }
    return (
        f"it {words[found]} asking about the new genre does without any attack: {facts.flipped} "
        f"and {facts.question}"
    )


def _kept(facts: Facts) -> str:
    """The same segments, asked about the genre before."""
    closer, loss = direction(facts.kept_closer), direction(facts.kept_loss)
    if closer is None or loss is None:
        return ""
    words = {1: "they stay closer", 0: "they are not shown to stay closer", -1: "they move further"}
    rest = {
        1: "further off than with dense layers learnt anew",
        0: "not shown to be further off than with dense layers learnt anew",
        -1: "closer than with dense layers learnt anew",
    }
    return f"asked about the genre before, {words[closer]}, at {facts.kept}, {rest[loss]}"


def _far(facts: Facts) -> str:
    """Segments whose genre changed against unrelated segments."""
    found = direction(facts.beyond_unrelated)
    if found is None:
        return ""
    words = {
        1: "are still more like their clean selves than unrelated segments are",
        0: "are not shown to be more like their clean selves than unrelated segments are",
        -1: "are less like their clean selves than unrelated segments are",
    }
    return f"flipped segments {words[found]}, by {facts.beyond_unrelated}"


def tell_trust(
    randomised: Estimate | None, retrained: Estimate | None, deletion: Estimate | None
) -> str:
    """Whether heatmaps of this model can be read at all.

    Args:
        randomised: similarity to the heatmap when all weights are random.
        retrained: similarity to it when the dense layers are learnt anew.
        deletion: by how much faster the logit falls than when removing at random.
    """
    if direction(deletion) is None or randomised is None or retrained is None:
        return "too few songs to say whether heatmaps mark what counts"
    marks = {
        1: f"removing what heatmaps mark lowers the logit faster than elsewhere, by {deletion}",
        0: f"removing what heatmaps mark is not shown to lower the logit faster than elsewhere, "
        f"{deletion}",
        -1: f"removing what heatmaps mark lowers the logit more slowly than elsewhere, {deletion}",
    }[direction(deletion) or 0]
    if randomised.high < retrained.low:
        return f"{marks}; random weights destroy heatmaps, {randomised}"
    return f"{marks}; heatmaps survive random weights, {randomised}: read nothing into them"
