from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from detune.listen.answers import COLUMNS, ask, measure
from detune.listen.sounds import SPECTROGRAM, Recordings, Sounds
from detune.listen.treatments import TREATMENTS
from detune.sound.level import to_16_bit
from detune.sound.spectra import spectra
from detune.statistics.bootstrap import Bootstrap
from tests.sounding import chords

CLEAN = chords(3)
NOISE = (0.01 * np.random.default_rng(0).standard_normal(CLEAN.shape)).astype(np.float32)
SOUNDS = Sounds(
    SPECTROGRAM,
    "pgd",
    "0.01",
    rows=np.arange(3),
    labels=np.zeros(3, np.int64),
    fooled=np.array([True, True, False]),
    clean=CLEAN,
    stored=to_16_bit(CLEAN + NOISE),
    gains=np.ones(3),
    misses=np.array([0.1, 0.2, 0.3]),
)
LOUD = np.full((3, 1025, 130), 1e9, np.float32)


def test_rows_tell_who_stays_fooled_after_each_treatment() -> None:
    recordings = Recordings(np.arange(3), CLEAN, CLEAN[:, None], np.ones(3), LOUD)
    clean = {name: np.array([0, 0, 1]) for name in TREATMENTS}
    answers = iter(np.array([[1, 0, 0]] * len(TREATMENTS)))
    bootstrap = Bootstrap(["a", "b", "c"], 0)
    rows = list(ask(SOUNDS, recordings, clean, lambda _: next(answers), bootstrap))
    assert [row["treatment"] for row in rows] == list(TREATMENTS)
    assert set(rows[0]) == set(COLUMNS)
    assert rows[0]["correct"] == pytest.approx(2 / 3)
    assert rows[0]["clean_correct"] == pytest.approx(2 / 3)
    assert rows[0]["fooled"] == pytest.approx(2 / 3)
    assert rows[0]["stay_fooled"] == pytest.approx(1 / 2)


def test_where_nobody_was_fooled_nobody_stays_so() -> None:
    recordings = Recordings(np.arange(3), CLEAN, CLEAN[:, None], np.ones(3), LOUD)
    clean = {name: np.zeros(3, int) for name in TREATMENTS}
    sounds = replace(SOUNDS, fooled=np.zeros(3, bool))
    rows = ask(sounds, recordings, clean, lambda _: np.zeros(3, int), Bootstrap("abc", 0))
    assert {row["stay_fooled"] for row in rows} == {""}


def test_a_change_is_measured_against_what_is_heard() -> None:
    below = measure(SOUNDS, LOUD)
    above = measure(SOUNDS, LOUD * 0)
    assert below["audible_energy"] == 0
    assert above["audible_energy"] == pytest.approx(1, abs=1e-4)
    change = SOUNDS.samples - CLEAN
    expected = 10 * np.log10(np.square(CLEAN).sum(axis=1) / np.square(change).sum(axis=1))
    assert below["snr_db"] == pytest.approx(np.median(expected), abs=1e-3)
    assert below["miss"] == 0.2
    half = np.where(np.arange(130) < 65, 0, 1e9) * np.ones((3, 1025, 1))
    assert 0.4 < measure(SOUNDS, half)["audible_energy"] < 0.6


def test_what_was_made_quieter_is_measured_at_its_own_level() -> None:
    quieter = replace(
        SOUNDS, clean=CLEAN / 2, stored=to_16_bit((CLEAN + NOISE) / 2), gains=np.full(3, 0.5)
    )
    level = np.median(np.abs(spectra(NOISE))) * np.ones((3, 1025, 130))
    for key in ("snr_db", "level_db", "audible_energy"):
        assert measure(quieter, level)[key] == pytest.approx(measure(SOUNDS, level)[key], abs=0.01)
