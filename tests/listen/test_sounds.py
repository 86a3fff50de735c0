from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from detune.collection.dataset import load_split
from detune.listen.sounds import (
    SPECTROGRAM,
    WAVEFORM,
    Recordings,
    of_spectrograms,
    of_waveforms,
    read_recordings,
)
from detune.sound.front_end import to_segments
from detune.sound.level import to_16_bit
from tests.sounding import chords

ROWS = np.array([2, 5, 7])
SAMPLES = chords(3)


def recorded(samples: np.ndarray = SAMPLES) -> Recordings:
    segments = to_segments(samples)
    return Recordings(ROWS, samples, segments, np.full(3, 80.0), np.ones((3, 1025, 130)))


def mel_cell(change: float = 0.0) -> dict[str, np.ndarray]:
    """A cell with an example that is not listened to, row 4, and rows 7 and 2."""
    segments = to_segments(SAMPLES)
    examples = np.stack([segments[2], segments[2], segments[0]])
    logits = np.array([[0.0, 1.0], [1.0, 0.0], [0.0, 1.0]])
    return {
        "row": np.arange(9),
        "label": np.array([0, 0, 0, 0, 0, 0, 0, 0, 0]),
        "example_rows": np.array([4, 7, 2]),
        "examples": np.clip(examples + change, 0, 1).astype(np.float32),
        "example_logits": logits,
    }


def test_a_spectrogram_that_was_not_changed_is_the_original_sound() -> None:
    found = of_spectrograms(("pgd", "0.1"), mel_cell(), recorded(), 0)
    assert (found.domain, found.method, found.level) == (SPECTROGRAM, "pgd", "0.1")
    assert found.rows.tolist() == [7, 2]
    assert found.fooled.tolist() == [False, True]
    assert np.abs(found.samples - SAMPLES[[2, 0]]).max() < 1e-4
    assert found.gains.tolist() == [1, 1]
    assert (found.misses < 1e-3).all()


def test_a_sound_that_would_be_cut_off_is_made_quieter_with_its_original() -> None:
    cell = mel_cell()
    cell["examples"][:, :, 60:] += 0.25  # 20 dB
    found = of_spectrograms(("pgd", "0.1"), cell, recorded(), 0)
    assert (found.gains < 1).all()
    assert (np.abs(found.stored) <= 32767).all()
    expected = SAMPLES[[2, 0]] * found.gains[:, None]
    np.testing.assert_allclose(found.clean, expected, atol=1e-6)


def test_sounds_of_waveform_cells_are_those_in_their_files() -> None:
    stored = to_16_bit(chords(2, seed=9))
    arrays = {
        "row": np.array([7, 2, 5]),
        "label": np.array([1, 0, 1]),
        "examples": stored,
        "example_logits": np.array([[1.0, 0.0], [1.0, 0.0]]),
    }
    found = of_waveforms("40", arrays, recorded())
    assert (found.domain, found.level) == (WAVEFORM, "40")
    assert found.fooled.tolist() == [True, False]
    assert np.array_equal(found.stored, stored)
    assert np.array_equal(found.clean, SAMPLES[[2, 0]])


def test_recordings_are_in_order_and_without_silence(
    folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    test = load_split(folders[1], "test")
    samples = chords(3)
    samples[1] = 0
    monkeypatch.setattr("detune.sound.segment_audio.read_segment_audio", lambda *_: samples)
    found = read_recordings(test, np.array([2, 0, 1]), folders[0])
    assert found.rows.tolist() == [0, 2]
    assert np.array_equal(found.samples, samples[[0, 2]])
    assert found.thresholds.shape == (2, 1025, 130)
    assert found.places(np.array([2])).tolist() == [1]
