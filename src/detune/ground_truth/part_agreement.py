"""Which part makes the genre? What muting costs, and whether heat lies where it costs most."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from scipy.stats import rankdata

from detune.corpus.stems import PARTS
from detune.ground_truth.explainers import Explainer
from detune.ground_truth.marks import CHANCE, Marks
from detune.ground_truth.parts import SegmentParts

TEST, UNDER_ATTACK = "true stems", "true stems, under attack"
AGREEMENT, TOP = "rank agreement", "top part"
"""The measures: rank correlation of loss and heat over the parts of a segment, and whether the
part with most heat is the one whose loss is largest."""

LOUDEST_PART = "loudest part"
"""A baseline: what has most power counts most."""

MUTING, DRAWN = "muting", "grad-cam"
"""Whose figures are kept part by part: the answer, and one method."""

Forward = Callable[[np.ndarray], np.ndarray]


def mute_losses(
    forward: Forward, parts: SegmentParts, change: np.ndarray, targets: np.ndarray
) -> np.ndarray:
    """By how much the target's logit falls when a part is muted, `(n, p)`; NaN where not heard.

    Args:
        forward: from segments `(m, 128, 130)` to logits `(m, genres)`.
        parts: n segments in p parts.
        change: `(n, 128, 130)` what an attack adds to a segment, muted or not; zeros for none.
        targets: `(n,)`.
    """
    segments = np.concatenate([parts.whole[:, None], parts.muted], axis=1) + change[:, None]
    count, versions = segments.shape[:2]
    flat = np.clip(segments, 0, 1).reshape(count * versions, *segments.shape[2:])
    logits = forward(flat).reshape(count, versions, -1)
    own = np.take_along_axis(logits, targets[:, None, None], axis=2)[..., 0]
    return np.where(parts.heard, own[:, :1] - own[:, 1:], np.nan)


def heat_shares(heat: np.ndarray, parts: SegmentParts) -> np.ndarray:
    """What share of heat `(n, 128, 130)` is on each part, `(n, p)`; a point is shared by power."""
    totals = heat.sum(axis=(1, 2), dtype=np.float64)[:, None]
    on_parts = np.einsum("nbf,npbf->np", heat.astype(np.float64), parts.shares)
    return np.asarray(on_parts / np.where(totals > 0, totals, 1))


def mark_explainers(
    test: str,
    parts: SegmentParts,
    losses: np.ndarray,
    explained: tuple[np.ndarray, np.ndarray],
    explainers: Mapping[str, Explainer],
) -> list[Marks]:
    """How well each explainer's heat follows the losses.

    Chance is heat that is spread evenly: a part that sounds often has much of any heat, and costs
    much as well, so chance is above 0.

    Args:
        test: name of the test.
        parts: n segments in p parts.
        losses: `(n, p)` of `mute_losses`.
        explained: segments `(n, 128, 130)` and targets `(n,)`.
        explainers: by name.
    """
    shares = {name: heat_shares(explain(*explained), parts) for name, explain in explainers.items()}
    shares[LOUDEST_PART] = parts.power
    chance = _agreement(losses, parts.shares.mean(axis=(2, 3)))
    marks = [
        Marks(test, name, _agreement(losses, share), {CHANCE: chance})
        for name, share in shares.items()
    ]
    heat = {f"heat on {part}": column for part, column in zip(PARTS, shares[DRAWN].T, strict=True)}
    lost = {f"loss without {part}": column for part, column in zip(PARTS, losses.T, strict=True)}
    return [*marks, Marks(test, MUTING, lost), Marks(test, DRAWN, heat)]


def _agreement(losses: np.ndarray, shares: np.ndarray) -> dict[str, np.ndarray]:
    return {AGREEMENT: agree(losses, shares), TOP: same_top(losses, shares)}


def agree(losses: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Rank correlation `(n,)` of losses and shares `(n, p)` over the parts that are heard.

    NaN where fewer than two are; 0 where one of both is the same for all: it says nothing.
    """
    return np.asarray(
        [
            _spearman(loss[np.isfinite(loss)], share[np.isfinite(loss)])
            for loss, share in zip(losses, shares, strict=True)
        ]
    )


def same_top(losses: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Whether the part of the largest share has the largest loss, `(n,)`; NaN for under two."""
    known = np.isfinite(losses)
    first, second = (np.where(known, values, -np.inf).argmax(axis=1) for values in (losses, shares))
    alike = (first == second) & (np.where(known, shares, 0).max(axis=1) > 0)
    return np.where(known.sum(axis=1) < 2, np.nan, alike)


def _spearman(first: np.ndarray, second: np.ndarray) -> float:
    if len(first) < 2:
        return float("nan")
    x, y = (rankdata(values) - (len(values) + 1) / 2 for values in (first, second))
    spread = np.sqrt((x @ x) * (y @ y))
    return float(x @ y / spread) if spread > 0 else 0.0
