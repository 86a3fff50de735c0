"""What the model says of attacked sounds, as they are and after what happens to sounds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from detune.listen.sounds import Recordings, Sounds
from detune.listen.treatments import treated
from detune.sound.level import snr_db
from detune.sound.spectra import spectra
from detune.statistics.bootstrap import Bootstrap

AS_FILE = "16 bit"
"""The treatment that every sound has had: it is in a file."""

COLUMNS = (
    *("domain", "method", "level", "treatment", "segments", "songs"),
    *("clean_correct", "correct", "correct_low", "correct_high"),
    *("fooled", "stay_fooled", "stay_fooled_low", "stay_fooled_high"),
    *("snr_db", "level_db", "audible_energy", "miss"),
)

NOBODY_FOOLED = dict.fromkeys(("stay_fooled", "stay_fooled_low", "stay_fooled_high"), "")
"""Columns where there is nobody who could stay fooled."""

Row = dict[str, Any]

Predict = Callable[[np.ndarray], np.ndarray]
"""From samples `(n, 66150)` to predicted labels `(n,)`."""


def ask(
    sounds: Sounds,
    recordings: Recordings,
    clean_answers: Mapping[str, np.ndarray],
    predict: Predict,
    bootstrap: Bootstrap,
) -> Iterator[Row]:
    """Rows of `plots/listen.csv`: one a treatment.

    Args:
        sounds: what one cell makes of n segments.
        recordings: the audio of all segments that are listened to.
        clean_answers: predictions for their clean sounds by treatment, each `(recordings,)`.
        predict: the model behind the front end.
        bootstrap: over the songs of the test segments.
    """
    place, songs = recordings.places(sounds.rows), bootstrap.at(sounds.rows)
    fooled = np.flatnonzero(sounds.fooled)
    measured = measure(sounds, recordings.thresholds[place])
    for treatment, changed in treated(sounds.samples).items():
        right = predict(changed) == sounds.labels
        stay = songs.at(fooled).share("stay_fooled", ~right[fooled]) if fooled.size else {}
        yield {
            "domain": sounds.domain,
            "method": sounds.method,
            "level": sounds.level,
            "treatment": treatment,
            "segments": len(sounds.rows),
            "songs": len(set(songs.songs)),
            "clean_correct": float((clean_answers[treatment][place] == sounds.labels).mean()),
            "fooled": float(sounds.fooled.mean()),
            **songs.share("correct", right),
            **NOBODY_FOOLED,
            **stay,
            **measured,
        }


def measure(sounds: Sounds, thresholds: np.ndarray) -> Row:
    """How large the change is, medians over the segments.

    Args:
        sounds: n segments.
        thresholds: `(n, 1025, 130)` what is just not heard beside each.

    Returns:
        `snr_db`; `level_db`, by how much louder the sound has become; `audible_energy`, the share
        of the change's energy at points where it is above the masking threshold; `miss`, the root
        mean square difference between the sound's segment and the one asked for.
    """
    change = (sounds.samples - sounds.clean) / sounds.gains[:, None]
    energy = np.square(np.abs(spectra(change.astype(np.float32))))
    heard = np.where(energy > np.square(thresholds), energy, 0).sum(axis=(1, 2))
    total = np.maximum(energy.sum(axis=(1, 2)), np.finfo(np.float32).tiny)
    before, after = (
        np.square(values, dtype=np.float64).mean(axis=1)
        for values in (sounds.clean, sounds.samples)
    )
    louder = 10 * np.log10(np.maximum(after, 1e-12) / np.maximum(before, 1e-12))
    return {
        "snr_db": float(np.median(snr_db(sounds.clean, sounds.samples))),
        "level_db": float(np.median(louder)),
        "audible_energy": float(np.median(heard / total)),
        "miss": float(np.median(sounds.misses)),
    }
