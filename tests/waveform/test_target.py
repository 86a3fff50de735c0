from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from detune.attack.example_selection import draw_examples
from detune.collection.dataset import load_split
from detune.support.errors import UserError
from detune.waveform.target import choose_target


def test_right_segments_are_drawn_as_the_examples_of_other_attacks_are(
    folders: tuple[Path, Path],
) -> None:
    audio, segments = folders
    test = load_split(segments, "test")
    labels = test.labels
    logits = np.eye(2)[labels]
    logits[1] = 1 - logits[1]  # one is wrong when clean
    target, silent = choose_target(test, logits, audio, 10, 3)
    assert silent == 0
    assert len(target.rows) == len(labels) - 1
    assert 1 not in target.rows
    examples = draw_examples(labels, logits.argmax(axis=1), test.tracks, 2, 3)
    assert target.rows[:2].tolist() == examples.tolist()
    assert target.samples.shape == (len(target.rows), 66_150)
    assert target.songs.tolist() == [test.tracks[row] for row in target.rows]


def test_silence_is_left_out_and_counted(
    folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    test = load_split(folders[1], "test")
    samples = np.ones((len(test.labels), 66_150), np.float32)
    samples[0] = 0
    monkeypatch.setattr("detune.sound.segment_audio.read_segment_audio", lambda *_: samples)
    target, silent = choose_target(test, np.eye(2)[test.labels], folders[0], 10, 3)
    assert (silent, len(target.rows)) == (1, len(test.labels) - 1)


def test_a_model_that_is_never_right_is_told(folders: tuple[Path, Path]) -> None:
    test = load_split(folders[1], "test")
    with pytest.raises(UserError, match="no test segment is right"):
        choose_target(test, 1 - np.eye(2)[test.labels], folders[0], 10, 3)


def test_silence_alone_is_told(folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    test = load_split(folders[1], "test")
    silence = np.zeros((len(test.labels), 66_150), np.float32)
    monkeypatch.setattr("detune.sound.segment_audio.read_segment_audio", lambda *_: silence)
    with pytest.raises(UserError, match=f"all {len(test.labels)} .* are silent"):
        choose_target(test, np.eye(2)[test.labels], folders[0], 10, 3)
