"""What pictures of segments are called."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

FAILURE = "failure"
"""The kind of segments that are wrong without an attack."""


def picture_names(kind: str, genres: Sequence[str]) -> Iterator[str]:
    """Names that stay when the model changes: failures by number, others by genre and number.

    Args:
        kind: of the segments.
        genres: the true genre of each segment of that kind, in order.
    """
    for place, genre in enumerate(genres):
        if kind == FAILURE:
            yield str(place + 1)
        else:
            yield f"{genre}-{genres[: place + 1].count(genre)}"
