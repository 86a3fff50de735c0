"""Stratified group split: every genre in every split, no group in two, stable for new tracks."""

from __future__ import annotations

import hashlib
import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from detune.collection.split_table import SPLITS
from detune.support.errors import UserError

# Sums of shares are not exact in floating point.
ROUNDING = 1e-9


def split_tracks(
    genres: Sequence[str],
    groups: Sequence[str],
    ratios: Mapping[str, float],
    seed: int,
    fixed: Mapping[str, str] | None = None,
) -> list[str]:
    """Give each track one of `SPLITS`; see `stratified_group_split`.

    Where some groups are `fixed`, a genre need not be in every split.
    """
    shares = {split: ratios[split] for split in SPLITS}
    return stratified_group_split(
        genres,
        groups,
        shares,
        seed,
        parts=f"the {len(SPLITS)} splits",
        fixed=fixed,
        strict=not fixed,
    )


def stratified_group_split(
    genres: Sequence[str],
    groups: Sequence[str],
    shares: Mapping[str, float],
    seed: int | str,
    *,
    parts: str,
    fixed: Mapping[str, str] | None = None,
    strict: bool = True,
) -> list[str]:
    """Divide tracks into parts, group by group.

    Every genre gives each part at least one group; beyond that, each part's number of tracks is as
    near to its share as groups allow, by genre and in total. Groups are taken in the order of a
    hash of seed and name: the order of the tracks does not matter, and when a track is added or
    removed only a few groups at the borders between parts move.

    Args:
        genres: genre of each track.
        groups: group of each track; tracks of one group get one part.
        shares: share of the tracks for each part, summing to 1.
        seed: decides which groups go where.
        parts: what the parts are called in an error message.
        fixed: the part of some groups, decided already.
        strict: whether every genre must be in each part.

    Returns:
        The part of each track.

    Raises:
        UserError: a genre has fewer groups than there are parts, and `strict` is true.
    """
    sizes: dict[str, Counter[str]] = defaultdict(Counter)
    for group, genre in zip(groups, genres, strict=True):
        sizes[group][genre] += 1
    chosen = dict(fixed or {})
    names = [n for n in sorted(sizes, key=lambda n: _hash(seed, n)) if n not in chosen]
    # Groups with several genres go first; each genre is then split around them.
    mixed = {name: sizes[name].total() for name in names if len(sizes[name]) > 1}
    chosen |= _fill(mixed, {part: share * sum(mixed.values()) for part, share in shares.items()})
    quotas = _quotas(Counter(genres), shares, seed)
    for genre in sorted(set(genres)):
        own = {name: sizes[name].total() for name in names if set(sizes[name]) == {genre}}
        placed: Counter[str] = Counter()
        for name, part in chosen.items():
            placed[part] += sizes[name][genre]
        wanted = {part: quotas[part][genre] - placed[part] for part in shares}
        assigned, complete = _split_genre(
            own, wanted, [part for part in shares if not placed[part]]
        )
        if strict and not complete:
            count = sum(genre in genres_of for genres_of in sizes.values())
            raise UserError(
                f"genre {genre!r} has {count} separate tracks or groups, too few for {parts}: "
                "add tracks or remove the genre"
            )
        chosen |= assigned
    return [chosen[group] for group in groups]


def _split_genre(
    sizes: Mapping[str, int], quotas: Mapping[str, float], empty: Sequence[str]
) -> tuple[dict[str, str], bool]:
    """Divide the groups of one genre; see `_fill`.

    Args:
        sizes: tracks of each group, in the order in which they are taken.
        quotas: tracks wanted in each part.
        empty: parts that have no track of the genre yet.

    Returns:
        The part of each group, and whether every part in `empty` has a track now.
    """
    assigned = _fill(sizes, quotas)
    for part in empty:
        if part in assigned.values():
            continue
        counts = Counter(assigned.values())
        spare = [name for name in assigned if counts[assigned[name]] > 1]
        # Or the only one of a part that has the genre in a group with several genres.
        spare = spare or [name for name in assigned if assigned[name] not in empty]
        if not spare:
            return assigned, False
        # The smallest group; of equal ones, that of the part with the most groups.
        assigned[min(spare, key=lambda name: (sizes[name], -counts[assigned[name]]))] = part
    return assigned, True


def _fill(sizes: Mapping[str, int], quotas: Mapping[str, float]) -> dict[str, str]:
    """Fill all parts but the one of the largest quota, which takes the rest.

    Args:
        sizes: tracks of each group, in the order in which they are taken.
        quotas: tracks wanted in each part.

    Returns:
        The part of each group.
    """
    rest = max(quotas, key=lambda part: quotas[part])
    left = {part: quota for part, quota in quotas.items() if part != rest}
    assigned: dict[str, str] = {}
    for name, size in sizes.items():
        fitting = [part for part, quota in left.items() if size <= quota + ROUNDING]
        assigned[name] = fitting[0] if fitting else rest
        if fitting:
            left[fitting[0]] -= size
    for part, quota in left.items():
        # A group larger than what is missing may still be nearer to it than no group.
        free = [name for name in sizes if assigned[name] == rest and sizes[name] < 2 * quota]
        if free:
            assigned[min(free, key=lambda name: abs(sizes[name] - quota))] = part
    return assigned


def _quotas(
    tracks: Mapping[str, int], shares: Mapping[str, float], seed: int | str
) -> dict[str, dict[str, int]]:
    """The number of tracks for each part and genre, near the shares by genre and in total."""
    left, remaining = dict(tracks), 1.0
    quotas = {}
    parts = sorted(shares, key=lambda part: -shares[part])
    for number, part in enumerate(parts, start=1):
        later = len(parts) - number
        share = shares[part] / remaining if later else 1.0
        quotas[part] = _apportion(left, share, later, f"{seed}:{part}")
        left = {genre: count - quotas[part][genre] for genre, count in left.items()}
        remaining -= shares[part]
    return quotas


def _apportion(tracks: Mapping[str, int], share: float, later: int, seed: str) -> dict[str, int]:
    """Round `share` of each genre's tracks so that the sum is rounded too (largest remainders).

    Args:
        tracks: tracks by genre.
        share: of them, 0 to 1.
        later: how many tracks of each genre must be left.
        seed: decides between genres with the same remainder.
    """
    exact = {genre: share * count for genre, count in tracks.items()}
    most = {genre: max(0, count - later) for genre, count in tracks.items()}
    counts_by_genre = {
        genre: min(max(1, math.floor(exact[genre] + ROUNDING)), most[genre]) for genre in tracks
    }
    missing = math.floor(sum(exact.values()) + 0.5) - sum(counts_by_genre.values())
    open_to = [
        genre
        for genre in tracks
        if counts_by_genre[genre] < min(most[genre], exact[genre] - ROUNDING)
    ]
    open_to.sort(key=lambda g: (-round(exact[g] - counts_by_genre[g], 9), _hash(seed, g)))
    for genre in open_to[: max(0, missing)]:
        counts_by_genre[genre] += 1
    return counts_by_genre


def _hash(seed: int | str, name: str) -> str:
    return hashlib.sha256(f"{seed}:{name}".encode()).hexdigest()
