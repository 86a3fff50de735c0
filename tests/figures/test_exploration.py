from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from matplotlib.colors import to_hex

from detune.audio.constants import SAMPLE_RATE
from detune.explore.exploration import Measured, Outlier
from detune.figures import exploration
from detune.figures.exploration import (
    draw_counts,
    draw_exploration,
    draw_genre_example,
)
from detune.figures.style import GENRES

pytestmark = pytest.mark.filterwarnings("error")
RNG = np.random.default_rng(0)
COUNTS = {"blues": 3, "jazz": 0, "a$b$": 2}
DURATIONS = {"blues": [30.0, 30.0, 12.0], "a$b$": [29.0, 31.0]}
LEVELS = {"blues": [-20.0, -18.0, -25.0], "jazz": [], "a$b$": [-9.0, -11.0]}


def test_counts_are_a_picture(check_picture) -> None:
    check_picture(lambda path: draw_counts(COUNTS, DURATIONS, LEVELS, path))


def test_counts_are_bars_in_the_genres_colours(sketched) -> None:
    tracks, seconds, loudness = sketched(
        lambda path: draw_counts(COUNTS, DURATIONS, LEVELS, path)
    ).axes
    assert [bar.get_width() for bar in tracks.patches] == [3, 0, 2]
    assert to_hex(tracks.patches[0].get_facecolor()) == GENRES["blues"].color
    assert [label.get_text() for label in tracks.get_yticklabels()] == list(COUNTS)
    for ax, values in ((seconds, DURATIONS), (loudness, LEVELS)):
        np.testing.assert_allclose(ax.collections[0].get_offsets()[:, 0], values["blues"])
        assert len(ax.collections) == 2


def test_counts_without_tracks(drawn) -> None:
    drawn(lambda path: draw_counts({"blues": 0}, {}, {}, path))


AUDIO = np.sin(np.arange(22050 * 2) / 20).astype(np.float32)
DECIBELS = RNG.uniform(-100, 0, (128, 87))


def test_an_example_is_a_picture(check_picture) -> None:
    check_picture(
        lambda path: draw_genre_example("rock", "r.1", AUDIO, DECIBELS, path, sample_rate=22050)
    )


def test_an_example_shares_its_seconds(drawn) -> None:
    figure = drawn(
        lambda path: draw_genre_example("rock", "r.1", AUDIO, DECIBELS, path, sample_rate=22050)
    )
    above, below = figure.axes[:2]
    assert above.get_xlim() == below.get_xlim() == (0.0, 2.0)
    assert above.get_position().x0 == pytest.approx(below.get_position().x0)
    assert above.get_position().x1 == pytest.approx(below.get_position().x1)
    assert above.get_position().y0 > below.get_position().y1
    low, high = below.images[0].get_clim()
    assert (low, high) == (DECIBELS.max() - 80, DECIBELS.max())


@pytest.mark.parametrize("samples", [1, 700])
def test_an_example_of_silence(samples: int, drawn) -> None:
    drawn(
        lambda path: draw_genre_example(
            "x", "y", np.zeros(samples), np.full((128, 2), -80.0), path, sample_rate=22050
        )
    )


def test_an_example_needs_samples(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="r has 0 samples"):
        draw_genre_example("rock", "r", AUDIO[:0], DECIBELS, tmp_path / "a.png", sample_rate=22050)


def a_track(name: str, genre: str) -> Measured:
    return Measured(name, genre, {}, 30.0, -12.0, 10_000.0)


@pytest.mark.parametrize(("example", "expected"), [(0, ["b.0", "r.0"]), (1, ["b.1", "r.0"])])
def test_pictures_are_drawn_of_the_example_or_the_last_track_there_is(
    example: int, expected: list[str], tone: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tracks = [a_track("r.0", "rock"), a_track("b.1", "blues"), a_track("b.0", "blues")]
    for track in tracks:
        (tmp_path / track.genre).mkdir(exist_ok=True)
        path = tmp_path / track.genre / f"{track.track}.flac"
        soundfile.write(path, tone(1.0), SAMPLE_RATE)
    far = Outlier("b.1", "blues", "level", -12.0, 9.9)
    drawn: dict[str, tuple[Any, ...]] = {}
    for name in ("draw_counts", "draw_genre_example", "draw_outliers"):

        def draw(*arguments: Any, **_: Any) -> None:
            path = next(argument for argument in arguments if isinstance(argument, Path))
            drawn[path.name] = arguments

        monkeypatch.setattr(exploration, name, draw)
    count = draw_exploration(tracks, [far], tmp_path, tmp_path / "plots", example)
    assert count == len(drawn) == 4
    assert set(drawn) == {"counts.png", "blues.png", "rock.png", "outliers.png"}
    assert drawn["counts.png"][0] == {"blues": 2, "rock": 1}
    assert [drawn[f"{genre}.png"][1] for genre in ("blues", "rock")] == expected
    assert drawn["outliers.png"][0] == {
        "blues": [(10_000.0, -12.0)] * 2,
        "rock": [(10_000.0, -12.0)],
    }
    assert drawn["outliers.png"][1] == {"b.1": (10_000.0, -12.0)}
