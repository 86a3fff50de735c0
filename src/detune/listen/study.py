"""The study of attacks as sound: every cell brought to sound, and the model asked again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from detune.listen.answers import AS_FILE, Row, ask
from detune.listen.sounds import (
    SPECTROGRAM,
    Recordings,
    Sounds,
    of_spectrograms,
    of_waveforms,
)
from detune.listen.treatments import treated
from detune.network.runtime import keras
from detune.sound.waveform_classifier import waveform_classifier
from detune.statistics.bootstrap import Bootstrap
from detune.support.files import read_npz
from detune.support.progress import progress
from detune.waveform.cell import MASKED

COMPARED = (
    "spectrogram.*.correct.value",
    "spectrogram.*.stay_fooled.value",
    "waveform.snr_db_of_half",
    "waveform.masked.value",
)
"""What of `metrics/listen.json` is no detail."""


def bring_to_sound(
    spectrograms: Mapping[tuple[str, float], Path],
    waveforms: Mapping[str, Mapping[str, np.ndarray]],
    recordings: Recordings,
    steps: int,
) -> list[Sounds]:
    """The sounds of every cell.

    Args:
        spectrograms: the file of each cell of the grid, by method and epsilon.
        waveforms: arrays of each waveform cell, by SNR in dB or `masked`.
        recordings: the segments to listen to.
        steps: of the refinement towards a spectrogram.
    """
    cells = progress(spectrograms.items(), label="sounds", unit="cells", total=len(spectrograms))
    return [
        of_spectrograms((method, str(epsilon)), read_npz(path), recordings, steps)
        for (method, epsilon), path in cells
    ] + [of_waveforms(level, cell, recordings) for level, cell in waveforms.items()]


def ask_all(
    model: keras.Model, sounds: Sequence[Sounds], recordings: Recordings, bootstrap: Bootstrap
) -> list[Row]:
    """Rows of `plots/listen.csv`, one a cell and treatment.

    Args:
        model: from segments to logits.
        sounds: of every cell.
        recordings: the audio of all segments that are listened to.
        bootstrap: over the songs of the test segments.
    """
    classifier = waveform_classifier(model)

    def predict(samples: np.ndarray) -> np.ndarray:
        return np.asarray(classifier.predict(samples).argmax(axis=1))

    clean = {name: predict(changed) for name, changed in treated(recordings.samples).items()}
    return [
        row
        for one in sounds
        if len(one.rows)
        for row in ask(one, recordings, clean, predict, bootstrap)
    ]


def headline(
    rows: Sequence[Row], epsilon: float, by_snr: Sequence[Row], half: float | None
) -> dict[str, Any]:
    """What a reviewer compares: figures of `metrics/listen.json`.

    Args:
        rows: of `plots/listen.csv`.
        epsilon: of the attacked spectrograms, one of those attacked.
        by_snr: rows of `plots/waveform.csv`.
        half: SNR in dB at which half of the segments are fooled.
    """
    attacked = {
        row["method"]: {name: _interval(row, name) for name in ("correct", "stay_fooled")}
        | {name: row[name] for name in ("snr_db", "miss")}
        for row in _as_files(rows, epsilon)
    }
    masked = {row["level"]: _interval(row, "correct") for row in by_snr if row["level"] == MASKED}
    return {"spectrogram": attacked, "waveform": {"snr_db_of_half": half} | masked}


def _as_files(rows: Sequence[Row], epsilon: float) -> list[Row]:
    """Of spectrograms attacked at `epsilon`, the rows of sounds that are files and no more."""
    return [
        row
        for row in rows
        if (row["treatment"], row["domain"]) == (AS_FILE, SPECTROGRAM)
        and float(row["level"]) == epsilon
    ]


def _interval(row: Row, name: str) -> dict[str, Any]:
    """A share with the ends of its interval."""
    return {"value": row[name], "low": row[f"{name}_low"], "high": row[f"{name}_high"]}


def message(rows: Sequence[Row], epsilon: float) -> str:
    """One line on what spectrogram attacks are as sound."""
    lines = [
        f"{row['method']} at {epsilon:g}: {row['correct']:.0%} of {row['segments']} remain correct "
        f"as sound, SNR {row['snr_db']:.1f} dB"
        for row in _as_files(rows, epsilon)
    ]
    return "; ".join(lines) or "no attacked segment to listen to"
