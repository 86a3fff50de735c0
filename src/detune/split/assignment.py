"""Assign each track to a split: by groups, a partition, and ratios or folds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from detune.collection.grouping import group_names
from detune.collection.split_table import SPLITS, SplitRow
from detune.params.sections import Split
from detune.split.folds import fold_tracks
from detune.split.partition import Partition
from detune.split.stratified import split_tracks, stratified_group_split
from detune.support.errors import UserError

Row = Mapping[str, str]


@dataclass(frozen=True)
class Assignment:
    """Where the tracks go.

    Attributes:
        rows: the split of each track that takes part, and its group: duplicates, and what a
            partition keeps together.
        left_out: how many tracks a partition does not list.
        absent: how many tracks a partition lists and the collection lacks.
    """

    rows: list[SplitRow]
    left_out: int
    absent: int


def assign(rows: Sequence[Row], settings: Split, partition: Partition) -> Assignment:
    """Assign every track to a split.

    Args:
        rows: rows of `tracks.csv`.
        settings: ratios, folds and seed.
        partition: splits and groups that are fixed.

    Raises:
        UserError: the partition contradicts itself, the duplicates or the folds, or a split or
            genre would be left without tracks.
    """
    groups = _merged_groups(rows, partition)
    kept = [place for place, row in enumerate(rows) if partition.keeps(row["track"])]
    rows_kept, groups_kept = [rows[place] for place in kept], [groups[place] for place in kept]
    splits = _splits(rows_kept, groups_kept, settings, partition)
    _require_tracks(rows_kept, splits, partition.key)
    leaking = leaking_groups(groups_kept, splits)
    if leaking:
        raise UserError(
            f"{len(leaking)} groups are in several splits, {leaking[0]!r} the first: a model "
            "would be tested on tracks that it was trained on: report this as a bug of detune"
        )
    names = {row["track"] for row in rows}
    absent = len(partition.tracks - names)
    decided = [
        SplitRow(row["track"], row["genre"], split, group)
        for row, split, group in zip(rows_kept, splits, groups_kept, strict=True)
    ]
    return Assignment(decided, len(rows) - len(kept), absent)


def leaking_groups(groups: Sequence[str], splits: Sequence[str]) -> list[str]:
    """Groups in more than one split, in order."""
    splits_of: dict[str, set[str]] = defaultdict(set)
    for group, split in zip(groups, splits, strict=True):
        splits_of[group].add(split)
    return [group for group, several in splits_of.items() if len(several) > 1]


def _merged_groups(rows: Sequence[Row], partition: Partition) -> list[str]:
    """The group of each track: a duplicate joins the groups of a partition."""
    pairs = [(row["track"], ("duplicates", row["group"])) for row in rows]
    pairs += [(track, ("partition", group)) for track, group in partition.groups.items()]
    return group_names([row["track"] for row in rows], pairs)


def _splits(
    rows: Sequence[Row], groups: Sequence[str], settings: Split, partition: Partition
) -> list[str]:
    """The split of each track that takes part."""
    genres = [row["genre"] for row in rows]
    ratios = {split: getattr(settings, split) for split in SPLITS}
    if not settings.folds:
        fixed = _fixed_splits(rows, groups, partition)
        if fixed and "validation" not in fixed.values():
            fixed = _with_validation(rows, groups, fixed, settings)
        return split_tracks(genres, groups, ratios, settings.seed, fixed)
    if partition.splits:
        raise UserError(
            f"preprocess.split.folds: {partition.key} fixes the splits already: set folds to 0, or "
            "leave its column split empty"
        )
    return fold_tracks(
        genres, groups, ratios, settings.seed, folds=settings.folds, fold=settings.fold
    )


def _fixed_splits(
    rows: Sequence[Row], groups: Sequence[str], partition: Partition
) -> dict[str, str]:
    """The split of each group that has one."""
    if partition.splits and not any(row["track"] in partition.splits for row in rows):
        raise UserError(
            f"{partition.key}: it gives none of the tracks a split: name them as data/tracks.csv "
            f"does, for example {next(iter(partition.splits))!r}"
        )
    fixed: dict[str, tuple[str, str]] = {}
    faults: dict[str, str] = {}
    for row, group in zip(rows, groups, strict=True):
        split = partition.splits.get(row["track"])
        if split:
            earlier, by = fixed.setdefault(group, (split, row["track"]))
            if earlier != split:
                faults.setdefault(group, f"{earlier} ({by}) and {split} ({row['track']})")
    if faults:
        group, fault = next(iter(faults.items()))
        more = f" (and {len(faults) - 1} more groups are)" if len(faults) > 1 else ""
        raise UserError(
            f"{partition.key}: group {group!r} is in two splits, {fault}{more}: give its tracks "
            "one, remove some, or leave the column split empty"
        )
    return {group: split for group, (split, _) in fixed.items()}


def _with_validation(
    rows: Sequence[Row], groups: Sequence[str], fixed: Mapping[str, str], settings: Split
) -> dict[str, str]:
    """`fixed`, with validation drawn from the groups in train: many lists have no validation."""
    training = [place for place, group in enumerate(groups) if fixed.get(group) == "train"]
    names = [groups[place] for place in training]
    total = settings.train + settings.validation
    assigned = stratified_group_split(
        [rows[place]["genre"] for place in training],
        names,
        {"train": settings.train / total, "validation": settings.validation / total},
        settings.seed,
        parts="training and validation",
        strict=False,
    )
    return dict(fixed) | dict(zip(names, assigned, strict=True))


def _require_tracks(rows: Sequence[Row], splits: Sequence[str], key: str) -> None:
    """Each split needs tracks, and each genre some for training."""
    for split in SPLITS:
        if split not in splits:
            raise UserError(
                f"{key}: no track of the collection is in {split}: list some, or leave "
                "the split of others empty"
            )
    genres = {row["genre"] for row in rows}
    training = {row["genre"] for row, split in zip(rows, splits, strict=True) if split == "train"}
    if genres - training or len(genres) < 2:
        named = ", ".join(sorted(genres - training)) or "all but one genre"
        raise UserError(f"{key}: {named}: no track for training: list some in train, or list none")
