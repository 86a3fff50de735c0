"""Folds: every group is in the test split once, for cross-validation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from detune.split.stratified import deal


def fold_tracks(
    genres: Sequence[str],
    groups: Sequence[str],
    ratios: Mapping[str, float],
    seed: int,
    *,
    folds: int,
    fold: int,
) -> list[str]:
    """Give each track a split, with one fold as the test split.

    The other folds are dealt out to training and validation in the ratio that these have to each
    other. See `deal` for the law of both.

    Args:
        genres: genre of each track.
        groups: group of each track; tracks of one group get one split.
        ratios: shares of train and validation, of which only their ratio counts.
        seed: decides which groups go where.
        folds: how many folds there are.
        fold: which is the test split, from 0.

    Raises:
        UserError: a genre with fewer groups than folds, or too few beside the fold.
    """
    parts = {str(number): 1 / folds for number in range(folds)}
    told = f"the {folds} folds of preprocess.split.folds (lower it)"
    dealt = deal(genres, groups, parts, seed, told=told)
    rest = [place for place, part in enumerate(dealt) if part != str(fold)]
    total = ratios["train"] + ratios["validation"]
    learnt = deal(
        [genres[place] for place in rest],
        [groups[place] for place in rest],
        {split: ratios[split] / total for split in ("train", "validation")},
        # Of the fold too, or nearly the same groups would validate each time.
        f"{seed}:{fold}",
        told=f"training and validation beside fold {fold} of preprocess.split.folds",
    )
    splits = ["test"] * len(genres)
    for place, split in zip(rest, learnt, strict=True):
        splits[place] = split
    return splits
