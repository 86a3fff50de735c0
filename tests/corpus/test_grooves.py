import pytest

from detune.corpus import grooves
from detune.corpus.drums import DRUM_KEYS, STROKES
from detune.corpus.notation import Groove, read_steps

GROOVES = [value for value in vars(grooves).values() if isinstance(value, Groove)]


def beats(groove: Groove, drum: str) -> list[float]:
    return [event.beat for event in read_steps(groove.strokes[drum], groove.beats)]


@pytest.mark.parametrize("groove", GROOVES, ids=lambda groove: groove.name)
def test_every_groove_can_be_read_and_played(groove: Groove) -> None:
    for drum, steps in groove.strokes.items():
        assert drum in DRUM_KEYS
        events = read_steps(steps, groove.beats)
        assert events
        assert {event.symbol for event in events} <= set(STROKES)
        assert all(event.beat < groove.beats for event in events)


def test_disco_has_four_on_the_floor_and_open_hats_off_the_beat() -> None:
    for groove in (grooves.FOUR_OPEN, grooves.FOUR_SIXTEENTHS, grooves.FOUR_CONGAS):
        assert beats(groove, "kick") == [0, 1, 2, 3]
        assert beats(groove, "open") == [0.5, 1.5, 2.5, 3.5]


def test_rock_and_hiphop_have_the_backbeat() -> None:
    for groove in (grooves.BACKBEAT, grooves.BOOM_BAP, grooves.DOUBLE_BASS):
        assert beats(groove, "snare") == [1, 3]


def test_the_one_drop_leaves_out_the_first_beat() -> None:
    assert 0 not in beats(grooves.ONE_DROP, "kick")


def test_jazz_keeps_the_swing_on_the_ride() -> None:
    assert beats(grooves.SWING_RIDE, "ride") == [0, 1, 1.5, 2, 3, 3.5]
