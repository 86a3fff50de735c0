"""Sounds to play: a segment, what its heatmap marks, and all but that."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from detune.collection.dataset import Split
from detune.heatmap_sound.masks import parts
from detune.listen.files import write_sound
from detune.listen.sounds import PEAK
from detune.sound.level import to_16_bit


def write_parts(
    test: Split, rows: np.ndarray, samples: np.ndarray, heat: np.ndarray, folder: Path
) -> None:
    """Write `<track>-<segment>-clean.flac`, `-marked` and `-rest`: 3 s, 22,050 Hz, 16 bit.

    Args:
        test: the test segments.
        rows: `(n,)` which of them.
        samples: `(n, 66150)` their audio.
        heat: `(n, 128, 130)` their heatmaps.
        folder: where to write.

    Raises:
        OSError: a file can't be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if not len(rows):
        return
    marked, rest = parts(samples, heat)
    versions = {"clean": samples, "marked": marked, "rest": rest}
    for place, number in enumerate(rows):
        for name, sounds in versions.items():
            stored = to_16_bit(np.clip(sounds[place], -PEAK, PEAK))
            write_sound(folder, test.index[number], name, stored)
