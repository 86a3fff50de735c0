from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from detune.collection.dataset import IndexRow, Split
from detune.gradcam import shown as attention
from detune.gradcam.gradcam import GradCam, choose_correct, choose_failures
from detune.gradcam.shift import CleanHeatmaps, explain_clean
from detune.gradcam.shown import (
    Explained,
    attention_arrays,
    attention_counts,
    choose_all,
    draw_all,
    genre_heat,
)
from detune.params import Gradcam
from detune.scores import softmax

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
    found = {}
    for method, adversarial in (("fgsm", 0.95 * segments), ("pgd", 1 - segments)):
        found[method] = {
            "clean_logits": network.predict(segments[..., None], verbose=0),
            "adversarial_logits": network.predict(adversarial[..., None], verbose=0),
            "example_rows": ATTACKED,
            "examples": adversarial[ATTACKED],
        }
    return found


@pytest.fixture(scope="module")
def clean(network: Any, split: Split) -> CleanHeatmaps:
    return explain_clean(GradCam(network), split)


@pytest.fixture(scope="module")
def attacked(
    network: Any, segments: np.ndarray, cells: dict[str, dict[str, np.ndarray]]
) -> dict[str, np.ndarray]:
    """Heatmaps of all test segments under each method, about what is predicted then."""
    cam = GradCam(network)
    changed = {"fgsm": 0.95 * segments, "pgd": 1 - segments}
    return {
        method: cam.explain(values, cells[method]["adversarial_logits"].argmax(axis=1)).heatmaps
        for method, values in changed.items()
    }


@pytest.fixture(scope="module")
def explained(
    clean: CleanHeatmaps,
    attacked: dict[str, np.ndarray],
    split: Split,
    cells: dict[str, dict[str, np.ndarray]],
) -> list[Explained]:
    return choose_all(clean, attacked, split, cells, PARAMS)


def test_every_kind_shows_the_segments_that_were_asked_for(
    explained: list[Explained], split: Split, cells: dict[str, dict[str, np.ndarray]]
) -> None:
    logits, labels = cells["fgsm"]["clean_logits"], split.labels
    assert [item.kind for item in explained] == ["correct", "failure", "clean", "fgsm", "pgd"]
    rows = {item.kind: item.rows.tolist() for item in explained}
    assert rows["correct"] == choose_correct(logits, labels, 2).tolist()
    assert rows["failure"] == choose_failures(logits, labels, 3).tolist()
    assert rows["clean"] == rows["fgsm"] == rows["pgd"] == [3, 1, 4, 0, 6]


def test_heatmaps_are_about_the_predicted_genre_of_the_segments_shown(
    explained: list[Explained], network: Any, segments: np.ndarray
) -> None:
    changes: dict[str, Any] = {"fgsm": lambda x: 0.95 * x, "pgd": lambda x: 1 - x}
    for item in explained:
        shown = changes.get(item.kind, lambda x: x)(segments[item.rows])
        assert np.array_equal(item.segments, shown)
        predicted = network.predict(shown[..., None], verbose=0).argmax(axis=1)
        assert np.array_equal(item.predictions, predicted)
        expected = GradCam(network).explain(shown, predicted)
        assert np.abs(item.attention.heatmaps - expected.heatmaps).max() < 1e-5


def test_the_arrays_have_an_entry_a_heatmap(explained: list[Explained]) -> None:
    arrays = attention_arrays(explained)
    assert list(arrays) == ["row", "kind", "target", "heatmap"]
    count = sum(len(item.rows) for item in explained)
    assert {len(array) for array in arrays.values()} == {count}
    assert arrays["heatmap"].shape == (count, 15, 15)
    for item in explained:
        of_kind = arrays["kind"] == item.kind
        assert np.array_equal(arrays["row"][of_kind], item.rows)
        assert np.array_equal(arrays["target"][of_kind], item.predictions)
        assert np.array_equal(arrays["heatmap"][of_kind], item.attention.heatmaps)


def test_counts_tell_what_was_shown_and_what_was_fooled(
    explained: list[Explained], split: Split
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


def in_this_process(function: Any, items: Any, **told: str) -> Any:
    """In place of `parallel_map`, whose processes would not see what is patched here."""
    return map(function, items)


def test_pictures_are_named_by_genre_or_number_and_show_their_segment(
    explained: list[Explained], split: Split, monkeypatch: pytest.MonkeyPatch
) -> None:
    single: dict[Path, Any] = {}
    pairs: dict[Path, Any] = {}
    overviews: dict[Path, Any] = {}
    monkeypatch.setattr(
        attention, "draw_attention", lambda panel, path: single.update({path: panel})
    )
    monkeypatch.setattr(
        attention,
        "draw_attention_pair",
        lambda clean, panel, change, path, **told: pairs.update(
            {path: (clean, panel, change, told)}
        ),
    )
    monkeypatch.setattr(
        attention, "draw_overview", lambda panels, path: overviews.update({path: panels})
    )
    monkeypatch.setattr(attention, "parallel_map", in_this_process)
    folder = Path("plots")
    draw_all(explained, split, folder, 0.1)

    by_kind = {item.kind: item for item in explained}
    assert list(overviews) == [folder / f"{item.kind}.png" for item in explained]
    assert [len(panels) for panels in overviews.values()] == [len(i.rows) for i in explained]
    seen: dict[str, int] = {}
    names = []
    for row in by_kind["correct"].rows:
        genre = GENRES[split.labels[row]]
        seen[genre] = seen.get(genre, 0) + 1
        names.append(folder / "correct" / f"{genre}-{seen[genre]}.png")
    names += [folder / "failure" / f"{number}.png" for number in (1, 2, 3)]
    assert list(single) == names
    for panel, item, place in [
        (single[path], by_kind[path.parent.name], place)
        for kind in ("correct", "failure")
        for place, path in enumerate(path for path in single if path.parent.name == kind)
    ]:
        row = split.index[item.rows[place]]
        probabilities = softmax(item.attention.logits)[place]
        assert np.array_equal(panel.segment, item.segments[place])
        assert np.array_equal(panel.heatmap, item.attention.heatmaps[place])
        assert panel.true_genre == row.genre
        assert panel.predicted_genre == GENRES[int(probabilities.argmax())]
        assert panel.confidence == pytest.approx(probabilities.max())
        assert row.track in panel.caption
        assert "3.0 s" in panel.caption

    assert len(pairs) == 2 * 5
    for method in ("fgsm", "pgd"):
        of_method = [pair for path, pair in pairs.items() if path.parent == folder / method]
        for place, (clean, panel, change, told) in enumerate(of_method):
            assert np.array_equal(clean.segment, by_kind["clean"].segments[place])
            assert np.array_equal(panel.segment, by_kind[method].segments[place])
            assert np.array_equal(change, panel.segment - clean.segment)
            assert told == {"epsilon": 0.1, "db_range": 80.0}


def test_a_fixed_genre_is_told_and_kept(
    clean: CleanHeatmaps,
    attacked: dict[str, np.ndarray],
    split: Split,
    cells: dict[str, dict[str, np.ndarray]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fixed = CleanHeatmaps(clean.heatmaps, clean.predictions, np.full(19, 1))
    explained = choose_all(fixed, attacked, split, cells, PARAMS)
    assert set(attention_arrays(explained)["target"]) == {1}
    captions: list[tuple[str, str]] = []
    monkeypatch.setattr(attention, "parallel_map", in_this_process)
    for name in ("draw_attention_pair", "draw_overview"):
        monkeypatch.setattr(attention, name, lambda *args, **told: None)
    monkeypatch.setattr(
        attention,
        "draw_attention",
        lambda panel, path: captions.append((panel.predicted_genre, panel.caption)),
    )
    draw_all(explained, split, Path("plots"), 0.1)
    assert captions
    for predicted, caption in captions:
        assert ("heatmap of jazz" in caption) == (predicted != "jazz")


def test_nothing_to_show_is_nothing_drawn(
    clean: CleanHeatmaps,
    attacked: dict[str, np.ndarray],
    split: Split,
    cells: dict[str, dict[str, np.ndarray]],
    tmp_path: Path,
) -> None:
    """No failure exists, no segment was right, and none was attacked."""
    none = replace(PARAMS, correct_per_genre=0, failures=0, attacked=0)
    explained = choose_all(clean, attacked, split, cells, none)
    draw_all(explained, split, tmp_path, 0.1)
    assert list(tmp_path.iterdir()) == []
    arrays = attention_arrays(explained)
    assert arrays["heatmap"].shape == (0, 15, 15)
    assert attention_counts(explained, split)["pgd"] == {"segments": 0, "fooled": 0}


def test_mean_heatmaps_are_of_the_segments_of_a_genre_that_were_right(
    clean: CleanHeatmaps, attacked: dict[str, np.ndarray], split: Split
) -> None:
    found = genre_heat(clean, attacked, split)
    assert [item.genre for item in found] == GENRES
    for label, item in enumerate(found):
        right = (split.labels == label) & (clean.predictions == label)
        assert item.segments == right.sum() > 0
        np.testing.assert_allclose(item.means["clean"], clean.own[right].mean(axis=0))
        np.testing.assert_allclose(item.means["pgd"], attacked["pgd"][right].mean(axis=0))


def test_a_genre_without_a_right_segment_has_no_mean(
    clean: CleanHeatmaps, attacked: dict[str, np.ndarray], split: Split
) -> None:
    wrong = CleanHeatmaps(clean.heatmaps, (split.labels + 1) % 3)
    assert [(item.segments, item.means) for item in genre_heat(wrong, attacked, split)] == [
        (0, {})
    ] * 3
