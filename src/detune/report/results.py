"""What the page shows: the files that the stages wrote, read once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from detune.review.revision import Revision
from detune.support.errors import UserError

Rows = Sequence[Mapping[str, str]]
Metrics = Mapping[str, Any]

NEEDED = (
    *("checks", "corruptions", "finding", "gradcam", "headline", "ingest", "listen"),
    *("preprocess", "robustness", "train", "waveform_checks"),
)
"""Files `metrics/<name>.json` without which there is no page."""


@dataclass(frozen=True)
class Results:
    """The results of a run.

    Attributes:
        metrics: content of `metrics/<name>.json`, by name.
        cells: rows of `plots/cells.csv`.
        genres: rows of `plots/robustness_by_genre.csv`.
        songs: rows of `plots/confusion.csv`, one a test song.
        corruptions: rows of `plots/corruptions.csv`.
        params: content of `params.yaml`.
    """

    metrics: Mapping[str, Metrics]
    cells: Rows
    genres: Rows
    songs: Rows
    corruptions: Rows
    params: Mapping[str, Any]

    @property
    def names(self) -> list[str]:
        """The genres, in alphabetical order."""
        return sorted(self.metrics["train"]["song_accuracy_by_genre"])

    @property
    def epsilon(self) -> float:
        """At which genres are compared: that of the headline where it is attacked, else the least.

        The least leaves most to compare.
        """
        attacked = {float(row["epsilon"]) for row in self.cells}
        wanted = float(self.metrics["headline"]["robust_song_accuracy_epsilon"])
        return wanted if wanted in attacked else min(attacked)

    def checks(self) -> list[dict[str, Any]]:
        """Every check, with its `name` and the attacks that it is of."""
        return [
            {"name": name, "of": attacked} | check
            for file, attacked in (("checks", "spectrograms"), ("waveform_checks", "sound"))
            for name, check in self.metrics[file]["checks"].items()
        ]

    def confusion(self) -> list[list[int]]:
        """Test songs by actual genre (rows) and predicted genre (columns)."""
        counts = Counter((row["actual"], row["predicted"]) for row in self.songs)
        return [[counts[actual, predicted] for predicted in self.names] for actual in self.names]

    def robust_by_genre(self) -> list[dict[str, Any]]:
        """Robust accuracy of segments of each genre at `epsilon`, by method."""
        chosen = [row for row in self.genres if float(row["epsilon"]) == self.epsilon]
        by_genre: dict[str, dict[str, Any]] = {name: {"genre": name} for name in self.names}
        for row in chosen:
            by_genre[row["genre"]][row["method"]] = float(row["robust_accuracy"])
        return list(by_genre.values())


def read_results(revision: Revision) -> Results:
    """Read what the page shows.

    Raises:
        UserError: a file is missing, damaged or of another version.
    """
    try:
        return Results(
            metrics={name: revision.json(f"metrics/{name}.json") for name in NEEDED},
            cells=_rows(revision, "plots/cells.csv", "robust_accuracy"),
            genres=_rows(revision, "plots/robustness_by_genre.csv", "robust_accuracy"),
            songs=_rows(revision, "plots/confusion.csv", "actual"),
            corruptions=_rows(revision, "plots/corruptions.csv", "segment_accuracy"),
            params=revision.yaml("params.yaml"),
        )
    except UserError as error:
        raise UserError(
            f"{error}; `git checkout metrics plots` restores committed results"
        ) from error


def _rows(revision: Revision, path: str, column: str) -> Rows:
    """The rows of a table.

    Raises:
        UserError: it has no rows, or no such column.
    """
    rows = revision.rows(path)
    if not rows or column not in rows[0]:
        raise UserError(f"{revision.name}: {path} has no {column}: run `dvc repro` again")
    return rows
