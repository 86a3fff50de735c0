from __future__ import annotations

import io
from pathlib import Path

import librosa
import matplotlib
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from detune.figures import style

GTZAN = [
    "blues",
    "classical",
    "country",
    "disco",
    "hiphop",
    "jazz",
    "metal",
    "pop",
    "reggae",
    "rock",
]


def lightness(color: str) -> float:
    """CIELAB L* of an sRGB colour, 0 to 100."""
    light = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(color)]
    luminance = float(np.dot(light, (0.2126, 0.7152, 0.0722)))
    return 116 * luminance ** (1 / 3) - 16


def test_the_ten_genres_have_distinct_colours_markers_and_greys() -> None:
    styles = style.genre_styles(GTZAN)
    assert len({own.color for own in styles.values()}) == 10
    assert len({own.marker for own in styles.values()}) == 10
    greys = sorted(lightness(own.color) for own in styles.values())
    assert np.diff(greys).min() > 6.0


def test_a_genre_keeps_its_style_in_any_company() -> None:
    alone = style.genre_styles(["rock"])["rock"]
    assert style.genre_styles(["folk", "pop", "rock"])["rock"] == alone
    assert style.genre_style("rock", 7) == alone


def test_other_genres_are_told_apart_by_index() -> None:
    styles = style.genre_styles([*GTZAN, *(f"genre{place}" for place in range(100))])
    assert len(set(styles.values())) == 110
    first = style.genre_styles([f"genre{place}" for place in range(10)])
    assert len({own.color for own in first.values()}) == 10


def test_rows_are_the_centres_of_the_mel_bands() -> None:
    centres = librosa.mel_frequencies(n_mels=130, fmin=0.0, fmax=11025.0)[1:-1]
    np.testing.assert_allclose(style.mel_rows(centres), np.arange(128), atol=1e-9)
    np.testing.assert_allclose(style.mel_rows([0.0, 11025.0]), [-1.0, 128.0], atol=1e-9)


def test_rows_hold_for_other_bands_and_rates() -> None:
    centres = librosa.mel_frequencies(n_mels=66, fmin=0.0, fmax=8000.0)[1:-1]
    np.testing.assert_allclose(style.mel_rows(centres, 64, 16000), np.arange(64), atol=1e-9)


@pytest.mark.parametrize("frequency", [512.0, 2048.0, 8192.0])
def test_a_tone_lies_at_its_tick(frequency: float) -> None:
    seconds = np.arange(22050) / 22050
    tone = np.sin(2 * np.pi * frequency * seconds[:2048]) * np.hanning(2048)
    bands = librosa.filters.mel(sr=22050, n_fft=2048) @ np.abs(np.fft.rfft(tone)) ** 2
    assert abs(bands.argmax() - style.mel_rows(frequency)) <= 0.6


def test_a_spectrogram_has_hertz_upwards_and_seconds_to_the_right() -> None:
    ax = Figure().add_subplot()
    image = style.draw_spectrogram(ax, np.zeros((128, 130)))
    assert image.origin == "lower"
    left, right, bottom, top = image.get_extent()
    assert (bottom, top) == (-0.5, 127.5)
    assert left == pytest.approx(-256 / 22050)
    assert right == pytest.approx(129.5 * 512 / 22050)
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert labels == ["256", "512", "1024", "2048", "4096", "8192"]
    rows = style.mel_rows([float(label) for label in labels])
    np.testing.assert_allclose(ax.get_yticks(), rows)
    assert (np.diff(rows) > 8).all()


def test_ticks_end_below_half_the_sample_rate() -> None:
    ax = Figure().add_subplot()
    style.draw_spectrogram(ax, np.zeros((64, 20)), sample_rate=8000)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["256", "512", "1024", "2048"]


def test_a_spectrogram_has_two_dimensions() -> None:
    with pytest.raises(ValueError, match=r"\(bands, frames\), not \(128, 130, 1\)"):
        style.draw_spectrogram(Figure().add_subplot(), np.zeros((128, 130, 1)))


def draw_line(path: Path, height: float = 1.0) -> None:
    with style.sheet(path, 8.0, 3.0) as figure:
        figure.add_subplot().plot([0.0, height])


def test_the_same_figure_gives_the_same_bytes(tmp_path: Path) -> None:
    draw_line(tmp_path / "a.png")
    with matplotlib.rc_context({"lines.linewidth": 9.0, "savefig.bbox": "tight", "font.size": 20}):
        draw_line(tmp_path / "b.png")
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_the_user_keeps_their_settings(tmp_path: Path) -> None:
    with matplotlib.rc_context({"font.size": 20.0}):
        before = dict(matplotlib.rcParams)
        draw_line(tmp_path / "a.png")
        assert dict(matplotlib.rcParams) == before


def test_missing_folders_are_made(tmp_path: Path) -> None:
    draw_line(tmp_path / "new" / "folder" / "a.png")
    assert [path.name for path in (tmp_path / "new" / "folder").iterdir()] == ["a.png"]


@pytest.mark.parametrize("broken", ["savefig", "write_bytes", "replace"])
def test_a_failing_write_leaves_the_earlier_picture(
    broken: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.png"
    draw_line(path)
    earlier = path.read_bytes()

    def fail(self: object, *_: object, **__: object) -> None:
        if broken == "write_bytes" and isinstance(self, Path):
            with self.open("wb") as file:
                file.write(b"half a pict")
        raise OSError("disk full")

    monkeypatch.setattr(Figure if broken == "savefig" else Path, broken, fail)
    with pytest.raises(OSError, match="disk full"):
        draw_line(path, 2.0)
    monkeypatch.undo()
    assert path.read_bytes() == earlier
    assert list(tmp_path.iterdir()) == [path]


def test_a_failing_drawing_writes_nothing(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), style.sheet(tmp_path / "a.png", 8.0, 3.0):
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


def test_dollar_signs_are_plain_text() -> None:
    with style.house_style():
        figure = Figure(figsize=(2, 1))
        figure.add_subplot().set_title("a$ap \\frac$ b$")
        figure.savefig(io.BytesIO())
