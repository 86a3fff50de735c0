from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from detune.collection.dataset import load_split
from detune.gradcam.attention import Attention
from detune.heatmap_sound.answers import (
    COLUMNS,
    FIGURES,
    Answers,
    ask,
    compare,
    headline,
    message,
    tabulate,
)
from detune.heatmap_sound.masks import HEATMAP, MASKS, MOVED
from detune.sound.front_end import to_segments
from detune.statistics.bootstrap import Bootstrap


def test_figures_are_those_of_their_definition() -> None:
    clean, marked, rest = np.array([0.8, 0.5]), np.array([0.2, 0.6]), np.array([0.1, 0.5])
    figures = compare(clean, marked, rest)
    np.testing.assert_allclose(figures["average_drop"], [0.75, 0])
    np.testing.assert_allclose(figures["average_increase"], [0, 1])
    np.testing.assert_allclose(figures["loss_without"], [0.7, 0])


class LowHalf:
    """Heatmaps of the lower half of a segment; none at all of segments in `without`."""

    def __init__(self, *without: int) -> None:
        self.without = without
        self.seen = 0

    def explain(self, segments: np.ndarray, targets: np.ndarray) -> Attention:
        heat = np.zeros((len(segments), 8, 8), np.float32)
        heat[:, :4] = 1
        for place in self.without:
            heat[place] = 0
        return Attention(heat, np.zeros((len(segments), 2), np.float32))


def low_half_logits(samples: np.ndarray) -> np.ndarray:
    """A network that hears only the lower half, its level against the upper one."""
    segments = to_segments(samples)
    low, high = segments[:, :64].mean(axis=(1, 2)), segments[:, 64:].mean(axis=(1, 2))
    return np.stack([40 * (low - high), np.zeros(len(samples))], axis=1)


@pytest.fixture
def asked(folders: tuple[Path, Path]) -> tuple[Any, Answers]:
    test = load_split(folders[1], "test")
    cam: Any = LowHalf(1)
    return test, ask(test, folders[0], cam, low_half_logits, 1)


def test_a_heatmap_that_is_right_is_told_from_other_places(asked: tuple[Any, Answers]) -> None:
    test, answers = asked
    assert (answers.silent, answers.zero) == (0, 1)
    assert answers.rows.tolist() == [row for row in range(len(test.labels)) if row != 1]
    own = answers.values[HEATMAP]
    assert set(own) == set(FIGURES)
    for by_figure in answers.values.values():
        assert ((by_figure["energy"] > 0) & (by_figure["energy"] <= 1)).all()
    # With the lower half alone it is surer; without it another genre wins.
    assert own["average_drop"].max() < 0.05
    assert own["loss_without"].mean() > answers.values[MOVED]["loss_without"].mean() + 0.1


def test_segments_without_a_heatmap_or_sound_are_counted(
    folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    test = load_split(folders[1], "test")
    count = len(test.labels)
    cam: Any = LowHalf(*range(count))
    answers = ask(test, folders[0], cam, low_half_logits, 1)
    assert (answers.silent, answers.zero, len(answers.rows)) == (0, count, 0)
    assert list(tabulate(answers, Bootstrap(test.tracks, 1))) == []
    silence = np.zeros((count, 66_150), np.float32)
    monkeypatch.setattr("detune.sound.segment_audio.read_segment_audio", lambda *_: silence)
    answers = ask(test, folders[0], cam, low_half_logits, 1)
    assert (answers.silent, answers.zero) == (count, 0)


def test_the_table_has_differences_of_the_heatmap_alone(asked: tuple[Any, Answers]) -> None:
    test, answers = asked
    rows = list(tabulate(answers, Bootstrap(test.tracks, 1)))
    assert all(set(row) == set(COLUMNS) for row in rows)
    kinds = {(row["mask"], row["versus"]) for row in rows}
    assert kinds == {
        *((mask, "") for mask in MASKS),
        *((HEATMAP, versus) for versus in MASKS[1:]),
    }
    figures = headline(rows, answers)
    assert figures["zero_heatmaps"] == 1
    assert {f"{name}_beyond_moved" for name in FIGURES} < set(figures)
    assert message(rows).startswith("heatmap, ")
    assert message([]) == "no segment has a heatmap"
