from __future__ import annotations

import pytest

from detune.figures.tradeoff import COLORS, draw_tradeoff

ENDS = ("", "_low", "_high")
WAYS = [("none", 0.0), ("pgd", 0.005), ("pgd", 0.02), ("trades", 0.02)]


def rows(epsilons: tuple[float, ...]) -> list[dict[str, object]]:
    """A row for each way and epsilon; the clean accuracy tells which."""
    return [
        {"method": method, "trained_at": trained_at, "epsilon": epsilon}
        | {
            f"clean{end}": 0.5 + place / 10 + gap
            for end, gap in zip(ENDS, (0, -0.1, 0.05), strict=True)
        }
        | {
            f"robust{end}": 0.4 - epsilon + gap
            for end, gap in zip(ENDS, (0, -0.2, 0.1), strict=True)
        }
        for epsilon in epsilons
        for place, (method, trained_at) in enumerate(WAYS)
    ]


@pytest.mark.parametrize("epsilons", [(0.01,), (0.02, 0.01, 0.05, 0.1)])
def test_it_is_a_picture(check_picture, epsilons) -> None:
    check_picture(lambda path: draw_tradeoff(rows(epsilons), path))


def test_a_panel_is_an_epsilon_and_a_point_a_way_of_training(sketched) -> None:
    figure = sketched(lambda path: draw_tradeoff(rows((0.02, 0.01)), path))
    shown = [ax for ax in figure.axes if ax.get_title()]
    assert [ax.get_title() for ax in shown] == ["PGD at ε = 0.01", "PGD at ε = 0.02"]
    points = [container.lines[0] for container in shown[1].containers]
    found = [(line.get_xdata()[0], line.get_ydata()[0], line.get_color()) for line in points]
    expected = [(0.5 + n / 10, 0.38, COLORS[method]) for n, (method, _) in enumerate(WAYS)]
    for (x, y, color), (at, height, named) in zip(found, expected, strict=True):
        assert (x, y) == pytest.approx((at, height))
        assert color == named
    assert points[1].get_marker() != points[2].get_marker() == points[3].get_marker()


def test_an_epsilon_that_leaves_nothing_has_no_panel(sketched) -> None:
    none_left = {f"robust{end}": 0.0 for end in ENDS}
    nothing = [row | none_left for row in rows((0.1,))]
    figure = sketched(lambda path: draw_tradeoff([*rows((0.01,)), *nothing], path))
    assert [ax.get_title() for ax in figure.axes if ax.get_title()] == ["PGD at ε = 0.01"]
    figure = sketched(lambda path: draw_tradeoff(nothing, path))
    assert [ax.get_title() for ax in figure.axes if ax.get_title()] == ["PGD at ε = 0.1"]


def test_intervals_reach_as_far_as_they_say(sketched) -> None:
    figure = sketched(lambda path: draw_tradeoff(rows((0.01,)), path))
    _, _, (across, upwards) = figure.axes[0].containers[0].lines
    assert across.get_segments()[0][:, 0] == pytest.approx([0.4, 0.55])
    assert upwards.get_segments()[0][:, 1] == pytest.approx([0.19, 0.49])


def test_the_legend_names_each_way_once(sketched) -> None:
    some = rows((0.01, 0.02))[1:]
    figure = sketched(lambda path: draw_tradeoff(some, path))
    (legend,) = figure.legends
    names = [text.get_text() for text in legend.get_texts()]
    assert sorted(names) == ["none", "pgd at 0.005", "pgd at 0.02", "trades at 0.02"]


def test_seeds_are_small_points_without_a_name(sketched) -> None:
    seeds = [(0.4, 0.3), (0.6, 0.5)]
    figure = sketched(lambda path: draw_tradeoff([rows((0.01,))[1] | {"seeds": seeds}], path))
    small = [line for line in figure.axes[0].get_lines() if line.get_markersize() == 3]
    assert [(line.get_xdata()[0], line.get_ydata()[0]) for line in small] == seeds
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["pgd at 0.005"]
