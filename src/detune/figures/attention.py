"""What the network was listening to: Grad-CAM heatmaps beside and over the segments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage

from detune.figures.style import (
    DIVERGING,
    GREY,
    HEAT,
    INK,
    Array,
    add_bar,
    draw_spectrogram,
    sheet,
)
from detune.gradcam.upsampling import upsample

NOTHING = "no attention (all zero)"
# The strongest heat still lets the spectrogram shine through.
OPACITY = 0.7
CONTOUR = 0.5
# Points; wide enough to tell a genre's colour.
EDGE = 3.0
TOLERANCE = 1e-6
# Room for the headline, the bars below and the last column's bars.
PAIR_GRID = {
    "left": 0.075,
    "right": 0.925,
    "bottom": 0.22,
    "top": 0.86,
    "wspace": 0.09,
    "hspace": 0.2,
}


@dataclass(frozen=True, eq=False)
class Panel:
    """A segment, what the network made of it, and where it listened.

    Attributes:
        segment: (128, 130) mel spectrogram in [0, 1].
        heatmap: (rows, columns) in [0, 1], on the segment's grid or on a coarser one that spans
            the same bands and frames. All zero says that nothing spoke for the genre explained.
        true_genre: the track's genre.
        predicted_genre: the network's choice.
        confidence: its probability, 0 to 1.
        caption: which segment this is, for example ``rock.00012, segment 3``; may be empty.
        colors: of the true and of the predicted genre, on the left and right edge of an overlay.

    Raises:
        ValueError: an array has not two dimensions, or the heatmap is empty, not finite or not
            within [0, 1].
    """

    segment: Array
    heatmap: Array
    true_genre: str
    predicted_genre: str
    confidence: float
    caption: str = ""
    colors: tuple[str, str] = (INK, INK)

    def __post_init__(self) -> None:
        for name, values in (("segment", self.segment), ("heatmap", self.heatmap)):
            if values.ndim != 2 or not values.size:
                raise ValueError(f"the {name} has the shape {values.shape}, not (rows, columns)")
        low, high = float(self.heatmap.min()), float(self.heatmap.max())
        # A nan fails the comparison.
        if not (low >= -TOLERANCE and high <= 1 + TOLERANCE):
            raise ValueError(f"the heatmap spans {low:g} to {high:g}; allowed is 0 to 1")

    @property
    def verdict(self) -> str:
        """The prediction, its confidence, and whether it is right."""
        mark = "✓" if self.predicted_genre == self.true_genre else "✗"
        return f"{self.predicted_genre} {self.confidence:.0%} {mark}"

    @property
    def heat(self) -> npt.NDArray[np.float64]:
        """The heatmap on the segment's grid."""
        return upsample(self.heatmap, (self.segment.shape[0], self.segment.shape[1]))


def draw_attention(panel: Panel, path: Path) -> None:
    """Draw a segment, its heatmap and the two overlaid, side by side.

    Raises:
        OSError: the file cannot be written.
    """
    with sheet(path, 10.0, 3.4, fixed=True) as figure:
        # Room for the bars: on the right of the segment, and of the overlay.
        axes = [figure.add_axes((left, 0.14, 0.25, 0.64)) for left in (0.065, 0.4, 0.67)]
        level, heat = _draw_row(axes, panel)
        _name_columns(axes)
        add_bar(level, axes[0], "relative level", _beside(axes[0]))
        add_bar(heat, axes[2], "attention", _beside(axes[2]))
        figure.suptitle(
            _headline(f"true genre {panel.true_genre}, predicted {panel.verdict}", panel)
        )


def draw_attention_pair(
    clean: Panel,
    adversarial: Panel,
    perturbation: Array,
    path: Path,
    *,
    epsilon: float,
    db_range: float,
) -> None:
    """Draw a segment before and after an attack, with heatmaps, and what the attack has changed.

    Args:
        clean: the segment as it is.
        adversarial: the same segment attacked.
        perturbation: (128, 130), adversarial minus clean segment, in units of the spectrogram.
        path: the PNG file.
        epsilon: bound of the perturbation, in the same units, 0 or more.
        db_range: decibels that one unit of the spectrogram spans.

    Raises:
        ValueError: the perturbation has not the segment's shape.
        OSError: the file cannot be written.
    """
    if not perturbation.shape == clean.segment.shape == adversarial.segment.shape:
        raise ValueError(
            f"perturbation {perturbation.shape}, clean segment {clean.segment.shape} and "
            f"adversarial segment {adversarial.segment.shape} differ in shape"
        )
    with sheet(path, 12.0, 5.6, fixed=True) as figure:
        axes = figure.subplots(2, 4, gridspec_kw=PAIR_GRID)
        for name, row, panel in zip(
            ("clean", "adversarial"), axes, (clean, adversarial), strict=True
        ):
            level, heat = _draw_row(row[:3], panel)
            row[0].set_ylabel(f"{name}: {panel.verdict}\nfrequency (Hz)", linespacing=1.5)
        _name_columns(axes[0])
        add_bar(level, axes[1, 0], "relative level", _below(axes[1, 0], axes[1, 0]))
        add_bar(heat, axes[1, 1], "attention", _below(axes[1, 1], axes[1, 2]))
        _draw_changes(axes[:, 3], clean, adversarial, perturbation * db_range, epsilon * db_range)
        for ax in axes.flat:
            ax.label_outer()
        bound = f"attacked with ε = {epsilon:g} ({epsilon * db_range:.3g} dB)"
        figure.suptitle(_headline(f"true genre {clean.true_genre}, {bound}", clean))


def _draw_changes(
    axes: npt.NDArray[np.object_],
    clean: Panel,
    adversarial: Panel,
    decibels: Array,
    bound: float,
) -> None:
    """Adversarial minus clean: the level above, the attention below."""
    # A segment that fell at a fraction of epsilon would look untouched on epsilon's own scale.
    reach = float(np.abs(decibels).max()) or bound or 1.0
    for ax, name, change, limit, unit in (
        (axes[0], "perturbation", decibels, reach, "decibels"),
        (axes[1], "change of heatmap", adversarial.heat - clean.heat, 1.0, "attention"),
    ):
        image = draw_spectrogram(ax, change, limits=(-limit, limit), cmap=DIVERGING)
        ax.set_title(name)
        add_bar(image, ax, unit, _beside(ax))


def draw_overview(panels: Sequence[Panel], path: Path, columns: int = 5) -> None:
    """Draw a contact sheet of overlays.

    Args:
        panels: what to show, row by row.
        path: the PNG file.
        columns: pictures in a row, 1 or more.

    Raises:
        ValueError: there are no panels, or less than one column.
        OSError: the file cannot be written.
    """
    if not panels or columns < 1:
        raise ValueError(f"{len(panels)} panels in {columns} columns make no overview")
    columns = min(columns, len(panels))
    rows = -(-len(panels) // columns)
    width, height = max(8.0, 1.2 + 2.2 * columns), 0.6 + 2.1 * rows
    with sheet(path, width, height, fixed=True) as figure:
        grid = figure.add_gridspec(
            rows,
            columns,
            left=0.65 / width,
            right=1 - 0.75 / width,
            bottom=0.45 / height,
            top=1 - 0.4 / height,
            wspace=0.1,
            hspace=0.28,
        )
        for place, panel in enumerate(panels):
            ax = figure.add_subplot(grid[place // columns, place % columns])
            heat = _draw_overlay(ax, panel)
            ax.set_title(f"{panel.true_genre} → {panel.verdict}", fontsize=9.0, pad=14.0)
            _caption(ax, panel.caption)
            _keep_outer(ax, place, len(panels), columns)
            if place == columns - 1:
                add_bar(heat, ax, "attention", _beside(ax, 0.1 / width))


def _headline(title: str, panel: Panel) -> str:
    return f"{title}\n{panel.caption}".rstrip()


def _beside(ax: Axes, width: float = 0.008) -> Axes:
    """Axes for a colour bar to the right of `ax`, as high; `width` is a share of the figure."""
    box = ax.get_position()
    return _figure(ax).add_axes((box.x1 + width, box.y0, width, box.height))


def _below(first: Axes, last: Axes) -> Axes:
    """Axes for a flat colour bar under the labels of neighbours in a row, about as wide as they."""
    left, right = first.get_position(), last.get_position()
    # Narrower by an inset, so that the end ticks of neighbouring bars stay apart.
    inset = 0.02
    width = right.x1 - left.x0 - 2 * inset
    return _figure(first).add_axes((left.x0 + inset, left.y0 - 0.125, width, 0.018))


def _figure(ax: Axes) -> Figure:
    figure = ax.get_figure(root=True)
    assert figure is not None
    return figure


def _caption(ax: Axes, text: str) -> None:
    """A faint line between the title and the axes."""
    ax.annotate(
        text,
        (0.5, 1.0),
        xytext=(0, 4),
        xycoords="axes fraction",
        textcoords="offset points",
        ha="center",
        fontsize=7.0,
    )


def _keep_outer(ax: Axes, place: int, count: int, columns: int) -> None:
    """Label the axes of the first column and of the lowest picture in each column only."""
    if place % columns:
        ax.tick_params(labelleft=False)
        ax.set_ylabel("")
    if place + columns < count:
        ax.tick_params(labelbottom=False)
        ax.set_xlabel("")


def _draw_row(axes: Sequence[Axes], panel: Panel) -> tuple[AxesImage, AxesImage]:
    """Segment, heatmap and overlay.

    Returns:
        The images of the segment and of the heatmap, for colour bars.
    """
    level = draw_spectrogram(axes[0], panel.segment)
    heat = draw_spectrogram(axes[1], panel.heat, cmap=HEAT)
    _mark_all_zero(axes[1], panel)
    _draw_overlay(axes[2], panel)
    for ax in axes[1:]:
        ax.set_ylabel("")
        ax.tick_params(labelleft=False)
    return level, heat


def _draw_overlay(ax: Axes, panel: Panel) -> AxesImage:
    """The segment in grey under the heatmap, with a contour at half the heat."""
    draw_spectrogram(ax, panel.segment, cmap=GREY)
    heat = panel.heat
    image = draw_spectrogram(ax, heat, cmap=HEAT)
    image.set_alpha(OPACITY * heat)
    if float(heat.min()) < CONTOUR < float(heat.max()):
        # The contour tells the hot spots where colours cannot, in print without colour.
        extent = image.get_extent()
        lines = ax.contour(heat, [CONTOUR], colors="white", linewidths=1.0, extent=extent)
        # White alone drowns in loud parts, which are light.
        lines.set(path_effects=[patheffects.withStroke(linewidth=2.2, foreground="black")])
    for edge, color in zip(("left", "right"), panel.colors, strict=True):
        ax.spines[edge].set(visible=True, color=color, linewidth=EDGE)
    _mark_all_zero(ax, panel)
    return image


def _mark_all_zero(ax: Axes, panel: Panel) -> None:
    """Say so where a heatmap is zero everywhere."""
    if not panel.heatmap.any():
        paper = {"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 2.0}
        text = ax.text(0.5, 0.5, NOTHING, transform=ax.transAxes, fontsize=8.0, bbox=paper)
        text.set(ha="center", va="center")


def _name_columns(axes: Sequence[Axes]) -> None:
    for ax, name in zip(axes, ("segment", "heatmap", "overlay"), strict=False):
        ax.set_title(name)
