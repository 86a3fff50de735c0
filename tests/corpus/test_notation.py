import pytest

from detune.corpus.notation import Event, bar_events, read_steps


def test_steps_become_beats_and_ties_become_lengths() -> None:
    assert read_steps("R--.5...", 2) == (
        Event(0.0, "R", 0.75, False),
        Event(1.0, "5", 0.25, False),
    )


def test_three_steps_to_the_beat_are_triplets() -> None:
    assert read_steps("x.x", 1) == (
        Event(0.0, "x", 1 / 3, True),
        Event(2 / 3, "x", 1 / 3, True),
    )


@pytest.mark.parametrize("steps", ["", "x", "xxxxx", "x.x.x.x.x."])
def test_a_grid_of_other_steps_is_refused(steps: str) -> None:
    with pytest.raises(ValueError, match="not 3 or 4"):
        read_steps(steps, 2)


def test_a_pattern_of_two_bars_runs_on_from_bar_to_bar() -> None:
    steps = "R" + "." * 15 + "5" + "." * 15
    symbols = [[event.symbol for event in bar_events(steps, 8, 4, bar)] for bar in range(4)]
    assert symbols == [["R"], ["5"], ["R"], ["5"]]
    assert bar_events(steps, 8, 4, 1)[0].beat == 0.0


def test_a_pattern_longer_than_the_bar_is_cut() -> None:
    events = bar_events("R-----------5---", 4, 3, 1)
    assert [(event.symbol, event.length) for event in events] == [("R", 3.0)]
    assert bar_events("R---------------", 4, 3, 0)[0].length == 3.0
