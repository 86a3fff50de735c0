from __future__ import annotations

from dataclasses import replace

import numpy as np

from detune.summary.results import song_rows
from tests.summary.made import RESULTS, SONGS


def test_only_songs_are_read_from_the_outcomes() -> None:
    segment = dict(SONGS[0]) | {"unit": "segment", "segment": "0"}
    assert song_rows([segment, *SONGS]) == SONGS


def test_songs_are_right_where_their_genre_is_predicted() -> None:
    assert np.array_equal(RESULTS.right_songs("clean"), [1] * 7 + [0])
    assert np.array_equal(RESULTS.robust_songs("pgd"), [1, 0, 0, 0, 0, 0, 0, 0])
    assert replace(RESULTS, epsilon=0.3).robust_songs("pgd") is None
    assert replace(RESULTS, songs=[]).right_songs("clean") is None


def test_the_masked_attack_may_be_absent() -> None:
    assert RESULTS.below_masking() == {"value": 0.1, "low": 0.0, "high": 0.3}
    listen = {"waveform": {"snr_db_of_half": None}}
    without = replace(RESULTS, metrics={**RESULTS.metrics, "listen": listen})
    assert without.below_masking() is None
