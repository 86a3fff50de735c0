from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from matplotlib.colors import to_hex
from PIL import Image

from detune.figures.attention import (
    CONTOUR,
    NOTHING,
    Panel,
    draw_attention,
    draw_attention_pair,
    draw_overview,
)
from detune.figures.style import FREQUENCIES, mel_rows
from detune.gradcam.upsampling import upsample

RNG = np.random.default_rng(0)
SEGMENT = RNG.random((128, 130))


def panel(heatmap: np.ndarray | None = None, predicted: str = "rock") -> Panel:
    if heatmap is None:
        heatmap = np.zeros((16, 16), np.float32)
        heatmap[2, 12] = 1.0
    return Panel(SEGMENT, heatmap, "rock", predicted, 0.875, "rock.00012, segment 3")


def test_attention_is_a_picture(check_picture) -> None:
    check_picture(lambda path: draw_attention(panel(), path))


def test_the_pair_is_a_picture(check_picture) -> None:
    check_picture(
        lambda path: draw_attention_pair(
            panel(), panel(), np.full((128, 130), 0.1), path, epsilon=0.1, db_range=80.0
        )
    )


@pytest.mark.parametrize("count", [1, 2])
def test_the_overview_is_a_picture(count: int, check_picture) -> None:
    check_picture(lambda path: draw_overview([panel()] * count, path, columns=3))


def test_a_hot_spot_appears_at_its_frequency_and_time(sketched) -> None:
    heatmap = np.zeros((128, 130))
    row = round(float(mel_rows(4096.0)))
    heatmap[row, 43] = 1.0
    figure = sketched(lambda path: draw_attention(panel(heatmap), path))
    ax = figure.axes[1]
    image = ax.images[0]
    left, right, bottom, top = image.get_extent()
    assert image.origin == "lower"
    assert bottom < top
    found, frame = np.unravel_index(np.argmax(image.get_array()), (128, 130))
    height = bottom + (found + 0.5) * (top - bottom) / 128
    seconds = left + (frame + 0.5) * (right - left) / 130
    tick = ax.get_yticks()[FREQUENCIES.index(4096)]
    assert height == pytest.approx(tick, abs=0.5)
    assert seconds == pytest.approx(43 * 512 / 22050)


def test_a_low_hot_spot_is_drawn_at_the_bottom(drawn, tmp_path: Path) -> None:
    heatmap = np.zeros((16, 16))
    heatmap[1, 8] = 1.0
    figure = drawn(lambda path: draw_attention(panel(heatmap), path))
    ax = figure.axes[1]
    pixels = np.asarray(Image.open(tmp_path / "picture.png").convert("RGB"))
    x, y = ax.transData.transform((8.5 / 16 * 3.0, 1.5 / 16 * 128))
    spot = pixels[pixels.shape[0] - round(y), round(x)]
    x, y = ax.transData.transform((8.5 / 16 * 3.0, 14.5 / 16 * 128))
    cold = pixels[pixels.shape[0] - round(y), round(x)]
    # The hot end of the colour map is yellow, the cold one a dark violet.
    assert spot[1] > 180
    assert cold[1] < 60


def test_the_overlay_is_opaque_where_it_is_hot_and_has_a_contour(sketched) -> None:
    ax = sketched(lambda path: draw_attention(panel(), path)).axes[2]
    below, above = ax.images
    np.testing.assert_array_equal(below.get_array(), SEGMENT)
    heat = upsample(panel().heatmap, (128, 130))
    np.testing.assert_allclose(above.get_alpha(), 0.7 * heat)
    (contour,) = ax.collections
    assert list(contour.levels) == [CONTOUR]
    middle = contour.get_paths()[0].vertices.mean(axis=0)
    np.testing.assert_allclose(middle, [12.5 / 16 * 3.0, 2.5 / 16 * 128], atol=2.0)


def test_the_edges_of_an_overlay_have_the_colours_of_its_genres(sketched) -> None:
    shown = Panel(SEGMENT, panel().heatmap, "rock", "pop", 0.5, colors=("#112fac", "#e783ff"))
    ax = sketched(lambda path: draw_attention(shown, path)).axes[2]
    edges = [to_hex(ax.spines[edge].get_edgecolor()) for edge in ("left", "right")]
    assert edges == ["#112fac", "#e783ff"]


def test_a_small_perturbation_is_drawn_on_its_own_scale(sketched) -> None:
    change = np.full((128, 130), 0.01)
    figure = sketched(
        lambda path: draw_attention_pair(panel(), panel(), change, path, epsilon=0.1, db_range=80.0)
    )
    assert figure.axes[3].images[0].get_clim() == pytest.approx((-0.8, 0.8))


def test_titles_name_genres_and_confidence(sketched) -> None:
    right = sketched(lambda path: draw_attention(panel(), path))
    assert right.get_suptitle().startswith("true genre rock, predicted rock 88% ✓\nrock.00012")
    wrong = sketched(lambda path: draw_overview([panel(predicted="metal")], path))
    assert wrong.axes[0].get_title() == "rock → metal 88% ✗"


@pytest.mark.parametrize("shape", [(16, 16), (128, 130)])
def test_an_all_zero_heatmap_is_told_and_never_rescaled(shape: tuple[int, int], sketched) -> None:
    axes = sketched(lambda path: draw_attention(panel(np.zeros(shape)), path)).axes
    for ax in axes[1:3]:
        image = ax.images[-1]
        assert not image.get_array().any()
        assert image.get_clim() == (0.0, 1.0)
        assert [text.get_text() for text in ax.texts] == [NOTHING]
        assert len(ax.collections) == 0
    assert not axes[2].images[1].get_alpha().any()


def test_a_heatmap_with_heat_tells_nothing(sketched) -> None:
    axes = sketched(lambda path: draw_attention(panel(np.full((16, 16), 1e-3)), path)).axes
    assert not axes[1].texts
    assert axes[1].images[0].get_clim() == (0.0, 1.0)


def test_the_pair_shares_its_scales_and_tells_changes_in_decibels(sketched) -> None:
    perturbation = RNG.choice([-0.05, 0.05], (128, 130))
    figure = sketched(
        lambda path: draw_attention_pair(
            panel(),
            panel(np.zeros((16, 16)), "metal"),
            perturbation,
            path,
            epsilon=0.05,
            db_range=60.0,
        )
    )
    axes = np.array(figure.axes[:8]).reshape(2, 4)
    for upper, lower in axes.T[:3]:
        assert upper.images[-1].get_clim() == lower.images[-1].get_clim() == (0.0, 1.0)
    changes, moved = (ax.images[0] for ax in axes[:, 3])
    np.testing.assert_allclose(changes.get_array(), 60 * perturbation)
    assert changes.get_clim() == (-3.0, 3.0)
    np.testing.assert_allclose(moved.get_array(), -panel().heat)
    assert moved.get_clim() == (-1.0, 1.0)
    assert "clean: rock 88% ✓" in axes[0, 0].get_ylabel()
    assert "adversarial: metal 88% ✗" in axes[1, 0].get_ylabel()
    assert "ε = 0.05 (3 dB)" in figure.get_suptitle()


def test_no_perturbation_at_all(drawn) -> None:
    drawn(
        lambda path: draw_attention_pair(
            panel(), panel(), np.zeros((128, 130)), path, epsilon=0.0, db_range=80.0
        )
    )


def test_texts_stay_on_the_paper(drawn) -> None:
    long = Panel(SEGMENT, panel().heatmap, "classical", "classical", 1.0, "classical.00012")
    figure = drawn(
        lambda path: draw_attention_pair(
            long, long, np.zeros((128, 130)), path, epsilon=0.1, db_range=80.0
        )
    )
    width, height = figure.canvas.get_width_height()
    for ax in figure.axes:
        box = ax.get_tightbbox()
        assert 0 <= box.x0 < box.x1 <= width
        assert 0 <= box.y0 < box.y1 <= height


def test_the_overview_fills_row_by_row(sketched) -> None:
    panels = [panel(predicted=genre) for genre in ("pop", "jazz", "metal")]
    axes = sketched(lambda path: draw_overview(panels, path, columns=2)).axes
    pictures = [ax for ax in axes if ax.get_title()]
    assert [ax.get_title().split()[2] for ax in pictures] == ["pop", "jazz", "metal"]
    first, second, third = (ax.get_position() for ax in pictures)
    assert first.y0 == second.y0 > third.y1
    assert first.x0 == third.x0 < second.x0


@pytest.mark.parametrize(
    ("heatmap", "message"),
    [
        (np.full((2, 2), np.nan), "spans nan"),
        (np.full((2, 2), 1.1), "spans 1.1 to 1.1"),
        (np.full((2, 2), -0.1), "spans -0.1"),
        (np.zeros((2, 2, 1)), r"shape \(2, 2, 1\)"),
        (np.zeros((0, 2)), r"shape \(0, 2\)"),
    ],
)
def test_a_panel_checks_its_heatmap(heatmap: np.ndarray, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        panel(heatmap)


def test_shapes_of_a_pair_agree(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="differ in shape"):
        draw_attention_pair(
            panel(), panel(), np.zeros((2, 2)), tmp_path / "a.png", epsilon=0.1, db_range=80.0
        )


def test_an_overview_needs_panels(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="0 panels"):
        draw_overview([], tmp_path / "a.png")
