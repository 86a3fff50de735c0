from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from detune.collection.dataset import IndexRow, Split
from detune.figures import segment_pictures as attention
from detune.figures.segment_pictures import draw_examples
from detune.gradcam.attention import Attention
from detune.gradcam.examples import ExampleSet
from detune.statistics.scores import softmax

GENRES = ["blues", "jazz", "rock"]
RNG = np.random.default_rng(0)
LABELS = np.arange(12) % 3


@pytest.fixture(scope="module")
def split() -> Split:
    index = [
        IndexRow("test", row, f"{GENRES[label]}.{row}", GENRES[label], int(label), 0, 3.0, -80, 0.0)
        for row, label in enumerate(LABELS)
    ]
    return Split(RNG.uniform(0, 1, (12, 128, 130)).astype(np.float32), index, GENRES)


def of_kind(kind: str, rows: list[int], targets: int | None = None) -> ExampleSet:
    attention = Attention(RNG.uniform(0, 1, (len(rows), 8, 8)), RNG.normal(size=(len(rows), 3)))
    about = attention.logits.argmax(axis=1) if targets is None else np.full(len(rows), targets)
    segments = RNG.uniform(0, 1, (len(rows), 128, 130)).astype(np.float32)
    return ExampleSet(kind, np.array(rows, np.int64), segments, attention, about)


def all_kinds(targets: int | None = None) -> list[ExampleSet]:
    attacked = [3, 1, 4, 0, 6]
    return [
        of_kind("correct", [0, 3, 1, 4, 2], targets),
        of_kind("failure", [7, 8, 5], targets),
        *(of_kind(kind, attacked, targets) for kind in ("clean", "fgsm", "pgd")),
    ]


def in_this_process(function: Any, items: Any, **told: str) -> Any:
    """In place of `parallel_map`, whose processes would not see what is patched here."""
    return map(function, items)


def test_pictures_are_named_by_genre_or_number_and_show_their_segment(
    split: Split, monkeypatch: pytest.MonkeyPatch
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
    sets = all_kinds()
    draw_examples(sets, split, folder, 0.1)

    by_kind = {item.kind: item for item in sets}
    assert list(overviews) == [folder / f"{item.kind}.png" for item in sets]
    assert [len(panels) for panels in overviews.values()] == [len(i.rows) for i in sets]
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


def test_a_fixed_class_is_told_and_kept(split: Split, monkeypatch: pytest.MonkeyPatch) -> None:
    captions: list[tuple[str, str]] = []
    monkeypatch.setattr(attention, "parallel_map", in_this_process)
    for name in ("draw_attention_pair", "draw_overview"):
        monkeypatch.setattr(attention, name, lambda *args, **told: None)
    monkeypatch.setattr(
        attention,
        "draw_attention",
        lambda panel, path: captions.append((panel.predicted_genre, panel.caption)),
    )
    draw_examples(all_kinds(targets=1), split, Path("plots"), 0.1)
    assert captions
    for predicted, caption in captions:
        assert ("heatmap of jazz" in caption) == (predicted != "jazz")


def test_nothing_to_show_is_nothing_drawn(split: Split, tmp_path: Path) -> None:
    """No failure exists, no segment was right, and none was attacked."""
    draw_examples([item.first(0) for item in all_kinds()], split, tmp_path, 0.1)
    assert list(tmp_path.iterdir()) == []
