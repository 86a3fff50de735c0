"""Which segments are attacked as sound, and their audio."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from detune.attack.example_selection import draw_right
from detune.collection.dataset import Split
from detune.sound.segment_audio import read_heard
from detune.support.errors import UserError
from detune.waveform.cell import Target


def choose_target(
    test: Split, logits: np.ndarray, tracks: Path, count: int, seed: int
) -> tuple[Target, int]:
    """At most `count` segments that are right when clean, and how many silent ones were left out.

    They are drawn as the examples of the other attacks are, which are the first of them.

    Args:
        test: the test segments.
        logits: `(n, genres)` that the model gives them.
        tracks: folder of the audio.
        count: how many.
        seed: decides which.

    Raises:
        UserError: no segment is right, all of them are silent, or audio is missing or was changed.
    """
    rows = draw_right(test.labels, logits.argmax(axis=1), test.tracks, count, seed)
    if not rows.size:
        raise UserError("no test segment is right, so there is none to attack: train a model")
    heard, samples = read_heard(test, rows, tracks)
    if not heard.size:
        raise UserError(
            f"all {len(rows)} test segments that were drawn are silent, so there is no sound to "
            "attack: raise attack.waveform.segments, or give other tracks"
        )
    songs = np.asarray(test.tracks)[heard]
    target = Target(heard, test.labels[heard], samples, logits[heard], songs)
    return target, len(rows) - len(heard)
