from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from detune import attention
from detune.attention import (
    Explained,
    attention_arrays,
    attention_counts,
    draw_all,
    explain_all,
)
from detune.dataset import IndexRow, Split
from detune.gradcam import GradCam, choose_correct, choose_failures
from detune.params import Gradcam
from detune.scores import softmax

GENRES = ["blues", "jazz", "rock"]
PARAMS = Gradcam(epsilon=0.1, correct_per_genre=2, failures=3, attacked=5)
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
def explained(
    network: Any, split: Split, cells: dict[str, dict[str, np.ndarray]]
) -> list[Explained]:
    return explain_all(GradCam(network), split, cells, PARAMS)


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


def test_counts_tell_what_was_shown_what_was_fooled_and_empty_heatmaps(
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
    heatmaps = [heatmap for item in explained for heatmap in item.attention.heatmaps]
    expected["zero_heatmaps"] = sum(not heatmap.any() for heatmap in heatmaps)
    assert counts == expected
    assert counts["pgd"]["fooled"] > 0
    # One of those attacked was wrong before, and nobody fooled it.
    assert (clean != split.labels[by_kind["clean"].rows]).any()


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
        assert "3 s" in panel.caption

    assert len(pairs) == 2 * 5
    for method in ("fgsm", "pgd"):
        of_method = [pair for path, pair in pairs.items() if path.parent == folder / method]
        for place, (clean, panel, change, told) in enumerate(of_method):
            assert np.array_equal(clean.segment, by_kind["clean"].segments[place])
            assert np.array_equal(panel.segment, by_kind[method].segments[place])
            assert np.array_equal(change, panel.segment - clean.segment)
            assert told == {"epsilon": 0.1, "db_range": 80.0}
