import numpy as np
import pretty_midi
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detune.corpus.composer import compose
from detune.corpus.crossover import draw_style
from detune.corpus.styles import STYLES

seeds = st.integers(0, 2**32)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(STYLES)), seeds, st.floats(0.0, 1.0))
def test_every_genre_composes_music_without_long_silences(
    genre: str, seed: int, crossover: float
) -> None:
    rng = np.random.default_rng(seed)
    score = compose(draw_style(genre, crossover, rng), rng, 20.0)
    starts = np.sort([note.start for player in score.instruments for note in player.notes])
    assert starts[0] < 3.0
    assert np.diff(starts).max() < 3.0
    assert max(note.end for player in score.instruments for note in player.notes) >= 18.0
    assert starts[-1] >= 16.0


@pytest.mark.parametrize("genre", STYLES)
def test_the_tempo_is_in_the_range_of_the_style(genre: str) -> None:
    low, high = STYLES[genre].rhythm.tempo
    tempos = [
        compose(STYLES[genre], np.random.default_rng(seed), 3.0).get_tempo_changes()[1][0]
        for seed in range(12)
    ]
    assert all(low - 0.1 <= tempo <= high + 0.1 for tempo in tempos)
    assert np.ptp(tempos) > 0.2 * (high - low)


def test_line_ups_and_keys_vary_between_tracks() -> None:
    scores = [compose(STYLES["rock"], np.random.default_rng(seed), 3.0) for seed in range(16)]
    line_ups = {tuple(player.program for player in score.instruments) for score in scores}
    roots = {score.instruments[1].notes[0].pitch % 12 for score in scores}
    assert len(line_ups) > 4
    assert len(roots) > 4


def test_a_seed_tells_the_whole_score() -> None:
    first, again, other = (
        compose(STYLES["jazz"], np.random.default_rng(seed), 5.0) for seed in (7, 7, 8)
    )

    def notes(score: pretty_midi.PrettyMIDI) -> list[str]:
        return [str(note) for player in score.instruments for note in player.notes]

    assert notes(first) == notes(again)
    assert notes(first) != notes(other)


def test_only_classical_has_no_drums() -> None:
    for genre, style in STYLES.items():
        score = compose(style, np.random.default_rng(0), 5.0)
        assert bool(score.instruments[0].notes) == (genre != "classical")
