import numpy as np

from detune.corpus.form import Bar, draw_bars
from detune.corpus.notation import Progression
from detune.corpus.styles import STYLES

BLUES = STYLES["blues"]


def bars_of(progression: str, seed: int = 0, count: int = 24) -> list[Bar]:
    return draw_bars(
        BLUES,
        Progression(progression, "blues"),
        key=0,
        beats=4,
        count=count,
        rng=np.random.default_rng(seed),
    )


def test_bars_follow_each_other_without_gaps() -> None:
    bars = bars_of("I IV")
    assert [bar.start for bar in bars] == list(range(0, 96, 4))
    assert [bar.number for bar in bars] == list(range(24))


def test_the_progression_repeats_and_every_bar_knows_the_next_chord() -> None:
    bars = bars_of("I IV V")
    assert [bar.chords[0].root for bar in bars[:6]] == [0, 5, 7, 0, 5, 7]
    assert [bar.following.root for bar in bars[:3]] == [5, 7, 0]


def test_two_chords_halve_the_bar() -> None:
    bar = bars_of("ii7+V7 I")[0]
    assert [bar.chord_at(beat).root for beat in (0, 1.75, 2, 3.5)] == [2, 2, 7, 7]


def test_sections_rise_and_fall_as_in_the_style() -> None:
    lengths = {bars for bars, _ in BLUES.sections}
    for seed in range(10):
        bars = bars_of("I", seed, count=40)
        opening = [bar.number for bar in bars if bar.opens]
        closing = [bar.number for bar in bars if bar.closes]
        assert opening[0] == 0
        assert [number + 1 for number in closing][: len(opening) - 1] == opening[1:]
        assert set(np.diff(opening).tolist()) <= lengths
        assert np.ptp([bar.intensity for bar in bars]) > 0.2
        assert all(0.0 <= bar.intensity <= 1.0 for bar in bars)
