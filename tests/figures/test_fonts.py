from __future__ import annotations

import warnings
from pathlib import Path

import pytest
from matplotlib.figure import Figure
from matplotlib.font_manager import FontEntry, findfont, fontManager, get_font

from detune.figures import fonts, style

USUAL = set(get_font(findfont(fonts.USUAL)).get_charmap())


@pytest.fixture(autouse=True)
def _forgetful(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "_told", set())
    fonts._fonts_for.cache_clear()


def drawn(title: str, folder: Path) -> Figure:
    figure = Figure(figsize=(2, 1))
    figure.add_subplot().set_title(title)
    style.save_figure(figure, folder / "a.png")
    return figure


def families(figure: Figure) -> list[str]:
    return list(figure.axes[0].title.get_fontfamily())


def test_letters_come_from_an_installed_font_that_has_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Mathematical letters, which a font that Matplotlib brings along has, and the usual lacks."""
    path = findfont("STIXGeneral")
    other = next(chr(code) for code in sorted(get_font(path).get_charmap()) if code not in USUAL)
    chosen = families(drawn(f"pop {other}", tmp_path))
    assert chosen[0] == fonts.USUAL
    assert any(ord(other) in get_font(findfont(name)).get_charmap() for name in chosen[1:])
    assert capsys.readouterr().err == ""
    assert len(families(drawn("pop", tmp_path))) == 1


def test_a_script_that_no_font_has_is_told_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    resort = FontEntry(fname=findfont("STIXGeneral"), name=".LastResort")
    usual = FontEntry(fname=findfont(fonts.USUAL), name=fonts.USUAL)
    broken = FontEntry(fname=str(tmp_path / "broken.ttf"), name="Broken")
    monkeypatch.setattr(fontManager, "ttflist", [usual, resort, broken])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for title in ("クラシック", "クラブ", "हिन्दी"):
            drawn(title, tmp_path)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("pictures: no installed font has Katakana letters (クシッラ)")
    assert "Devanagari" in lines[1]
