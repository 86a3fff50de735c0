"""Crossover tracks: a genre that borrows ingredients from its neighbour."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from detune.corpus.notation import Part, Style
from detune.corpus.styles import STYLES

INGREDIENTS = ("rhythm", "bass", "chords", "lead", "progressions")

# Fewer and nobody would hear it; with more, nobody could tell whose track it is.
BORROWED = (2, 3)


def draw_style(genre: str, crossover: float, rng: np.random.Generator) -> Style:
    """The style of one track of `genre`: pure, or with probability `crossover` a crossover.

    Args:
        genre: a key of `STYLES`.
        crossover: probability from 0 to 1 that the track borrows from a neighbour.
        rng: source of all choices. It is used up alike whatever `crossover` is, so that a change
            of `crossover` alters only the tracks that it turns.
    """
    home = STYLES[genre]
    turned = rng.random() < crossover
    neighbour = STYLES[home.neighbours[int(rng.integers(len(home.neighbours)))]]
    count = int(rng.integers(BORROWED[0], BORROWED[1] + 1))
    borrowed = rng.permutation(INGREDIENTS)[:count]
    return borrow(home, neighbour, tuple(str(name) for name in borrowed), rng) if turned else home


def borrow(
    home: Style, neighbour: Style, ingredients: tuple[str, ...], rng: np.random.Generator
) -> Style:
    """`home` with the named `ingredients` (of `INGREDIENTS`) taken from `neighbour`."""
    own = home.ensembles[int(rng.integers(len(home.ensembles)))]
    guest = neighbour.ensembles[int(rng.integers(len(neighbour.ensembles)))]
    parts: list[Part] = []
    for role in ("bass", "chords", "lead"):
        parts += [part for part in (guest if role in ingredients else own) if part.role == role]
    return replace(
        home,
        ensembles=(tuple(parts),),
        rhythm=(neighbour if "rhythm" in ingredients else home).rhythm,
        progressions=(neighbour if "progressions" in ingredients else home).progressions,
    )
