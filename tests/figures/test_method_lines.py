from __future__ import annotations

from detune.figures.method_lines import method_line
from detune.params.method_options import METHODS


def test_methods_are_told_apart_without_colour_too() -> None:
    lines = [method_line(method) for method in METHODS]
    assert len({line.color for line in lines}) == len(METHODS)
    assert len({line.marker for line in lines}) == len(METHODS)


def test_a_method_that_is_new_is_drawn_all_the_same() -> None:
    assert method_line("new") not in [method_line(m) for m in METHODS if m != "square"]
