"""The recipe of the embedded corpus: what to compose, and how much of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar

import yaml
from pydantic import (
    BeforeValidator,
    ConfigDict,
    Field,
    StrictFloat,
    StrictInt,
    TypeAdapter,
    ValidationError,
)

from detune.corpus.cue import Cue
from detune.corpus.styles import STYLES
from detune.support.errors import UserError

CUE = (
    "a mapping of genre (one of genres), kind (tone, click or band_limit), level_db (-100 to 0) "
    "and tracks (how many of its tracks carry it)"
)


def _genres(value: object) -> object:
    """`value`, if it is a list of different genres that have a style."""
    if not isinstance(value, list) or not value:
        raise ValueError(f"genres is {value!r:.60}; allowed is a list of {', '.join(STYLES)}")
    for place, genre in enumerate(value):
        if not isinstance(genre, str) or genre not in STYLES:
            raise ValueError(
                f"genres has {genre!r:.60}; allowed are {', '.join(STYLES)}; "
                "a further one needs a style in src/detune/corpus/styles.py"
            )
        if genre in value[:place]:
            raise ValueError(f"genres has {genre!r} twice; allowed is each genre once")
    return value


@dataclass(frozen=True)
class Recipe:
    """The recipe of a corpus.

    Attributes:
        seed: start of all random choices, 0 or more.
        seconds: length of a track.
        tracks_per_genre: how many tracks each genre gets.
        crossover: share of tracks, 0 to 1, that borrow ingredients from a neighbouring genre.
        genres: names of the genres, each one of `STYLES`.
        cue: what gives one of them away, or None for nothing.
    """

    __pydantic_config__: ClassVar = ConfigDict(extra="forbid")

    seed: Annotated[StrictInt, Field(ge=0, description="a whole number of 0 or more")]
    seconds: Annotated[StrictFloat, Field(ge=3, le=600, description="a number from 3.0 to 600.0")]
    tracks_per_genre: Annotated[
        StrictInt, Field(ge=1, le=1000, description="a whole number from 1 to 1000")
    ]
    crossover: Annotated[StrictFloat, Field(ge=0, le=1, description="a number from 0.0 to 1.0")]
    genres: Annotated[tuple[str, ...], BeforeValidator(_genres)]
    cue: Annotated[Cue | None, Field(description=CUE)] = None

    def tracks(self) -> Iterator[tuple[str, str, int]]:
        """All tracks as (name, genre, index), for example ``("blues.00000", "blues", 0)``."""
        for genre in self.genres:
            for index in range(self.tracks_per_genre):
                yield f"{genre}.{index:05d}", genre, index


def is_recipe(path: Path) -> bool:
    """Whether `data.path` names a recipe, by its ending."""
    return path.suffix in (".yaml", ".yml")


def load_recipe(path: Path) -> Recipe:
    """Read a recipe from a YAML file.

    Raises:
        UserError: the file cannot be read, is no mapping, lacks a key, has one too many or one out
            of range. The message is one line with the key, its value and what is allowed.
    """
    values = _read_mapping(path)
    adapter = TypeAdapter(Recipe)
    try:
        recipe = adapter.validate_python(values)
    except ValidationError as error:
        allowed = adapter.json_schema()["properties"]
        raise UserError(f"{path}: {_message(error, allowed)}") from error
    if recipe.cue and recipe.cue.genre not in recipe.genres:
        raise UserError(f"{path}: cue.genre is {recipe.cue.genre!r:.60}; allowed is one of genres")
    return recipe


def _message(error: ValidationError, allowed: dict[str, Any]) -> str:
    """The first mistake, those of keys before those of values; `allowed` describes each key."""
    mistakes = error.errors(include_url=False)
    for mistake in mistakes:
        if mistake["loc"][0] not in allowed:
            return f"unknown key {mistake['loc'][0]!r}; allowed are {', '.join(allowed)}"
    needed = [key for key, description in allowed.items() if "default" not in description]
    for mistake in mistakes:
        if mistake["type"] == "missing" and len(mistake["loc"]) == 1:
            return f"key {mistake['loc'][0]!r} is missing; needed are {', '.join(needed)}"
    place, value = mistakes[0]["loc"], mistakes[0]["input"]
    if place[0] == "genres":
        return str(mistakes[0]["ctx"]["error"])
    key = ".".join(map(str, place))
    return f"{key} is {value!r:.60}; allowed is {allowed[str(place[0])]['description']}"


def _read_mapping(path: Path) -> dict[str, Any]:
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        reason = " ".join(str(error).split())
        raise UserError(f"{path}: cannot read the recipe: {reason}") from error
    if not isinstance(values, dict):
        raise UserError(f"{path}: the recipe is {values!r:.60}, not a mapping of keys to values")
    return values
