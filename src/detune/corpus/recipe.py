"""The recipe of the embedded corpus: what to compose, and how much of it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import yaml

from detune.corpus.styles import STYLES
from detune.support.errors import UserError

SECONDS = (3.0, 600.0)
TRACKS_PER_GENRE = (1, 1000)


@dataclass(frozen=True)
class Recipe:
    """The recipe of a corpus.

    Attributes:
        seed: start of all random choices, 0 or more.
        seconds: length of a track.
        tracks_per_genre: how many tracks each genre gets.
        crossover: share of tracks, 0 to 1, that borrow ingredients from a neighbouring genre.
        genres: names of the genres, each one of `STYLES`.
    """

    seed: int
    seconds: float
    tracks_per_genre: int
    crossover: float
    genres: tuple[str, ...]

    def tracks(self) -> Iterator[tuple[str, str, int]]:
        """All tracks as (name, genre, index), for example ``("blues.00000", "blues", 0)``."""
        for genre in self.genres:
            for index in range(self.tracks_per_genre):
                yield f"{genre}.{index:05d}", genre, index


def load_recipe(path: Path) -> Recipe:
    """Read a recipe from a YAML file.

    Raises:
        UserError: the file cannot be read, is no mapping, lacks a key, has one too many or one out
            of range. The message is one line with the key, its value and what is allowed.
    """
    values = _read_mapping(path)
    known = [field.name for field in fields(Recipe)]
    for key in values:
        if key not in known:
            raise UserError(f"{path}: unknown key {key!r}; allowed are {', '.join(known)}")
    for key in known:
        if key not in values:
            raise UserError(f"{path}: key {key!r} is missing; needed are {', '.join(known)}")
    return Recipe(
        seed=int(_number(path, values, "seed", (0, math.inf), whole=True)),
        seconds=_number(path, values, "seconds", SECONDS),
        tracks_per_genre=int(
            _number(path, values, "tracks_per_genre", TRACKS_PER_GENRE, whole=True)
        ),
        crossover=_number(path, values, "crossover", (0.0, 1.0)),
        genres=_genres(path, values["genres"]),
    )


def _read_mapping(path: Path) -> dict[str, Any]:
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        reason = " ".join(str(error).split())
        raise UserError(f"{path}: cannot read the recipe: {reason}") from error
    if not isinstance(values, dict):
        raise UserError(f"{path}: the recipe is {values!r:.60}, not a mapping of keys to values")
    return values


def _number(
    path: Path,
    values: dict[str, Any],
    key: str,
    limits: tuple[float, float],
    whole: bool = False,
) -> float:
    """The number at `key`, within `limits` (both allowed); `whole` asks for an integer."""
    value = values[key]
    low, high = limits
    kinds = int if whole else (int, float)
    # Truth values are integers to Python; a nan fails the comparison.
    if isinstance(value, bool) or not isinstance(value, kinds) or not low <= value <= high:
        kind = "a whole number" if whole else "a number"
        span = f"of {low} or more" if high == math.inf else f"from {low} to {high}"
        raise UserError(f"{path}: {key} is {value!r:.60}; allowed is {kind} {span}")
    return float(value) if not whole else value


def _genres(path: Path, value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        raise UserError(
            f"{path}: genres is {value!r:.60}; allowed is a list of {', '.join(STYLES)}"
        )
    for place, genre in enumerate(value):
        if not isinstance(genre, str) or genre not in STYLES:
            raise UserError(f"{path}: genres has {genre!r:.60}; allowed are {', '.join(STYLES)}")
        if genre in value[:place]:
            raise UserError(f"{path}: genres has {genre!r} twice; allowed is each genre once")
    return tuple(value)
