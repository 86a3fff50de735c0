"""Splits and groups that come with a table of labels, joined with those of a partition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from detune.collection.labels import KEY, Labels, names_in
from detune.split.partition import Partition
from detune.support.errors import UserError


def with_labels(
    partition: Partition, labels: Labels | None, rows: Sequence[Mapping[str, str]]
) -> Partition:
    """What a partition fixes, and what the table of labels fixes.

    Args:
        partition: the partition.
        labels: the table, if there is one.
        rows: `track` and `source` of each track, as in `tracks.csv`.

    Raises:
        UserError: both fix splits, or both groups, or the table fixes those of no track here.
    """
    if labels is None:
        return partition
    for column in ("splits", "groups"):
        if getattr(partition, column) and getattr(labels, column):
            raise UserError(
                f"{KEY}: {labels.path} and data.partition both give {column}: take that column "
                "out of one of them"
            )
    names = names_in(labels, [row["source"] for row in rows])
    listed = {row["track"]: names[row["source"]] for row in rows if row["source"] in names}
    splits = {track: labels.splits[name] for track, name in listed.items() if name in labels.splits}
    if labels.splits and not splits:
        raise UserError(
            f"{KEY}: {labels.path} gives a split to no track that could be used: give others one, "
            "or leave the column split empty"
        )
    groups = {track: labels.groups[name] for track, name in listed.items() if name in labels.groups}
    return Partition(
        tracks=partition.tracks | frozenset(listed if splits else ()),
        splits=splits or partition.splits,
        groups=groups or partition.groups,
        key=KEY if splits else partition.key,
    )
