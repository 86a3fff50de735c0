from __future__ import annotations

from detune.figures.transfer import draw_transfer

ROWS = [
    {"attacked": a, "asked": b, "turned": share, "turned_low": 0.1, "turned_high": 0.9}
    for a, b, share in (("x", "x", 0.9), ("x", "y", 0.2), ("y", "x", 0.4), ("y", "y", 0.8))
]


def test_it_is_a_picture(check_picture) -> None:
    check_picture(lambda path: draw_transfer(ROWS, path))


def test_a_row_is_the_network_that_was_attacked(sketched) -> None:
    ax = sketched(lambda path: draw_transfer(ROWS, path)).axes[0]
    assert ax.images[0].get_array().tolist() == [[0.9, 0.2], [0.4, 0.8]]
    assert ax.get_ylabel() == "network that was attacked"
    assert "20%" in next(text.get_text() for text in ax.texts if text.xy == (1, 0))
