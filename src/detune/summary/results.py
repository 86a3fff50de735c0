"""What the summary reads: the metrics of the other stages, and which songs are right."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from detune.attack.grid import cell_name
from detune.statistics.bootstrap import Bootstrap, Estimate

Metrics = Mapping[str, Any]

METHODS = ("fgsm", "pgd")

MASKED = "masked"
"""The level of the waveform attack that stays below the masking threshold."""


@dataclass(frozen=True)
class Results:
    """The results of a run.

    Attributes:
        metrics: contents of `metrics/<name>.json`, by name.
        songs: rows of `plots/outcomes.csv` that are of songs.
        epsilon: at which robust accuracy is reported, attacked or not.
        pictured: the epsilon at which attention is reported.
        seed: of the bootstrap.
    """

    metrics: Mapping[str, Metrics]
    songs: Sequence[Mapping[str, str]]
    epsilon: float
    pictured: float
    seed: int

    def right_songs(self, condition: str) -> np.ndarray | None:
        """Which songs are right, `(songs,)` of 0 and 1; None where the condition is not there.

        Args:
            condition: `clean`, or a cell as `pgd-0.02`.
        """
        if not self.songs or condition not in self.songs[0]:
            return None
        return np.array([float(row[condition] == row["genre"]) for row in self.songs])

    def robust_songs(self, method: str) -> np.ndarray | None:
        """Which songs remain right under `method` at the reported epsilon; None: not attacked."""
        return self.right_songs(cell_name(method, self.epsilon))

    def estimate(self, values: np.ndarray) -> Estimate | None:
        """The mean of `values` `(songs,)` and its interval over the songs."""
        return Bootstrap([row["track"] for row in self.songs], self.seed).estimate(values)

    def below_masking(self) -> Metrics | None:
        """What remains correct below the masking threshold, with its interval; None: not run."""
        waveform: Mapping[str, Metrics] = self.metrics["listen"]["waveform"]
        return waveform.get(MASKED)


def song_rows(rows: Iterable[Mapping[str, str]]) -> list[Mapping[str, str]]:
    """Those of the rows of `plots/outcomes.csv` that are of songs."""
    return [row for row in rows if row["unit"] == "song"]
