"""Groups of tracks that must stay together: from pairs that belong together, and counted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence


def group_names(tracks: Sequence[str], pairs: Iterable[tuple[Hashable, Hashable]]) -> list[str]:
    """Group each track with all those it is paired with, directly or by way of others.

    Args:
        tracks: names of the tracks.
        pairs: what belongs together: tracks, or anything that they have in common.

    Returns:
        The group of each track: the name of the first track in it.
    """
    paired: dict[Hashable, set[Hashable]] = defaultdict(set)
    for one, other in pairs:
        paired[one].add(other)
        paired[other].add(one)
    group: dict[Hashable, str] = {}
    for name in tracks:
        todo: list[Hashable] = [] if name in group else [name]
        while todo:
            reached = todo.pop()
            group[reached] = name
            todo += [other for other in paired[reached] if other not in group]
    return [group[name] for name in tracks]


def count_repeats(groups: Sequence[str], genres: Sequence[str]) -> dict[str, int]:
    """How many groups have several tracks, how many tracks those have, how many several genres.

    Args:
        groups: the group of each track.
        genres: the genre of each.
    """
    members: dict[str, list[str]] = defaultdict(list)
    for group, genre in zip(groups, genres, strict=True):
        members[group].append(genre)
    repeated = [group for group in members.values() if len(group) > 1]
    return {
        "duplicate_groups": len(repeated),
        "duplicate_tracks": sum(map(len, repeated)),
        "label_conflicts": sum(len(set(group)) > 1 for group in repeated),
    }
