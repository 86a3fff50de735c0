"""What the network says of what heatmaps mark, as L-MAC measures it (Paissan et al. 2024)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from detune.collection.dataset import Split
from detune.gradcam.gradcam import GradCam
from detune.ground_truth.explainers import heat_on_segments
from detune.heatmap_sound.masks import HEATMAP, MASKS, MOVED, masks, parts
from detune.sound.segment_audio import read_heard
from detune.statistics.bootstrap import Bootstrap
from detune.statistics.scores import softmax
from detune.support.progress import progress_bar

BLOCK = 32
"""Segments that are in memory at once."""

FIGURES = ("average_drop", "average_increase", "loss_without", "energy")

COLUMNS = ("mask", "versus", "figure", "segments", "songs", "value", "low", "high")

COMPARED = (
    *("silent", "zero_heatmaps"),
    *(f"{figure}_beyond_moved.value" for figure in FIGURES if figure != "energy"),
)
"""What of `metrics/heatmap_sound.json` is no detail."""

Row = dict[str, Any]

Values = Mapping[str, Mapping[str, np.ndarray]]
"""By mask, then by figure, `(n,)`."""

Logits = Callable[[np.ndarray], np.ndarray]
"""From samples `(n, 66150)` to logits `(n, genres)`."""


@dataclass(frozen=True)
class Answers:
    """Figures of n test segments.

    Attributes:
        rows: `(n,)` which segments.
        values: by mask, then by figure, `(n,)`.
        silent: segments left out because they are silent.
        zero: segments left out because their heatmap is zero everywhere.
    """

    rows: np.ndarray
    values: Values
    silent: int
    zero: int


def compare(clean: np.ndarray, marked: np.ndarray, rest: np.ndarray) -> dict[str, np.ndarray]:
    """Figures `(n,)` of the probabilities `(n,)` of the genre predicted for the whole segment.

    `average_drop`: the share of it that is lost where only what is marked sounds (less is better);
    `average_increase`: whether it rises then; `loss_without`: by how much it falls without what is
    marked (more is better, both).
    """
    return {
        "average_drop": np.maximum(0, clean - marked) / np.maximum(clean, np.finfo(float).tiny),
        "average_increase": (marked > clean).astype(float),
        "loss_without": clean - rest,
    }


def ask(test: Split, tracks: Path, cam: GradCam, logits: Logits, seed: int) -> Answers:
    """Mask the sound of every test segment, and ask the network.

    Args:
        test: the test segments.
        tracks: folder of the audio.
        cam: makes the heatmaps, for the genre predicted.
        logits: the network behind the front end.
        seed: of the random places.

    Raises:
        UserError: audio is missing or was changed.
    """
    answer = partial(_answer, cam=cam, logits=logits, seed=seed)
    blocks, silent = [], 0
    everyone = np.arange(len(test.labels))
    with progress_bar("heatmaps as sound", "segments", len(everyone)) as bar:
        for at in range(0, len(everyone), BLOCK):
            asked = everyone[at : at + BLOCK]
            rows, samples = read_heard(test, asked, tracks)
            silent += len(asked) - len(rows)
            blocks.append(answer(rows, samples, test.values[rows]))
            bar.update(len(asked))
    values = {
        mask: {
            figure: np.concatenate([block[mask][figure] for _, block in blocks])
            for figure in FIGURES
        }
        for mask in MASKS
    }
    rows = np.concatenate([rows for rows, _ in blocks])
    return Answers(rows, values, silent, len(everyone) - silent - len(rows))


def _answer(
    rows: np.ndarray,
    samples: np.ndarray,
    segments: np.ndarray,
    *,
    cam: GradCam,
    logits: Logits,
    seed: int,
) -> tuple[np.ndarray, Values]:
    """Those of `rows` that have a heatmap, and their figures by mask."""
    nothing = rows[:0], dict.fromkeys(MASKS, dict.fromkeys(FIGURES, np.empty(0)))
    if not len(rows):
        return nothing
    clean = softmax(logits(samples))
    targets = clean.argmax(axis=1)
    heat = heat_on_segments(cam, segments, targets)
    some = np.flatnonzero(heat.any(axis=(1, 2)))
    if not some.size:
        return nothing
    rows, samples, targets = rows[some], samples[some], targets[some]
    whole, seeds = clean[some, targets], [(seed, int(row)) for row in rows]

    def probability(sounds: np.ndarray) -> np.ndarray:
        return np.asarray(softmax(logits(sounds))[np.arange(len(rows)), targets])

    figures = {}
    for name, mask in masks(heat[some], segments[some], seeds).items():
        marked, rest = parts(samples, mask)
        figures[name] = compare(whole, probability(marked), probability(rest))
        figures[name]["energy"] = 1 - _energy(rest) / _energy(samples)
    return rows, figures


def _energy(sounds: np.ndarray) -> np.ndarray:
    """Of each sound, `(n,)`."""
    return np.asarray(np.square(sounds, dtype=np.float64).sum(axis=1))


def tabulate(answers: Answers, bootstrap: Bootstrap) -> Iterator[Row]:
    """Rows of `COLUMNS`; those with a `versus` are differences, segment by segment.

    Args:
        answers: of the test segments.
        bootstrap: over the songs of all test segments.
    """
    sample = bootstrap.at(answers.rows)
    for mask, by_figure in answers.values.items():
        for versus in ("", *(other for other in answers.values if mask == HEATMAP != other)):
            for figure, values in by_figure.items():
                reference = answers.values[versus][figure] if versus else 0.0
                estimate = sample.estimate(values - reference)
                if estimate is not None:
                    yield {"mask": mask, "versus": versus, "figure": figure} | vars(estimate)


def headline(rows: list[Row], answers: Answers) -> Row:
    """What a reviewer compares: the heatmap's figures, and how far they are beyond the moved one.

    That one marks as much energy; the loudest place marks twice as much.
    """
    figures: Row = {"silent": answers.silent, "zero_heatmaps": answers.zero}
    for row in rows:
        if row["mask"] == HEATMAP and row["versus"] in ("", MOVED):
            name = f"{row['figure']}_beyond_moved" if row["versus"] else row["figure"]
            figures[name] = {end: row[end] for end in ("value", "low", "high")}
    return figures


def message(rows: list[Row]) -> str:
    """One line: what is lost with what heatmaps mark alone, and without it."""
    values = {(row["mask"], row["versus"], row["figure"]): row["value"] for row in rows}
    if not values:
        return "no segment has a heatmap"
    said = [
        f"{mask}, {values[mask, '', 'energy']:.0%} of the energy: "
        f"{values[mask, '', 'average_drop']:.0%} of the probability lost with it alone, "
        f"{values[mask, '', 'loss_without']:.2f} without it"
        for mask in MASKS
    ]
    return "; ".join(said)
