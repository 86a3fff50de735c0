from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from detune.collection.dataset import IndexRow, Split
from detune.gradcam.comparison import CleanHeatmaps
from detune.gradcam.examples import (
    CellHeatmaps,
    ExampleSet,
    attention_arrays,
    attention_counts,
    genre_heat,
    select_attacked,
    select_clean,
)
from detune.gradcam.gradcam import GradCam
from detune.gradcam.sampling import choose_correct, choose_failures
from detune.gradcam.shift import explain_clean
from detune.params.sections import Gradcam

GENRES = ["blues", "jazz", "rock"]
PARAMS = Gradcam(
    method="grad-cam",
    layer="last",
    target="predicted",
    epsilon=0.1,
    correct_per_genre=2,
    failures=3,
    attacked=5,
)
ATTACKED = np.array([3, 1, 4, 0, 6, 8, 9])


@pytest.fixture(scope="module")
def split(segments: np.ndarray, labels: np.ndarray) -> Split:
    index = [
        IndexRow("test", row, f"{GENRES[label]}.{row}", GENRES[label], int(label), 0, 3.0, -80, 0.0)
        for row, label in enumerate(labels)
    ]
    return Split(segments, index, GENRES)


@pytest.fixture(scope="module")
def cells(network: Any, segments: np.ndarray) -> dict[str, dict[str, np.ndarray]]:
    """What two attacks left: one changes little, the other inverts the segments."""
    clean_logits = network.predict(segments[..., None], verbose=0)
    found = {}
    for method, changed in (("fgsm", 0.95 * segments), ("pgd", 1 - segments)):
        examples = changed[ATTACKED]
        found[method] = {
            "row": np.arange(len(segments)),
            "clean_logits": clean_logits,
            "example_rows": ATTACKED,
            "examples": examples,
            "example_logits": network.predict(examples[..., None], verbose=0),
        }
    return found


@pytest.fixture(scope="module")
def clean(network: Any, split: Split) -> CleanHeatmaps:
    return explain_clean(GradCam(network), split)


@pytest.fixture(scope="module")
def attacked(network: Any, cells: dict[str, dict[str, np.ndarray]]) -> CellHeatmaps:
    """Heatmaps of the examples under each method, for the class predicted then."""
    cam = GradCam(network)
    return {
        (method, 0.1): cam.explain(
            arrays["examples"], arrays["example_logits"].argmax(axis=1)
        ).heatmaps
        for method, arrays in cells.items()
    }


@pytest.fixture(scope="module")
def selected(
    clean: CleanHeatmaps,
    attacked: CellHeatmaps,
    split: Split,
    cells: dict[str, dict[str, np.ndarray]],
) -> list[ExampleSet]:
    return select_attacked(clean, attacked, split, cells, 0.1)


@pytest.fixture(scope="module")
def explained(
    selected: list[ExampleSet],
    clean: CleanHeatmaps,
    split: Split,
    cells: dict[str, dict[str, np.ndarray]],
) -> list[ExampleSet]:
    chosen = select_clean(clean, cells["pgd"], split, PARAMS)
    return chosen + [item.first(PARAMS.attacked) for item in selected]


def test_every_kind_shows_the_segments_that_were_asked_for(
    explained: list[ExampleSet], split: Split, cells: dict[str, dict[str, np.ndarray]]
) -> None:
    logits, labels = cells["fgsm"]["clean_logits"], split.labels
    assert [item.kind for item in explained] == ["correct", "failure", "clean", "fgsm", "pgd"]
    rows = {item.kind: item.rows.tolist() for item in explained}
    assert rows["correct"] == choose_correct(logits, labels, 2).tolist()
    assert rows["failure"] == choose_failures(logits, labels, 3).tolist()
    assert rows["clean"] == rows["fgsm"] == rows["pgd"] == [3, 1, 4, 0, 6]


def test_heatmaps_are_about_the_predicted_genre_of_the_segments_shown(
    explained: list[ExampleSet], network: Any, segments: np.ndarray
) -> None:
    changes: dict[str, Any] = {"fgsm": lambda x: 0.95 * x, "pgd": lambda x: 1 - x}
    for item in explained:
        shown = changes.get(item.kind, lambda x: x)(segments[item.rows])
        assert np.array_equal(item.segments, shown)
        predicted = network.predict(shown[..., None], verbose=0).argmax(axis=1)
        assert np.array_equal(item.predictions, predicted)
        expected = GradCam(network).explain(shown, predicted)
        assert np.abs(item.attention.heatmaps - expected.heatmaps).max() < 1e-5


def test_the_arrays_have_an_entry_a_heatmap(
    explained: list[ExampleSet], attacked: CellHeatmaps
) -> None:
    every = attention_arrays(explained, attacked)
    arrays = {name: every[name] for name in ("row", "kind", "target", "heatmap")}
    count = sum(len(item.rows) for item in explained)
    assert {len(array) for array in arrays.values()} == {count}
    assert arrays["heatmap"].shape == (count, 15, 15)
    for item in explained:
        of_kind = arrays["kind"] == item.kind
        assert np.array_equal(arrays["row"][of_kind], item.rows)
        assert np.array_equal(arrays["target"][of_kind], item.predictions)
        assert np.array_equal(arrays["heatmap"][of_kind], item.attention.heatmaps)


def test_counts_tell_what_was_shown_and_what_was_fooled(
    explained: list[ExampleSet], split: Split
) -> None:
    counts = attention_counts(explained, split)
    by_kind = {item.kind: item for item in explained}
    clean = by_kind["clean"].predictions
    expected: dict[str, Any] = {
        "correct": len(by_kind["correct"].rows),
        "failure": len(by_kind["failure"].rows),
    }
    for method in ("fgsm", "pgd"):
        fooled = [
            before == split.labels[row] != after
            for row, before, after in zip(
                by_kind[method].rows, clean, by_kind[method].predictions, strict=True
            )
        ]
        expected[method] = {"segments": 5, "fooled": sum(fooled)}
    assert counts == expected
    assert counts["pgd"]["fooled"] > 0
    # One of those attacked was wrong before, and nobody fooled it.
    assert (clean != split.labels[by_kind["clean"].rows]).any()


def test_mean_heatmaps_are_of_the_examples_of_a_genre_that_were_right(
    selected: list[ExampleSet], clean: CleanHeatmaps, split: Split, attacked: CellHeatmaps
) -> None:
    heats = genre_heat(selected, split)
    assert [item.genre for item in heats] == GENRES
    labels = split.labels[ATTACKED]
    for label, item in enumerate(heats):
        right = (labels == label) & (clean.predictions[ATTACKED] == label)
        assert item.segments == right.sum()
        if right.any():
            rows = ATTACKED[right]
            np.testing.assert_allclose(item.means["clean"], clean.own[rows].mean(axis=0))
            np.testing.assert_allclose(item.means["pgd"], attacked["pgd", 0.1][right].mean(axis=0))
        else:
            assert item.means == {}
    assert sum(item.segments for item in heats) < len(ATTACKED)


def test_heatmaps_of_the_grid_are_of_the_same_segments_at_each_epsilon(
    explained: list[ExampleSet],
) -> None:
    grid: CellHeatmaps = {
        (method, epsilon): np.full((9, 2, 2), epsilon, np.float32)
        for epsilon in (0.1, 0.2)
        for method in ("pgd", "square")
    }
    arrays = attention_arrays(explained, grid)
    assert arrays["grid_heatmap"].shape == (2, 5, 2, 2)
    assert arrays["grid_heatmap"][:, 0, 0, 0].tolist() == pytest.approx([0.1, 0.2])
    assert arrays["grid_epsilon"].tolist() == [0.1, 0.2]
    assert arrays["grid_method"].tolist() == ["pgd", "pgd"]
    assert arrays["grid_row"].tolist() == explained[-1].rows.tolist()


def test_nothing_to_show_leaves_empty_arrays(
    selected: list[ExampleSet],
    clean: CleanHeatmaps,
    attacked: CellHeatmaps,
    split: Split,
    cells: dict[str, Any],
) -> None:
    none = Gradcam("grad-cam", "last", "predicted", 0.1, 0, 0, 0)
    sets = select_clean(clean, cells["pgd"], split, none) + [item.first(0) for item in selected]
    assert attention_arrays(sets, attacked)["heatmap"].shape == (0, 15, 15)
    assert attention_counts(sets, split)["pgd"] == {"segments": 0, "fooled": 0}


def test_a_fixed_class_is_the_target_of_all(
    clean: CleanHeatmaps, attacked: CellHeatmaps, split: Split, cells: dict[str, Any]
) -> None:
    fixed = CleanHeatmaps(clean.heatmaps, clean.predictions, np.full(19, 1))
    sets = select_attacked(fixed, attacked, split, cells, 0.1)
    sets += select_clean(fixed, cells["pgd"], split, PARAMS)
    assert set(attention_arrays(sets, attacked)["target"]) == {1}
