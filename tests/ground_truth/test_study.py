from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from detune.ground_truth import study
from detune.network.model_file import predict_logits
from tests.planted import split_of


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
    assert set(study.headlines([found])["confined_attack"]) == {"windows", "fell", "pointing"}


def test_no_segment_that_falls_is_a_result_too(subject: study.Subject) -> None:
    found = study.run_confined_attack(subject, 0)
    assert (found.rows, found.figures) == ([], {"windows": 0, "fell": 0})
