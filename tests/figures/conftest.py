from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from matplotlib.figure import Figure
from PIL import Image

from detune.figures import style

Draw = Callable[[Path], None]


@pytest.fixture
def check_picture(tmp_path: Path) -> Callable[[Draw], None]:
    """Draws twice: a readable PNG of at least 1200 px, the same bytes, and no other file."""

    def check(draw: Draw) -> None:
        first, second = tmp_path / "first.png", tmp_path / "second.png"
        draw(first)
        draw(second)
        with Image.open(first) as picture:
            picture.load()
            assert picture.format == "PNG"
            assert picture.width >= 1200
            assert set(picture.info) <= {"dpi"}
        assert first.read_bytes() == second.read_bytes()
        assert sorted(tmp_path.iterdir()) == [first, second]

    return check


@pytest.fixture
def drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Draw], Figure]:
    """Draws `picture.png` with few pixels, and returns the figure behind it."""
    # Everything but the pixels is in inches.
    monkeypatch.setattr(style, "DPI", 60)
    return lambda draw: figure_behind(draw, tmp_path, monkeypatch, style.save_figure)


@pytest.fixture
def sketched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Draw], Figure]:
    """Returns the figure behind a picture, its axes not yet laid out, and writes nothing."""
    return lambda draw: figure_behind(draw, tmp_path, monkeypatch, lambda figure, path: None)


def figure_behind(
    draw: Draw,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    save: Callable[[Figure, Path], None],
) -> Figure:
    """The one figure that `draw` hands to be saved; `save` takes the place of saving it."""
    figures: list[Figure] = []

    def keep(figure: Figure, path: Path) -> None:
        save(figure, path)
        figures.append(figure)

    with monkeypatch.context() as patch:
        patch.setattr(style, "save_figure", keep)
        draw(folder / "picture.png")
    (figure,) = figures
    return figure
