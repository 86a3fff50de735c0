from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from detune.collection.dataset import IndexRow, Split
from detune.gradcam.gradcam import GradCam
from detune.gradcam.measures import MEASURES, compare
from detune.gradcam.shift import (
    ATTACK,
    NEW_GENRE,
    NOISE,
    SAME_GENRE,
    CleanHeatmaps,
    compare_attack,
    compare_noise,
    compare_retrained,
    compare_unrelated,
    explain_clean,
    table,
)

GENRES = ["blues", "jazz", "rock"]


@pytest.fixture(scope="module")
def test_split(segments: np.ndarray, labels: np.ndarray) -> Split:
    index = [
        IndexRow("test", row, f"t{row % 7}", GENRES[label], int(label), 0, 0.0, -80.0, 0.0)
        for row, label in enumerate(labels)
    ]
    return Split(segments, index, GENRES)


@pytest.fixture(scope="module")
def cam(network: Any) -> GradCam:
    return GradCam(network)


@pytest.fixture(scope="module")
def clean(cam: GradCam, test_split: Split) -> CleanHeatmaps:
    return explain_clean(cam, test_split)


def cell(network: Any, adversarial: np.ndarray, rows: np.ndarray) -> dict[str, np.ndarray]:
    """The file of a cell that attacked only `rows`."""
    found = network.predict(adversarial[rows][..., None], verbose=0).argmax(axis=1)
    return {"row": rows, "adversarial": adversarial[rows], "adversarial_prediction": found}


@pytest.fixture(scope="module")
def attacked(network: Any, segments: np.ndarray) -> dict[str, np.ndarray]:
    """A sample of rows, all but every fourth inverted."""
    adversarial = 1 - segments
    adversarial[::4] = segments[::4]
    return cell(network, adversarial, np.arange(2, 17))


def test_clean_heatmaps_are_about_every_genre(
    cam: GradCam, clean: CleanHeatmaps, segments: np.ndarray, network: Any
) -> None:
    for label in range(3):
        expected = cam.explain(segments, [label] * len(segments)).heatmaps
        assert np.abs(clean.heatmaps[:, label] - expected).max() < 1e-5
    predicted = network.predict(segments[..., None], verbose=0).argmax(axis=1)
    assert np.array_equal(clean.predictions, predicted)
    assert np.array_equal(clean.about, predicted)


def test_an_attack_is_compared_in_three_ways(
    cam: GradCam, clean: CleanHeatmaps, test_split: Split, attacked: dict[str, np.ndarray]
) -> None:
    found, heatmaps = compare_attack(cam, test_split, clean, ("pgd", 0.1), attacked)
    by_kind = {item.kind: item for item in found}
    assert list(by_kind) == [ATTACK, SAME_GENRE, NEW_GENRE]
    rows = np.array([row for row in range(2, 17) if row % 4])
    places = rows - 2
    was, new = clean.predictions[rows], attacked["adversarial_prediction"][places]
    segments = attacked["adversarial"][places]
    before = clean.heatmaps[rows, was]
    others = {
        ATTACK: cam.explain(segments, new).heatmaps,
        SAME_GENRE: cam.explain(segments, was).heatmaps,
        NEW_GENRE: clean.heatmaps[rows, new],
    }
    for kind, other in others.items():
        for name, expected in compare(before, other).items():
            values = by_kind[kind].values[name]
            np.testing.assert_allclose(values[rows], expected, atol=1e-4)
            assert np.isnan(np.delete(values, rows)).all(), "unchanged or not attacked"
        assert np.flatnonzero(by_kind[kind].flipped).tolist() == rows[was != new].tolist()
        assert (by_kind[kind].method, by_kind[kind].epsilon) == ("pgd", 0.1)
    assert by_kind[ATTACK].empty == (~others[ATTACK].any(axis=(1, 2))).sum()
    np.testing.assert_allclose(heatmaps[rows], others[ATTACK], atol=1e-5)
    np.testing.assert_array_equal(heatmaps[[0, 4]], clean.own[[0, 4]])


def test_an_attack_that_changed_nothing_leaves_nothing_to_compare(
    cam: GradCam, clean: CleanHeatmaps, test_split: Split, network: Any, segments: np.ndarray
) -> None:
    idle = cell(network, segments, np.arange(19))
    found, heatmaps = compare_attack(cam, test_split, clean, ("pgd", 0.1), idle)
    assert not any(item.flipped.any() for item in found)
    assert list(table(found, test_split.tracks, seed=1)) == []
    assert np.array_equal(heatmaps, clean.own)


def test_noise_is_about_what_is_predicted_then(
    cam: GradCam, clean: CleanHeatmaps, test_split: Split
) -> None:
    rows = np.array([1, 5, 6])
    found = compare_noise(cam, test_split, clean, rows, 0.2, seed=3)
    assert (found.kind, found.method, found.epsilon) == (NOISE, "", 0.2)
    assert np.flatnonzero(np.isfinite(found.values["overlap"])).tolist() == rows.tolist()
    still = compare_noise(cam, test_split, clean, rows, 0.0, seed=3)
    np.testing.assert_allclose(still.values["overlap"][rows], 1)
    assert not still.flipped.any()


def test_unrelated_segments_are_less_alike_than_a_segment_and_itself(
    cam: GradCam, clean: CleanHeatmaps, test_split: Split
) -> None:
    strangers = compare_unrelated(test_split, clean, seed=1).values["ssim"]
    itself, right = compare_retrained(cam, test_split, clean)
    assert strangers.shape == (19,)
    assert np.nanmean(strangers) < np.nanmean(itself.values["ssim"]) == pytest.approx(1)
    assert right == (clean.predictions == test_split.labels).mean()


def test_a_fixed_genre_is_asked_about_whatever_is_predicted() -> None:
    fixed = CleanHeatmaps(np.zeros((2, 3, 1, 1)), np.array([0, 1]), np.array([2, 0]))
    assert fixed.about.tolist() == [2, 0]
    assert fixed.aim(np.array([1]), np.array([2])).tolist() == [0]


def test_the_predicted_genre_is_asked_about_by_default() -> None:
    free = CleanHeatmaps(np.zeros((2, 3, 1, 1)), np.array([0, 1]))
    assert free.about.tolist() == [0, 1]
    assert free.aim(np.array([1]), np.array([2])).tolist() == [2]


def test_the_table_has_every_measure_by_group(
    cam: GradCam, clean: CleanHeatmaps, test_split: Split, attacked: dict[str, np.ndarray]
) -> None:
    found, _ = compare_attack(cam, test_split, clean, ("pgd", 0.1), attacked)
    unrelated = compare_unrelated(test_split, clean, seed=1)
    rows = list(table([*found, unrelated], test_split.tracks, seed=1))
    groups = [(row["comparison"], row["group"]) for row in rows]
    kinds = [(ATTACK, "all"), (ATTACK, "flipped"), (ATTACK, "not flipped")]
    kinds += [(SAME_GENRE, "flipped"), (NEW_GENRE, "flipped"), ("unrelated", "all")]
    assert list(dict.fromkeys(groups)) == kinds
    assert len(rows) == len(kinds) * len(MEASURES)
    sizes = {(row["comparison"], row["group"]): row["segments"] for row in rows}
    assert sizes[ATTACK, "all"] == sizes[ATTACK, "flipped"] + sizes[ATTACK, "not flipped"]
    for row in rows:
        assert row["low"] <= row["value"] <= row["high"]
    assert rows[-1]["epsilon"] == ""
