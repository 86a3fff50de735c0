from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from detune.collection.dataset import IndexRow, Split
from detune.gradcam.comparison import (
    ADVERSARIAL,
    ATTACK,
    FIRST_WRONG,
    NOISE,
    NOISE_ORIGINAL,
    ORIGINAL,
    CleanHeatmaps,
)
from detune.gradcam.gradcam import GradCam
from detune.gradcam.measures import MEASURES, compare
from detune.gradcam.shift import (
    compare_attack,
    compare_other_classes,
    compare_retrained,
    explain_clean,
    size_table,
    table,
)
from detune.statistics.bootstrap import Bootstrap

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


ROWS = np.array([8, 2, 11, 14, 5, 9, 16])
"""The examples, not in order."""


def cell(network: Any, test_split: Split, examples: np.ndarray) -> dict[str, np.ndarray]:
    """The file of a cell whose examples are these; its first wrong iterates lie between."""
    clean = test_split.values
    predicted = network.predict(clean[..., None], verbose=0).argmax(axis=1)
    logits = network.predict(examples[..., None], verbose=0)
    adversarial = predicted.copy()
    adversarial[ROWS] = logits.argmax(axis=1)
    return {
        "row": np.arange(len(clean)),
        "label": predicted,
        "clean_prediction": predicted,
        "adversarial_prediction": adversarial,
        "example_rows": ROWS,
        "examples": examples,
        "example_logits": logits,
        "example_losses": np.zeros((len(ROWS), 3), np.float32),
        "first_wrong": np.float32(0.7) * clean[ROWS] + np.float32(0.3) * examples,
    }


@pytest.fixture(scope="module")
def attacked(network: Any, test_split: Split) -> dict[str, np.ndarray]:
    """All examples inverted but one, which is left as it was."""
    examples = 1 - test_split.values[ROWS]
    examples[3] = test_split.values[ROWS[3]]
    return cell(network, test_split, examples)


def test_clean_heatmaps_are_about_every_genre(
    cam: GradCam, clean: CleanHeatmaps, segments: np.ndarray, network: Any
) -> None:
    for label in range(3):
        expected = cam.explain(segments, [label] * len(segments)).heatmaps
        assert np.abs(clean.heatmaps[:, label] - expected).max() < 1e-5
    predicted = network.predict(segments[..., None], verbose=0).argmax(axis=1)
    assert np.array_equal(clean.predictions, predicted)
    assert np.array_equal(clean.targets, predicted)


def by_kind(comparisons: list[Any]) -> dict[str, Any]:
    return {item.kind: item for item in comparisons}


def test_an_attack_is_compared_for_each_target_class(
    cam: GradCam, clean: CleanHeatmaps, test_split: Split, attacked: dict[str, np.ndarray]
) -> None:
    found, heatmaps = compare_attack(cam, test_split, clean, ("pgd", 0.1), attacked, seed=3)
    kinds = by_kind(found)
    assert list(kinds) == [ATTACK, ORIGINAL, ADVERSARIAL, NOISE, NOISE_ORIGINAL, FIRST_WRONG]
    was, new = clean.predictions[ROWS], attacked["example_logits"].argmax(axis=1)
    before = clean.heatmaps[ROWS, was]
    others = {
        ATTACK: cam.explain(attacked["examples"], new).heatmaps,
        ORIGINAL: cam.explain(attacked["examples"], was).heatmaps,
        ADVERSARIAL: clean.heatmaps[ROWS, new],
    }
    changed = np.arange(len(ROWS)) != 3
    for kind, other in others.items():
        for name, expected in compare(before[changed], other[changed]).items():
            values = kinds[kind].values[name]
            np.testing.assert_allclose(values[ROWS[changed]], expected, atol=1e-4)
            assert np.isnan(np.delete(values, ROWS[changed])).all(), "not attacked, or unchanged"
        assert np.flatnonzero(kinds[kind].flipped).tolist() == sorted(ROWS[was != new])
        assert (kinds[kind].method, kinds[kind].epsilon) == ("pgd", 0.1)
    assert kinds[ATTACK].empty == (~others[ATTACK][changed].any(axis=(1, 2))).sum()
    np.testing.assert_allclose(heatmaps, others[ATTACK], atol=1e-5)
    rows = ROWS[changed]
    change = attacked["examples"][changed] - test_split.values[rows]
    sizes = kinds[ORIGINAL].sizes
    np.testing.assert_allclose(sizes["linf"][rows], np.abs(change).max(axis=(1, 2)), atol=1e-6)
    np.testing.assert_allclose(
        sizes["rms"][rows], np.sqrt((change.astype(float) ** 2).mean(axis=(1, 2))), atol=1e-6
    )


def test_the_first_wrong_iterate_is_compared_where_there_is_one(
    cam: GradCam, clean: CleanHeatmaps, test_split: Split, attacked: dict[str, np.ndarray]
) -> None:
    found, _ = compare_attack(cam, test_split, clean, ("pgd", 0.1), attacked, seed=3)
    first = by_kind(found)[FIRST_WRONG]
    fell = attacked["adversarial_prediction"][ROWS] != clean.predictions[ROWS]
    assert 0 < fell.sum() < len(ROWS)
    rows = ROWS[fell]
    assert np.flatnonzero(np.isfinite(first.sizes["linf"])).tolist() == sorted(rows)
    expected = cam.explain(attacked["first_wrong"][fell], clean.predictions[rows]).heatmaps
    np.testing.assert_allclose(
        first.values["ssim"][rows], compare(clean.own[rows], expected)["ssim"], atol=1e-4
    )
    # Of an attack without steps there is none.
    at_once = attacked | {"example_losses": np.empty((0, 0))}
    found, _ = compare_attack(cam, test_split, clean, ("fgsm", 0.1), at_once, seed=3)
    assert FIRST_WRONG not in by_kind(found)


def test_noise_is_as_large_as_the_attack_at_each_point(
    cam: GradCam, clean: CleanHeatmaps, test_split: Split, monkeypatch: pytest.MonkeyPatch
) -> None:
    origin = np.clip(test_split.values, 0.2, 0.8)
    middle = Split(origin, test_split.index, test_split.genres)
    examples = origin[ROWS] + np.linspace(-0.2, 0.2, 130, dtype=np.float32)
    arrays = cell(_Asked(cam), middle, examples)
    explained: list[np.ndarray] = []
    explain = cam.explain
    monkeypatch.setattr(
        cam,
        "explain",
        lambda segments, targets: explained.append(segments) or explain(segments, targets),
    )
    compare_attack(cam, middle, clean, ("pgd", 0.2), arrays, seed=3)
    attack, noise = explained[0] - origin[ROWS], explained[1] - origin[ROWS]
    np.testing.assert_allclose(np.abs(noise), np.abs(attack), atol=1e-6)
    assert 0.4 < (np.sign(noise) == np.sign(attack)).mean() < 0.6


class _Asked:
    """A network's predictions, by Grad-CAM's own pass."""

    def __init__(self, cam: GradCam) -> None:
        self._cam = cam

    def predict(self, x: np.ndarray, verbose: int) -> np.ndarray:
        return self._cam.explain(x[..., 0], np.zeros(len(x), np.int32)).logits


def test_an_attack_that_changed_nothing_moves_nothing(
    cam: GradCam, clean: CleanHeatmaps, test_split: Split, network: Any
) -> None:
    idle = cell(network, test_split, test_split.values[ROWS])
    found, heatmaps = compare_attack(cam, test_split, clean, ("pgd", 0.1), idle, seed=3)
    assert found == []
    np.testing.assert_allclose(heatmaps, clean.own[ROWS], atol=1e-5)


def test_segments_of_other_classes_are_less_alike_than_a_segment_and_itself(
    cam: GradCam, clean: CleanHeatmaps, test_split: Split
) -> None:
    strangers = compare_other_classes(test_split, clean, seed=1).values["ssim"]
    itself = compare_retrained(cam, test_split, clean)
    assert strangers.shape == (19,)
    assert np.nanmean(strangers) < np.nanmean(itself.values["ssim"]) == pytest.approx(1)
    assert not itself.flipped.any()


def test_a_fixed_genre_is_asked_about_whatever_is_predicted() -> None:
    fixed = CleanHeatmaps(np.zeros((2, 3, 1, 1)), np.array([0, 1]), np.array([2, 0]))
    assert fixed.targets.tolist() == [2, 0]
    assert fixed.targets_after(np.array([1]), np.array([2])).tolist() == [0]


def test_the_predicted_genre_is_asked_about_by_default() -> None:
    free = CleanHeatmaps(np.zeros((2, 3, 1, 1)), np.array([0, 1]))
    assert free.targets.tolist() == [0, 1]
    assert free.targets_after(np.array([1]), np.array([2])).tolist() == [2]


def test_the_table_has_every_measure_by_group(
    cam: GradCam, clean: CleanHeatmaps, test_split: Split, attacked: dict[str, np.ndarray]
) -> None:
    found, _ = compare_attack(cam, test_split, clean, ("pgd", 0.1), attacked, seed=3)
    others = compare_other_classes(test_split, clean, seed=1)
    rows = list(table([*found, others], Bootstrap(test_split.tracks, 1)))
    groups = [(row["comparison"], row["group"]) for row in rows]
    # All that were changed changed class.
    kinds = [(kind, group) for kind in (ATTACK, ORIGINAL) for group in GROUPS[:2]]
    kinds += [(ADVERSARIAL, "flipped"), *((kind, "all") for kind in (NOISE, NOISE_ORIGINAL))]
    kinds += [(FIRST_WRONG, "all"), ("control: other classes", "all")]
    assert list(dict.fromkeys(groups)) == kinds
    assert len(rows) == len(kinds) * len(MEASURES)
    sizes = {(row["comparison"], row["group"]): row["segments"] for row in rows}
    assert sizes[ATTACK, "all"] == sum(sizes.get((ATTACK, group), 0) for group in GROUPS[1:])
    for row in rows:
        assert row["low"] <= row["value"] <= row["high"]
    assert rows[-1]["epsilon"] == ""


GROUPS = ("all", "flipped", "not flipped")


def test_the_table_of_sizes_is_of_the_original_class(
    cam: GradCam, clean: CleanHeatmaps, test_split: Split, attacked: dict[str, np.ndarray]
) -> None:
    found, _ = compare_attack(cam, test_split, clean, ("pgd", 0.1), attacked, seed=3)
    rows = list(size_table(found, Bootstrap(test_split.tracks, 1)))
    assert [row["comparison"] for row in rows] == [ORIGINAL, NOISE_ORIGINAL, FIRST_WRONG]
    full, _, first = rows
    assert full["segments"] == len(ROWS) - 1
    assert full["linf_mean"] > first["linf_mean"] > 0
    assert full["rms_mean"] < full["linf_mean"]
