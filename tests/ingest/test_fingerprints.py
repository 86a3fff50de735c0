from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from detune.audio.constants import SAMPLE_RATE
from detune.ingest import fingerprints
from detune.ingest.fingerprints import BITS, HOP_SECONDS, Fingerprint, fingerprint, frames_in
from tests.music import music


def difference(one: Fingerprint, other: Fingerprint) -> float:
    """Share of the bits that differ."""
    return float(np.bitwise_count(one.words ^ other.words).mean() / BITS)


@pytest.mark.parametrize("seconds", [0.0, 0.3, 0.4, 3.0, 12.34])
def test_a_word_every_23_ms_once_the_first_frame_is_full(seconds: float) -> None:
    taken = fingerprint(music(0, 20)[: round(seconds * SAMPLE_RATE)])
    assert taken.words.dtype == np.uint32
    assert len(taken.words) == len(taken.informative) == frames_in(seconds)
    assert pytest.approx(0.0232, abs=1e-4) == HOP_SECONDS


def test_other_music_differs_in_half_of_the_bits() -> None:
    assert difference(fingerprint(music(1, 10)), fingerprint(music(2, 10))) == pytest.approx(
        0.5, abs=0.05
    )


@pytest.mark.parametrize(
    ("change", "most"),
    [
        (lambda audio: audio / 2, 0.0),
        (lambda audio: -audio, 0.0),
        (lambda audio: np.clip(3 * audio, -1, 1), 0.1),
        (lambda audio: audio + 0.003 * np.random.default_rng(0).normal(size=audio.size), 0.1),
        (lambda audio: np.roll(audio, 200), 0.1),
    ],
)
def test_a_copy_keeps_most_bits(change: Callable[[np.ndarray], np.ndarray], most: float) -> None:
    audio = music(3, 10)
    assert difference(fingerprint(audio), fingerprint(change(audio).astype(np.float32))) <= most


def test_silence_and_steady_tones_tell_nothing(tone: Any) -> None:
    assert fingerprint(music(4, 5)).informative.mean() > 0.99
    assert not fingerprint(np.zeros(SAMPLE_RATE * 3, np.float32)).informative.any()
    assert not fingerprint(tone(3.0)).informative[:-1].any()


def test_transforming_block_by_block_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = fingerprint(music(5, 4))
    monkeypatch.setattr(fingerprints, "BLOCK", 7)
    for one, other in zip(fingerprint(music(5, 4)), whole, strict=True):
        assert np.array_equal(one, other)
