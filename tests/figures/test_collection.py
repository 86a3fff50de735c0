from __future__ import annotations

import numpy as np
import pytest
from matplotlib.colors import to_hex

from detune.figures.collection import (
    NAMED,
    PAIR_COLORS,
    SPLIT_COLORS,
    Overview,
    draw_outliers,
    draw_overview,
)

pytestmark = pytest.mark.filterwarnings("error")

OVERVIEW = Overview(
    genres=["blues", "a$b$", "rock"],
    reasons={"too short": 3, "unreadable": 1},
    pairs=[("blues", "blues"), ("rock", "blues"), ("blues", "rock")],
    splits={
        "blues": {"train": 5, "validation": 1, "test": 1},
        "a$b$": {"train": 3, "validation": 0, "test": 2},
        "rock": {"train": 4, "validation": 2, "test": 1},
    },
)
POINTS = {
    "blues": [(9000.0 + 100 * number, -20.0 - number) for number in range(20)],
    "jazz": [],
}


def test_doubts_are_a_picture(check_picture) -> None:
    check_picture(lambda path: draw_overview(OVERVIEW, path))


def test_doubts_show_reasons_pairs_and_splits(sketched) -> None:
    reasons, pairs, splits = sketched(lambda path: draw_overview(OVERVIEW, path)).axes
    assert [bar.get_width() for bar in reasons.patches] == [3, 1]
    assert [label.get_text() for label in reasons.get_yticklabels()] == list(OVERVIEW.reasons)
    assert {text.get_position(): text.get_text() for text in pairs.texts} == {
        (0, 0): "1",
        (0, 2): "2",
    }
    image = pairs.images[0]
    shown = [to_hex(image.cmap(image.norm(image.get_array()[place, 0]))) for place in range(3)]
    assert shown == [PAIR_COLORS[1], PAIR_COLORS[0], PAIR_COLORS[2]]
    assert "2 across genres" in pairs.get_title()
    widths = np.array([bar.get_width() for bar in splits.patches]).reshape(3, 3)
    assert widths.T.tolist() == [list(found.values()) for found in OVERVIEW.splits.values()]
    assert [to_hex(bar.get_facecolor()) for bar in splits.patches[::3]] == list(SPLIT_COLORS)
    assert splits.get_title() == "train 12, validation 3, test 4"


def test_nothing_to_doubt_is_said(drawn) -> None:
    figure = drawn(
        lambda path: draw_overview(
            Overview(["pop"], {}, [], {"pop": {"train": 1, "validation": 1, "test": 1}}), path
        )
    )
    told = [text.get_text() for ax in figure.axes[:2] for text in ax.texts]
    assert told == ["nothing was quarantined", "no two tracks share a recording"]


def test_outliers_are_a_picture(check_picture) -> None:
    check_picture(lambda path: draw_outliers(POINTS, {"blues.3": POINTS["blues"][3]}, path))


def test_outliers_are_ringed_and_a_dozen_named(sketched) -> None:
    far = {f"blues.{number}": place for number, place in enumerate(POINTS["blues"])}
    (ax,) = sketched(lambda path: draw_outliers(POINTS, far, path)).axes
    assert len(ax.collections[-1].get_offsets()) == 20
    assert [text.get_text() for text in ax.texts] == list(far)[:NAMED]
    assert ax.get_title() == "20 tracks, 20 of them outliers (ringed)"
    (ax,) = sketched(lambda path: draw_outliers(POINTS, {}, path)).axes
    assert not ax.texts
