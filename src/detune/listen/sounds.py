"""Attacked segments as sounds: those of spectrogram attacks brought to sound, and the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from detune.collection.dataset import Split
from detune.listen.inversion import filtered, refined
from detune.sound.front_end import to_segments
from detune.sound.level import FULL, from_16_bit, to_16_bit
from detune.sound.masking import masking_thresholds
from detune.sound.segment_audio import read_heard

SPECTROGRAM, WAVEFORM = "spectrogram", "waveform"
"""What was attacked."""

PEAK = FULL / (FULL + 1)
"""The largest sample of a file."""

Arrays = Mapping[str, np.ndarray]
"""Of a cell's file."""


@dataclass(frozen=True)
class Sounds:
    """What one cell makes of n segments, all of them right when clean, at full strength.

    Attributes:
        domain: `SPECTROGRAM` or `WAVEFORM`.
        method: of the attack.
        level: its epsilon, its SNR in dB, or `masked`.
        rows: `(n,)` which of the test segments.
        labels: `(n,)` true labels.
        fooled: `(n,)` whether the attack succeeds where it was made.
        clean: `(n, 66150)` float32 the segments, as loud as they are beside `stored`.
        stored: `(n, 66150)` int16 the attacked sounds.
        gains: `(n,)` what both were multiplied with so that no sample is cut off.
        misses: `(n,)` root mean square difference between the segment of the sound and the one
            asked for; 0 for waveform attacks.
    """

    domain: str
    method: str
    level: str
    rows: np.ndarray
    labels: np.ndarray
    fooled: np.ndarray
    clean: np.ndarray
    stored: np.ndarray
    gains: np.ndarray
    misses: np.ndarray

    @property
    def samples(self) -> np.ndarray:
        """The attacked sounds `(n, 66150)` float32, as read from a file."""
        return from_16_bit(self.stored)


@dataclass(frozen=True)
class Recordings:
    """The audio of the test segments that are listened to.

    Attributes:
        rows: `(n,)` which, in ascending order.
        samples: `(n, 66150)` float32.
        segments: `(n, 128, 130)` their spectrograms, scaled to [0, 1].
        db_ranges: `(n,)` the dB that [0, 1] spans.
        thresholds: `(n, 1025, 130)` magnitudes of changes that are just not heard.
    """

    rows: np.ndarray
    samples: np.ndarray
    segments: np.ndarray
    db_ranges: np.ndarray
    thresholds: np.ndarray

    def places(self, rows: np.ndarray) -> np.ndarray:
        """Where `rows` are among them."""
        return np.searchsorted(self.rows, rows)


def read_recordings(test: Split, rows: np.ndarray, tracks: Path) -> Recordings:
    """The audio of the test segments in `rows`, but of silent ones.

    Args:
        test: the test segments.
        rows: which to listen to.
        tracks: folder of the audio.

    Raises:
        UserError: audio is missing or was changed.
    """
    rows, samples = read_heard(test, np.unique(rows), tracks)
    thresholds = masking_thresholds(samples)
    return Recordings(rows, samples, test.values[rows], test.db_ranges[rows], thresholds)


def of_spectrograms(
    cell: tuple[str, str], arrays: Arrays, recordings: Recordings, steps: int
) -> Sounds:
    """Sounds close to the spectrograms that a cell's attack makes.

    Args:
        cell: method and epsilon.
        arrays: of its file.
        recordings: the segments to listen to; a cell's other examples are left out.
        steps: of the refinement; 0 leaves the filtered original.
    """
    chosen = np.flatnonzero(np.isin(arrays["example_rows"], recordings.rows))
    rows = arrays["example_rows"][chosen]
    wanted, place = arrays["examples"][chosen], recordings.places(rows)
    labels = arrays["label"][np.searchsorted(arrays["row"], rows)]
    clean = recordings.samples[place]
    change = (wanted - recordings.segments[place]) * recordings.db_ranges[place, None, None]
    # librosa warns of no sounds at all, as where a sample was attacked that is not listened to.
    sounds = refined(filtered(clean, change), wanted, steps) if len(rows) else clean
    gains = PEAK / np.maximum(PEAK, np.abs(sounds).max(axis=1))
    stored = to_16_bit(sounds * gains[:, None])
    misses = np.sqrt(np.square(to_segments(from_16_bit(stored)) - wanted).mean(axis=(1, 2)))
    return Sounds(
        SPECTROGRAM,
        *cell,
        rows=rows,
        labels=labels,
        fooled=arrays["example_logits"][chosen].argmax(axis=1) != labels,
        clean=(clean * gains[:, None]).astype(np.float32),
        stored=stored,
        gains=gains,
        misses=misses,
    )


def of_waveforms(level: str, arrays: Arrays, recordings: Recordings) -> Sounds:
    """The sounds in the file of a waveform cell.

    Args:
        level: SNR in dB, or `masked`.
        arrays: of its file.
        recordings: the segments to listen to.
    """
    rows = arrays["row"][: len(arrays["examples"])]
    chosen = np.flatnonzero(np.isin(rows, recordings.rows))
    labels = arrays["label"][chosen]
    return Sounds(
        WAVEFORM,
        "pgd",
        level,
        rows=rows[chosen],
        labels=labels,
        fooled=arrays["example_logits"][chosen].argmax(axis=1) != labels,
        clean=recordings.samples[recordings.places(rows[chosen])],
        stored=arrays["examples"][chosen],
        gains=np.ones(len(chosen)),
        misses=np.zeros(len(chosen)),
    )
