"""Splits without leaks: stratified by genre, whole groups on one side."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from detune.errors import UserError

SPLITS = ("train", "validation", "test")


def split_tracks(
    genres: Sequence[str], groups: Sequence[str], ratios: Mapping[str, float], seed: int
) -> list[str]:
    """Give each track a split.

    Every genre gives each split at least one group; beyond that, each split's share of the tracks
    comes as near to `ratios` as whole groups allow, by genre and in all. Groups are taken in the
    order of a hash of seed and name, so the order of the tracks does not matter.

    Args:
        genres: genre of each track.
        groups: group of each track; tracks of one group get one split.
        ratios: share of the tracks for each of `SPLITS`, summing to 1.
        seed: decides which groups go where.

    Returns:
        The split of each track.

    Raises:
        UserError: a genre with fewer groups than splits.
    """
    sizes = Counter(groups)
    by_genre: dict[str, list[str]] = defaultdict(list)
    for group, genre in dict(zip(groups, genres, strict=True)).items():
        by_genre[genre].append(group)
    chosen: dict[str, str] = {}
    totals: Counter[str] = Counter()
    for genre in sorted(by_genre):
        if len(by_genre[genre]) < len(SPLITS):
            raise UserError(
                f"genre {genre!r} has {len(by_genre[genre])} separate tracks or groups, too few "
                f"for the {len(SPLITS)} splits: add tracks or remove the genre"
            )
        names = sorted(by_genre[genre], key=lambda name: _order(seed, name))
        chosen |= _split_genre(names, sizes, ratios, totals)
    return [chosen[group] for group in groups]


def _split_genre(
    names: Sequence[str],
    sizes: Mapping[str, int],
    ratios: Mapping[str, float],
    totals: Counter[str],
) -> dict[str, str]:
    """Deal the groups `names` of one genre out to the splits, and count them into `totals`."""
    counts: Counter[str] = Counter()
    chosen = {}
    for position, name in enumerate(names):
        empty = [split for split in SPLITS if not counts[split]]
        open_to = empty if len(names) - position <= len(empty) else SPLITS
        split = _neediest(open_to, ratios, counts, totals, sizes[name])
        chosen[name] = split
        counts[split] += sizes[name]
        totals[split] += sizes[name]
    return chosen


def _neediest(
    splits: Sequence[str],
    ratios: Mapping[str, float],
    counts: Counter[str],
    totals: Counter[str],
    size: int,
) -> str:
    """The split that lacks most tracks once `size` more are given out.

    The lack within the genre and the lack over all genres count alike, so that what one genre
    can't divide evenly evens out over the others.
    """

    def lack(split: str) -> tuple[float, float]:
        in_genre = ratios[split] * (counts.total() + size) - counts[split]
        in_all = ratios[split] * (totals.total() + size) - totals[split]
        return in_genre + in_all, ratios[split]

    return max(splits, key=lack)


def _order(seed: int, name: str) -> str:
    return hashlib.sha256(f"{seed}:{name}".encode()).hexdigest()
