"""What a corruption is given: a segment, the music around it, other music, and a seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from detune.audio.constants import SAMPLE_RATE, SEGMENT_SAMPLES
from detune.collection.dataset import Split
from detune.sound.segment_audio import Excerpt, read_excerpts, read_segment_audio

BEFORE, AFTER = round(1.5 * SAMPLE_RATE), SAMPLE_RATE // 2
"""Samples of its track that a corruption knows before and after a segment, at most."""

MARGIN = SAMPLE_RATE // 4
"""As many samples of both are enough for codecs and for the frames of a phase vocoder."""

LARGEST_TEMPO = 15
"""By how many percent a segment is played faster, at most."""

SHORTEST = SEGMENT_SAMPLES * (100 + LARGEST_TEMPO) // 100
"""Samples that it takes to fill a segment when they are played that much faster."""


@dataclass(frozen=True)
class Material:
    """What one segment is corrupted with.

    Attributes:
        excerpt: the segment with the music around it.
        other: `(66150,)` float32 a segment of another genre.
        seed: of whatever is drawn.
    """

    excerpt: Excerpt
    other: np.ndarray
    seed: tuple[int, ...]

    @property
    def segment(self) -> np.ndarray:
        """The segment as it is, `(66150,)` float32."""
        return self.excerpt.segment(self.excerpt.samples)


def read_materials(
    test: Split, rows: np.ndarray, tracks: Path, seed: int
) -> tuple[np.ndarray, list[Material]]:
    """Those of `rows` that can be corrupted in every way, and the material of each.

    Left out are segments of tracks so short that nothing fills them when it is played faster.

    Args:
        test: the test segments.
        rows: `(n,)` which of them.
        tracks: folder of the audio.
        seed: decides which other music is drawn.

    Raises:
        UserError: audio is missing, or not what the segments were made of.
    """
    excerpts = read_excerpts(test, rows, tracks, before=BEFORE, after=AFTER)
    usable = [place for place, one in enumerate(excerpts) if len(one.samples) >= SHORTEST]
    rows = rows[usable]
    others = read_segment_audio(test, _of_other_genres(test.labels, rows, seed), tracks)
    return rows, [
        Material(excerpts[place], other, (seed, int(row)))
        for place, row, other in zip(usable, rows, others, strict=True)
    ]


def _of_other_genres(labels: np.ndarray, rows: np.ndarray, seed: int) -> Sequence[int]:
    """For each of `rows` a segment of another genre; itself where there is no other genre."""
    drawn = []
    for row in rows:
        others = np.flatnonzero(labels != labels[row])
        rng = np.random.default_rng((seed, int(row)))
        drawn.append(int(rng.choice(others)) if others.size else int(row))
    return drawn
