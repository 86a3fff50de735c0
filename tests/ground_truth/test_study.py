from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from detune.corpus import Recipe
from detune.ground_truth import study
from detune.ground_truth.parts import SegmentParts
from detune.network.model_file import predict_logits
from tests.planted import split_of

RECIPE = Recipe(seed=3, seconds=6.0, tracks_per_genre=1, crossover=0.0, genres=("jazz", "metal"))


@pytest.fixture(scope="module")
def subject(network: Any, segments: np.ndarray, labels: np.ndarray) -> study.Subject:
    split = split_of(segments, labels)
    logits = predict_logits(network, segments)
    return study.prepare(network, split, logits, layer="last", seed=42)


def test_only_right_segments_are_tested(subject: study.Subject, labels: np.ndarray) -> None:
    rows = subject.right_rows(100)
    assert set(rows) == set(np.flatnonzero(subject.logits.argmax(axis=1) == labels))
    assert subject.right_rows(3).tolist() == rows[:3].tolist()


def test_the_confined_attack_is_told_in_rows_figures_and_words(subject: study.Subject) -> None:
    found = study.run_confined_attack(subject, 4)
    assert {row["method"] for row in found.rows} == set(subject.explainers)
    assert found.figures["windows"] == 12
    assert f"{found.figures['fell']} of 12 attacks" in found.message
    assert set(study.headlines([found])["confined_attack"]) == {
        "windows",
        "fell",
        "pointing",
        "beyond_loudest_place",
    }


def test_no_segment_that_falls_is_a_result_too(subject: study.Subject) -> None:
    found = study.run_confined_attack(subject, 0)
    assert (found.rows, found.figures) == ([], {"windows": 0, "fell": 0})


def test_without_a_recipe_stems_are_absent_and_said_so(subject: study.Subject) -> None:
    confined, stems = study.run_tests(subject, 2, None, {})
    assert "confined" in confined.message
    assert stems.message.startswith("true stems: absent")
    assert not stems.rows


def test_no_segments_is_off(subject: study.Subject) -> None:
    (found,) = study.run_tests(subject, 0, None, {})
    assert found.message == "off: ground_truth.segments is 0"


def test_stems_are_told_as_they_are_and_under_attack(
    subject: study.Subject, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = np.array([0, 1])
    whole = subject.split.values[rows]
    shares = np.full((2, 4, 128, 130), 0.25, np.float32)
    muted = np.stack([0.5 * whole] * 4, axis=1)
    parts = SegmentParts(whole, muted, shares, np.full((2, 4), 0.25), np.full(2, 1e-5))
    monkeypatch.setattr(study, "take_apart", lambda *_: parts)
    cell = {"example_rows": rows, "examples": 1 - whole}
    found = study.run_tests(subject, 2, RECIPE, cell)
    assert [result.test for result in found[1:]] == ["true stems", "true stems, under attack"]
    assert found[1].figures["parts_heard"] == 8
    heat = [row["value"] for row in found[1].rows if row["measure"] == "heat on drums"]
    assert heat == pytest.approx([0.25] * len(heat))
