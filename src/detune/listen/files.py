"""Sounds to play: the clean segment, the attacked one, and what the attack added."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import soundfile

from detune.audio.constants import SAMPLE_RATE
from detune.collection.dataset import IndexRow, Split
from detune.listen.sounds import PEAK, Sounds
from detune.sound.level import to_16_bit
from detune.support.files import replacing

RAISED_PEAK = 0.5
"""What the loudest sample of a raised difference is."""


def write_sounds(sounds: Sequence[Sounds], test: Split, count: int, folder: Path) -> int:
    """Write FLACs of the first `count` segments of each cell, and return how many files.

    `<folder>/<method>-<epsilon>/` or `<folder>/snr-<dB>/`, in it `<track>-<segment>-clean.flac`,
    `-attacked`, `-difference` (at its own level) and `-difference-raised`, each 3 s at 22,050 Hz,
    16 bit.

    Args:
        sounds: of every cell.
        test: the test segments.
        count: how many segments of each cell.
        folder: where to write.

    Raises:
        OSError: a file can't be written.
    """
    written = 0
    for one in sounds:
        for place in range(min(count, len(one.rows))):
            row = test.index[one.rows[place]]
            for name, samples in _versions(one, place):
                write_sound(folder / folder_name(one), row, name, samples)
                written += 1
    return written


def write_sound(folder: Path, row: IndexRow, name: str, samples: np.ndarray) -> None:
    """Write int16 `samples` of a segment as `<track>-<segment>-<name>.flac`, 22,050 Hz.

    Args:
        folder: where to write; it need not exist.
        row: the segment.
        name: of this version of its sound.
        samples: `(66150,)`.

    Raises:
        OSError: the file can't be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with replacing(folder / f"{row.track}-{row.segment:02d}-{name}.flac") as temporary:
        soundfile.write(temporary, samples, SAMPLE_RATE, format="FLAC")


def folder_name(sounds: Sounds) -> str:
    """What a cell's folder is called."""
    if sounds.domain == "spectrogram":
        return f"{sounds.method}-{sounds.level}"
    return sounds.level if sounds.level == "masked" else f"snr-{sounds.level}"


def _versions(sounds: Sounds, place: int) -> Iterator[tuple[str, np.ndarray]]:
    """Name and int16 samples of each file of one segment."""
    clean = to_16_bit(sounds.clean[place])
    difference = sounds.samples[place] - sounds.clean[place]
    peak = max(float(np.abs(difference).max()), 1e-9)
    yield "clean", clean
    yield "attacked", sounds.stored[place]
    yield "difference", to_16_bit(np.clip(difference, -PEAK, PEAK))
    yield "difference-raised", to_16_bit(difference * (RAISED_PEAK / peak))
