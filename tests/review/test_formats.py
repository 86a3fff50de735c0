from __future__ import annotations

import json
from dataclasses import replace

import pytest

from detune.review.comparison import Difference
from detune.review.formats import FORMATS, as_json, as_markdown, as_text
from detune.review.review import Review

REVIEW = Review(
    before="main",
    after="workspace",
    counts=((150, 15), (150, 15)),
    paired=True,
    differences=[
        Difference(
            "clean accuracy of songs", 0.9, 0.4, -0.5, -0.7, -0.3, 0.001, better=1, shown=True
        ),
        Difference("pgd-0.1 accuracy of songs", 0.1, 0.0, -0.1, -0.2, 0.0, 0.5, better=1),
        Difference("pgd-0.3 accuracy of songs", None, 0.0),
    ],
    verdicts=(True, False),
    causes=["params: train.epochs: 10 -> 3"],
    songs=[("pop.1|x", -0.5)],
)


def test_the_text_begins_with_what_is_shown() -> None:
    lines = as_text(REVIEW).splitlines()
    assert lines[0] == "Review: main -> workspace"
    said = "Shown: clean accuracy of songs: 0.900 before, 0.400 after, -0.500 (-0.700 to -0.300)"
    assert lines[2] == said
    assert lines[3] == "Not shown: the other 1 figures"
    assert "Verdict: trustworthy -> NOT trustworthy" in lines
    assert any(
        line.split() == ["pgd-0.3", "accuracy", "of", "songs", "-", "0.000"] for line in lines
    )


@pytest.mark.parametrize(
    ("change", "low", "high", "state"),
    [
        (0.0, -0.2, 0.2, "same"),
        (0.1, -0.2, 0.4, "not shown"),
        (-0.1, -0.2, -0.05, "not shown after correction"),
    ],
)
def test_why_a_difference_is_not_shown_is_said(
    change: float, low: float, high: float, state: str
) -> None:
    difference = Difference("figure", 0.5, 0.5 + change, change, low, high, 0.04)
    quiet = Review("a", "b", ((1, 1), (1, 1)), True, [difference], (True, True), [], [])
    (row,) = [line for line in as_text(quiet).splitlines() if line.startswith("figure  0.5")]
    assert row.endswith(f"  {state}")


def test_pictures_of_the_songs_that_changed_are_named_or_the_command_that_brings_them() -> None:
    path = "plots/gradcam/pgd/pop-1.png"
    for pictures, said in (
        ({"pop.1|x": [path]}, f"over all attacks; pictures: {path}\n"),
        ({"pop.1|x": []}, "over all attacks\n"),
        (
            None,
            "not here: `dvc pull data/gradcam.npz plots/gradcam`, from whoever has pushed "
            "them, or `dvc repro`\n",
        ),
    ):
        text = as_text(replace(REVIEW, pictures=pictures)) + "\n"
        assert text.endswith(said)
    assert "Pictures" not in as_text(replace(REVIEW, songs=[]))


def test_the_markdown_has_a_table_to_unfold() -> None:
    text = as_markdown(REVIEW)
    assert text.startswith("### Review: main -> workspace\n\n- 150 test segments")
    assert "<summary>All 3 figures</summary>\n\n| figure | before |" in text
    assert all(line.count("|") == 7 for line in text.splitlines() if line.startswith("| "))


def test_the_json_has_everything() -> None:
    assert json.loads(as_json(REVIEW))["differences"][0]["shown"] is True


@pytest.mark.parametrize("name", FORMATS)
def test_nothing_shown_is_said(name: str) -> None:
    quiet = Review("a", "b", ((1, 1), (1, 1)), True, [REVIEW.differences[1]], (True, True), [], [])
    text = FORMATS[name](quiet)
    assert name == "json" or "none of 1 figures differs by more than chance" in text
