"""Splits without leaks: stratified by genre, whole groups on one side, stable as tracks come."""

from __future__ import annotations

import hashlib
import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from detune.collection.splits import SPLITS
from detune.support.errors import UserError

# Sums of shares and tracks come out a little beside whole numbers.
ROUNDING = 1e-9


def split_tracks(
    genres: Sequence[str],
    groups: Sequence[str],
    ratios: Mapping[str, float],
    seed: int,
    fixed: Mapping[str, str] | None = None,
) -> list[str]:
    """Give each track one of `SPLITS`; see `deal`.

    Where some groups are `fixed`, a genre need not be in every split.
    """
    shares = {split: ratios[split] for split in SPLITS}
    return deal(
        genres,
        groups,
        shares,
        seed,
        told=f"the {len(SPLITS)} splits",
        fixed=fixed,
        strict=not fixed,
    )


def deal(
    genres: Sequence[str],
    groups: Sequence[str],
    shares: Mapping[str, float],
    seed: int | str,
    *,
    told: str,
    fixed: Mapping[str, str] | None = None,
    strict: bool = True,
) -> list[str]:
    """Deal tracks out to parts, group by group.

    Every genre gives each part at least one group; beyond that, each part's number of tracks comes
    as near to its share as whole groups allow, by genre and in all. Groups are taken in the order
    of a hash of seed and name: the order of the tracks does not matter, and a track more or less
    moves a few groups at the borders between parts and leaves all others where they were.

    Args:
        genres: genre of each track.
        groups: group of each track; tracks of one group get one part.
        shares: share of the tracks for each part, summing to 1.
        seed: decides which groups go where.
        told: what the parts are called where they are too many for a genre.
        fixed: part of some groups.
        strict: whether every genre must be in each part.

    Returns:
        The part of each track.

    Raises:
        UserError: a genre with fewer groups than parts, where that is strict.
    """
    sizes: dict[str, Counter[str]] = defaultdict(Counter)
    for group, genre in zip(groups, genres, strict=True):
        sizes[group][genre] += 1
    chosen = dict(fixed or {})
    names = [n for n in sorted(sizes, key=lambda n: _order(seed, n)) if n not in chosen]
    # Groups across genres go first: each of their genres then deals around them.
    mixed = {name: sizes[name].total() for name in names if len(sizes[name]) > 1}
    chosen |= _fill(mixed, {part: share * sum(mixed.values()) for part, share in shares.items()})
    quotas = _quotas(Counter(genres), shares, seed)
    for genre in sorted(set(genres)):
        own = {name: sizes[name].total() for name in names if set(sizes[name]) == {genre}}
        given: Counter[str] = Counter()
        for name, part in chosen.items():
            given[part] += sizes[name][genre]
        wanted = {part: quotas[part][genre] - given[part] for part in shares}
        dealt, complete = _deal_genre(own, wanted, [part for part in shares if not given[part]])
        if strict and not complete:
            count = sum(genre in found for found in sizes.values())
            raise UserError(
                f"genre {genre!r} has {count} separate tracks or groups, too few for {told}: "
                "add tracks or remove the genre"
            )
        chosen |= dealt
    return [chosen[group] for group in groups]


def _deal_genre(
    sizes: Mapping[str, int], quotas: Mapping[str, float], empty: Sequence[str]
) -> tuple[dict[str, str], bool]:
    """Deal the groups of one genre out; see `_fill`.

    Args:
        sizes: tracks of each group, in the order in which they are taken.
        quotas: tracks wanted in each part.
        empty: parts that have no track of the genre yet.

    Returns:
        The part of each group, and whether none of `empty` remained so.
    """
    dealt = _fill(sizes, quotas)
    for part in empty:
        if part in dealt.values():
            continue
        counts = Counter(dealt.values())
        spare = [name for name in dealt if counts[dealt[name]] > 1]
        if not spare:
            return dealt, False
        # The smallest group; of equal ones, that of the part with the most groups.
        dealt[min(spare, key=lambda name: (sizes[name], -counts[dealt[name]]))] = part
    return dealt, True


def _fill(sizes: Mapping[str, int], quotas: Mapping[str, float]) -> dict[str, str]:
    """Fill all parts but the one of the largest quota, which takes what is left over.

    Args:
        sizes: tracks of each group, in the order in which they are taken.
        quotas: tracks wanted in each part.

    Returns:
        The part of each group.
    """
    rest = max(quotas, key=lambda part: quotas[part])
    left = {part: quota for part, quota in quotas.items() if part != rest}
    dealt: dict[str, str] = {}
    for name, size in sizes.items():
        fitting = [part for part, quota in left.items() if size <= quota + ROUNDING]
        dealt[name] = fitting[0] if fitting else rest
        if fitting:
            left[fitting[0]] -= size
    for part, quota in left.items():
        # A group too large for what is missing may still come nearer to it than none.
        free = [name for name in sizes if dealt[name] == rest and sizes[name] < 2 * quota]
        if free:
            dealt[min(free, key=lambda name: abs(sizes[name] - quota))] = part
    return dealt


def _quotas(
    tracks: Mapping[str, int], shares: Mapping[str, float], seed: int | str
) -> dict[str, dict[str, int]]:
    """Whole numbers of tracks for each part and genre, near their shares by genre and in all."""
    left, remaining = dict(tracks), 1.0
    quotas = {}
    parts = sorted(shares, key=lambda part: -shares[part])
    for number, part in enumerate(parts, start=1):
        later = len(parts) - number
        share = shares[part] / remaining if later else 1.0
        quotas[part] = _portion(left, share, later, f"{seed}:{part}")
        left = {genre: count - quotas[part][genre] for genre, count in left.items()}
        remaining -= shares[part]
    return quotas


def _portion(tracks: Mapping[str, int], share: float, later: int, seed: str) -> dict[str, int]:
    """Round `share` of each genre's tracks so that the sum is rounded too (largest remainders).

    Args:
        tracks: tracks by genre.
        share: of them, 0 to 1.
        later: how many tracks of each genre must be left over.
        seed: decides between genres with the same remainder.
    """
    exact = {genre: share * count for genre, count in tracks.items()}
    most = {genre: max(0, count - later) for genre, count in tracks.items()}
    portion = {
        genre: min(max(1, math.floor(exact[genre] + ROUNDING)), most[genre]) for genre in tracks
    }
    missing = math.floor(sum(exact.values()) + 0.5) - sum(portion.values())
    open_to = [
        genre for genre in tracks if portion[genre] < min(most[genre], exact[genre] - ROUNDING)
    ]
    open_to.sort(key=lambda g: (-round(exact[g] - portion[g], 9), _order(seed, g)))
    for genre in open_to[: max(0, missing)]:
        portion[genre] += 1
    return portion


def _order(seed: int | str, name: str) -> str:
    return hashlib.sha256(f"{seed}:{name}".encode()).hexdigest()
