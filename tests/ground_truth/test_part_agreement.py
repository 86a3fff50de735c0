from __future__ import annotations

import numpy as np
import pytest

from detune.ground_truth.marks import CHANCE
from detune.ground_truth.part_agreement import (
    AGREEMENT,
    LOUDEST_PART,
    MUTING,
    TOP,
    agree,
    heat_shares,
    mark_explainers,
    mute_losses,
    same_top,
)
from detune.ground_truth.parts import SegmentParts

NAN = float("nan")


@pytest.fixture
def parts() -> SegmentParts:
    """Two segments of four parts, each in a quarter of the bands; the last one is never heard."""
    shares = np.zeros((2, 4, 128, 130), np.float32)
    for part in range(4):
        shares[:, part, 32 * part : 32 * (part + 1)] = 1
    whole = np.full((2, 128, 130), 0.5, np.float32)
    muted = np.where(shares > 0, 0.0, whole[:, None]).astype(np.float32)
    power = np.array([[0.5, 0.2, 0.3, 0.0], [0.6, 0.3, 0.1, 0.0]])
    return SegmentParts(whole, muted, shares, power, np.zeros(2))


def bands_heard(segments: np.ndarray) -> np.ndarray:
    """Logits of two genres: the first hears the second quarter most and the third a little."""
    quarters = segments.reshape(len(segments), 4, -1).mean(axis=2)
    return np.stack([quarters @ [0.0, 10.0, 2.0, 5.0], quarters @ [1.0, 0, 0, 0]], axis=1)


def test_losses_are_what_the_logit_loses(parts: SegmentParts) -> None:
    losses = mute_losses(bands_heard, parts, np.zeros((2, 128, 130)), np.array([0, 1]))
    np.testing.assert_allclose(losses[0], [0, 5, 1, NAN], atol=1e-5)
    np.testing.assert_allclose(losses[1], [0.5, 0, 0, NAN], atol=1e-5)


def test_a_change_stays_when_a_part_is_muted(parts: SegmentParts) -> None:
    change = np.full((2, 128, 130), 0.2)
    losses = mute_losses(bands_heard, parts, change, np.array([0, 0]))
    # From 0.7 to 0.2 instead of from 0.5 to 0.
    np.testing.assert_allclose(losses[0], [0, 5, 1, NAN], atol=1e-5)
    clipped = mute_losses(bands_heard, parts, np.full((2, 128, 130), -0.5), np.array([0, 0]))
    np.testing.assert_allclose(clipped[0], [0, 0, 0, NAN], atol=1e-5)


def test_heat_is_shared_out_by_power(parts: SegmentParts) -> None:
    heat = np.zeros((2, 128, 130), np.float32)
    heat[0, :32] = 3
    heat[0, 32:64] = 1
    np.testing.assert_allclose(heat_shares(heat, parts), [[0.75, 0.25, 0, 0], [0, 0, 0, 0]])


def test_agreement_is_a_rank_correlation_over_parts_that_are_heard() -> None:
    losses = np.array([[3.0, 2.0, 1.0, NAN], [3.0, 2.0, 1.0, NAN], [1.0, NAN, NAN, NAN]])
    shares = np.array([[0.5, 0.2, 0.1, 0.9], [0.1, 0.2, 0.5, 0.9], [0.5, 0.5, 0, 0]])
    np.testing.assert_allclose(agree(losses, shares), [1, -1, NAN])
    np.testing.assert_allclose(same_top(losses, shares), [1, 0, NAN])
    assert agree(losses[:1], np.zeros((1, 4))) == [0]
    assert same_top(losses[:1], np.zeros((1, 4))) == [0]


def test_marks_compare_with_the_loudest_part_and_even_heat(parts: SegmentParts) -> None:
    losses = mute_losses(bands_heard, parts, np.zeros((2, 128, 130)), np.array([0, 1]))

    def right(segments: np.ndarray, targets: np.ndarray) -> np.ndarray:
        heat = np.zeros_like(segments)
        heat[0, 32:64], heat[0, 64:96] = 5, 1
        heat[1, :32] = 1
        return heat

    explainers = {"right": right, "grad-cam": right}
    explained = parts.whole, np.array([0, 1])
    marks = mark_explainers("stems", parts, losses, explained, explainers)
    by_name = {item.method: item for item in marks[:3]}
    assert by_name["right"].values[AGREEMENT] == pytest.approx([1, 1])
    assert by_name["right"].values[TOP].tolist() == [1, 1]
    assert by_name[LOUDEST_PART].values[AGREEMENT][0] < 1.0
    # Even heat is the same on all of these parts, so it says nothing.
    assert by_name["right"].references[CHANCE][AGREEMENT] == pytest.approx([0, 0])
    answer = next(item for item in marks if item.method == MUTING)
    assert answer.values["loss without bass"][0] == pytest.approx(5)
