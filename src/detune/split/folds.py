"""Folds: every group is in the test split once, for cross-validation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from detune.split.stratified import stratified_group_split


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

    The other folds are divided into training and validation by the ratio of these two. See
    `stratified_group_split` for how.

    Args:
        genres: genre of each track.
        groups: group of each track; tracks of one group get one split.
        ratios: shares of train and validation, of which only their ratio counts.
        seed: decides which groups go where.
        folds: how many folds there are.
        fold: which is the test split, from 0.

    Raises:
        UserError: a genre has fewer groups than folds, or too few outside the fold.
    """
    shares = {str(number): 1 / folds for number in range(folds)}
    name = f"the {folds} folds of preprocess.split.folds (lower it)"
    fold_of_track = stratified_group_split(genres, groups, shares, seed, parts=name)
    rest = [place for place, part in enumerate(fold_of_track) if part != str(fold)]
    total = ratios["train"] + ratios["validation"]
    assigned = stratified_group_split(
        [genres[place] for place in rest],
        [groups[place] for place in rest],
        {split: ratios[split] / total for split in ("train", "validation")},
        # The fold is part of the seed, or nearly the same groups would validate each time.
        f"{seed}:{fold}",
        parts=f"training and validation outside fold {fold} of preprocess.split.folds",
    )
    splits = ["test"] * len(genres)
    for place, split in zip(rest, assigned, strict=True):
        splits[place] = split
    return splits
