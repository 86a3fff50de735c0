from __future__ import annotations

from typing import Any

from detune.figures.corruptions import draw_corruptions


def row(kind: str, severity: str, accuracy: float) -> dict[str, Any]:
    return {
        "kind": kind,
        "severity": severity,
        "unit": "dB",
        "segment_accuracy": accuracy,
        "segment_accuracy_low": accuracy - 0.1,
        "segment_accuracy_high": accuracy + 0.05,
    }


ROWS = [row("white_noise", name, value) for name, value in (("40", 0.9), ("0", 0.2))]
ROWS += [row(f"kind_{number}", "300-3400", 0.5) for number in range(4)]


def test_it_is_a_picture(check_picture) -> None:
    check_picture(lambda path: draw_corruptions(ROWS, path, clean=0.9))


def test_each_kind_has_a_panel_with_its_severities_in_order(sketched) -> None:
    axes = sketched(lambda path: draw_corruptions(ROWS, path, clean=0.9)).axes
    drawn = [ax for ax in axes if ax.get_title()]
    assert [ax.get_title() for ax in drawn] == ["white noise", *(f"kind {n}" for n in range(4))]
    first = drawn[0]
    assert [text.get_text() for text in first.get_xticklabels()] == ["40", "0"]
    clean, values = first.lines[0], first.lines[1]
    assert set(clean.get_ydata()) == {0.9}
    assert list(values.get_ydata()) == [0.9, 0.2]
    assert first.get_xlabel() == "dB"
