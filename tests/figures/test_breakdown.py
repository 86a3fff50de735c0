from __future__ import annotations

from dataclasses import replace

import numpy as np

from detune.figures.breakdown import draw_breakdown
from detune.robustness.breakdown import Breakdown

BREAKDOWN = Breakdown(
    genres=["blues", "jazz", "$rock$"],
    epsilons=[0.01, 0.1],
    smallest={
        "fgsm": np.array([0, 0.01, 0.1, np.inf, np.inf]),
        "pgd": np.array([0, 0.01, 0.01, 0.1, np.inf]),
    },
    robust=np.array([[1.0, 0.25], [0.5, 0.0], [np.nan, np.nan]]),
    confusions=np.array([[0, 3, 1], [0, 0, 0], [0, 0, 0]]),
    confusions_by="PGD at ε = 0.1",
)


def test_breakdown_is_a_picture(check_picture) -> None:
    check_picture(lambda path: draw_breakdown(BREAKDOWN, path))


def test_bars_count_segments_by_the_first_epsilon_that_fools_them(sketched) -> None:
    when = sketched(lambda path: draw_breakdown(BREAKDOWN, path)).axes[0]
    heights = [[bar.get_height() for bar in bars] for bars in when.containers]
    assert heights == [[1, 1, 1, 2], [1, 2, 1, 1]]
    names = [label.get_text() for label in when.get_xticklabels()]
    assert names == ["wrong\nwhen clean", "0.01", "0.1", "none"]


def test_a_genre_without_segments_says_so(sketched) -> None:
    who = sketched(lambda path: draw_breakdown(BREAKDOWN, path)).axes[1]
    assert [text.get_text() for text in who.texts] == ["100%", "25%", "50%", "0%", "no segments"]


def test_counts_are_shaded_by_the_share_of_their_genre(sketched) -> None:
    where = sketched(lambda path: draw_breakdown(BREAKDOWN, path)).axes[2]
    assert [text.get_text() for text in where.texts] == ["3", "1"]
    assert where.images[0].get_array()[0].tolist() == [0, 0.75, 0.25]
    assert "PGD at ε = 0.1" in where.get_title()


def test_no_segment_fell(sketched) -> None:
    none = replace(BREAKDOWN, confusions=np.zeros((3, 3)))
    where = sketched(lambda path: draw_breakdown(none, path)).axes[2]
    assert not where.texts
