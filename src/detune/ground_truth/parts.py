"""Segments of the embedded corpus in parts: what is left when one is muted, and where it sounds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from detune.audio.constants import SAMPLE_RATE, SEGMENT_SAMPLES
from detune.audio.mel import mel_power
from detune.audio.segments import cut_segments
from detune.collection.dataset import IndexRow, Split
from detune.corpus.recipe import Recipe
from detune.corpus.stems import PARTS, compose_stems
from detune.support.errors import UserError
from detune.support.pool import parallel_map

HEARD = 1e-4
"""A part with less than this share of a segment's power, -40 dB, is not heard in it."""

TOLERANCE = 0.05
"""By how much a value of a segment may differ from that of the stored track, which is rounded."""


@dataclass(frozen=True)
class SegmentParts:
    """n segments in the p parts of `PARTS`.

    Attributes:
        whole: `(n, 128, 130)` float32, the segment.
        muted: `(n, p, 128, 130)` float32, the segment when the part is muted, scaled as any.
        shares: `(n, p, 128, 130)` float32, share of the power at each point that is the part's.
        power: `(n, p)` share of the segment's power that is the part's.
        difference: `(n,)` the largest between the sum of its song's parts and the whole, relative
            to full scale.
    """

    whole: np.ndarray
    muted: np.ndarray
    shares: np.ndarray
    power: np.ndarray
    difference: np.ndarray

    @property
    def heard(self) -> np.ndarray:
        """Which parts are heard in which segment, `(n, p)` bool."""
        return np.asarray(self.power > HEARD)


def take_apart(recipe: Recipe, split: Split, rows: np.ndarray) -> SegmentParts:
    """Compose the songs of `rows` again, in parts.

    Args:
        recipe: of the corpus that the segments come from.
        split: the segments.
        rows: `(n,)` which of them.

    Raises:
        UserError: the recipe does not give these segments.
    """
    tracks = [split.tracks[row] for row in rows]
    order = np.argsort(tracks, kind="stable")
    jobs = [
        [split.index[rows[place]] for place in order if tracks[place] == track]
        for track in sorted(set(tracks))
    ]
    songs = parallel_map(partial(_take_apart, recipe), jobs, label="stems", unit="songs")
    fields = [list(vars(song).values()) for song in songs]
    back = np.argsort(order, kind="stable")
    together = SegmentParts(*(np.concatenate(parts)[back] for parts in zip(*fields, strict=True)))
    if np.abs(together.whole - split.values[rows]).max() > TOLERANCE:
        raise UserError("data/segments: not of this data.path: run `dvc repro` to make them again")
    return together


def _take_apart(recipe: Recipe, rows: Sequence[IndexRow]) -> SegmentParts:
    """The parts of segments of one song."""
    track = rows[0].track
    stems = compose_stems(recipe, rows[0].genre, int(track.rpartition(".")[2]))
    starts = [round(row.start_seconds * SAMPLE_RATE) for row in rows]
    places = [slice(start, start + SEGMENT_SAMPLES) for start in starts]
    whole = np.stack([_segment(stems.mix[place]) for place in places])
    # A part that the song does not have changes nothing when it is muted.
    muted = [
        [_segment(stems.muted.get(part, stems.mix)[place]) for part in PARTS] for place in places
    ]
    silence = np.zeros_like(stems.mix)
    power = np.asarray(
        [[mel_power(stems.alone.get(part, silence)[place]) for part in PARTS] for place in places]
    )
    total = power.sum(axis=1, keepdims=True)
    return SegmentParts(
        whole,
        np.asarray(muted),
        power / np.where(total > 0, total, 1),
        power.sum(axis=(2, 3)) / np.maximum(total.sum(axis=(2, 3)), np.finfo(np.float32).tiny),
        np.full(len(rows), stems.largest_difference),
    )


def _segment(audio: np.ndarray) -> np.ndarray:
    """One segment `(128, 130)` of as many samples as it takes."""
    return np.asarray(cut_segments(audio, 1).values[0])
