from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from detune.listen.answers import Row
from detune.listen.sounds import SPECTROGRAM, WAVEFORM, Recordings, of_waveforms
from detune.listen.study import ask_all, bring_to_sound, headline, message
from detune.listen.treatments import TREATMENTS
from detune.sound.front_end import to_segments
from detune.sound.level import to_16_bit
from detune.sound.waveform_classifier import waveform_classifier
from detune.statistics.bootstrap import Bootstrap
from detune.support.files import write_npz
from tests.sounding import chords

SAMPLES = chords(2)


def recorded() -> Recordings:
    thresholds = np.ones((2, 1025, 130), np.float32)
    return Recordings(np.arange(2), SAMPLES, to_segments(SAMPLES), np.full(2, 80.0), thresholds)


def test_every_cell_becomes_sounds_and_every_sound_is_asked_about(
    network: Any, tmp_path: Path
) -> None:
    labels = waveform_classifier(network).predict(SAMPLES).argmax(axis=1)
    mel = {
        "row": np.arange(2),
        "label": labels,
        "example_rows": np.array([1, 0]),
        "examples": to_segments(SAMPLES)[::-1],
        "example_logits": np.eye(3)[labels[::-1]],
    }
    write_npz(tmp_path / "pgd-0.1.npz", **mel)
    wave = {"row": np.arange(2), "label": labels, "examples": to_16_bit(SAMPLES)}
    wave["example_logits"] = np.eye(3)[labels]
    grid = {("pgd", 0.1): tmp_path / "pgd-0.1.npz"}
    sounds = bring_to_sound(grid, {"40": wave}, recorded(), 0)
    assert [(one.domain, one.level) for one in sounds] == [(SPECTROGRAM, "0.1"), (WAVEFORM, "40")]
    rows = ask_all(network, sounds, recorded(), Bootstrap(["a", "b"], 0))
    assert len(rows) == 2 * len(TREATMENTS)
    # Nothing was changed, so nothing but a treatment can change an answer.
    assert [row["correct"] for row in rows if row["treatment"] == "16 bit"] == [1, 1]


def test_a_cell_without_right_segments_has_no_rows(network: Any) -> None:
    nobody = {
        "row": np.empty(0, int),
        "label": np.empty(0, int),
        "examples": np.empty((0, 66_150), np.int16),
        "example_logits": np.empty((0, 3)),
    }
    sounds = [of_waveforms("40", nobody, recorded())]
    assert ask_all(network, sounds, recorded(), Bootstrap(["a", "b"], 0)) == []


def row(method: str, level: str, **changed: Any) -> Row:
    return {
        "domain": SPECTROGRAM,
        "method": method,
        "level": level,
        "treatment": "16 bit",
        "segments": 20,
        "correct": 0.25,
        "correct_low": 0.1,
        "correct_high": 0.4,
        "stay_fooled": 0.75,
        "stay_fooled_low": 0.6,
        "stay_fooled_high": 0.9,
        "snr_db": 17.2,
        "miss": 0.01,
    } | changed


def test_the_headline_and_the_message_are_of_one_epsilon_as_files() -> None:
    rows = [
        row("pgd", "0.02"),
        row("pgd", "0.02", treatment="MP3 128 kbit/s", correct=0.9),
        row("pgd", "0.1", correct=0.0),
        row("pgd", "40", domain=WAVEFORM),
    ]
    by_snr = [row("pgd", "20", correct=0.1), row("pgd", "masked", correct=0.15)]
    told = headline(rows, 0.02, by_snr, 40.0)
    assert told["spectrogram"] == {
        "pgd": {
            "correct": {"value": 0.25, "low": 0.1, "high": 0.4},
            "stay_fooled": {"value": 0.75, "low": 0.6, "high": 0.9},
            "snr_db": 17.2,
            "miss": 0.01,
        }
    }
    masked = {"value": 0.15, "low": 0.1, "high": 0.4}
    assert told["waveform"] == {"snr_db_of_half": 40.0, "masked": masked}
    assert message(rows, 0.02) == ("pgd at 0.02: 25% of 20 remain correct as sound, SNR 17.2 dB")
    assert "no attacked segment" in message(rows, 0.5)
