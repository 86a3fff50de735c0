"""What all pictures share: colours, the axes of a spectrogram, and how a picture is saved."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import numpy.typing as npt
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.colorbar import Colorbar
from matplotlib.figure import Figure
from matplotlib.image import AxesImage

from detune.audio.constants import HOP, MEL_BANDS, SAMPLE_RATE
from detune.figures.fonts import USUAL, fitting_fonts
from detune.support.compiled import COMPILING
from detune.support.files import replacing

with COMPILING:
    from librosa.core.convert import hz_to_mel

Array = npt.NDArray[Any]

DPI = 160
# Below 256 Hz an octave spans five mel bands or fewer, too little for a tick label of its own.
FREQUENCIES = (256, 512, 1024, 2048, 4096, 8192)

# Up to this number a frame is wider than a pixel, and can be drawn sharply.
FEW_FRAMES = 260

SPECTROGRAM = "magma"
GREY = "gray"
HEAT = "viridis"
DIVERGING = "RdBu_r"
INK = "#222222"
FAINT = "#8c8c8c"

RULES = {
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.7,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": 10.0,
    "figure.titlesize": 11.0,
    "font.family": USUAL,
    "font.size": 9.0,
    "image.aspect": "auto",
    "image.origin": "lower",
    "legend.edgecolor": "none",
    "legend.framealpha": 0.9,
    "text.color": INK,
    # Genres are named by folders, in which a dollar sign is no formula.
    "text.parse_math": False,
    "xtick.color": INK,
    "ytick.color": INK,
}


@dataclass(frozen=True)
class GenreStyle:
    """How a genre is shown wherever it occurs: a colour as ``#rrggbb`` and a filled marker."""

    color: str
    marker: str


# Lightness runs from 20 to 84 (CIELAB) in ten even steps, so that the genres differ in grey.
# Within that, the hues keep all pairs at least 22 apart for normal vision and for the three kinds
# of colour blindness (weighted CIELAB distance, colour blindness after Machado 2009).
GENRES = {
    "blues": GenreStyle("#112fac", "o"),
    "classical": GenreStyle("#0ed4cd", "s"),
    "country": GenreStyle("#906e27", "^"),
    "disco": GenreStyle("#e4d189", "D"),
    "hiphop": GenreStyle("#cf8903", "v"),
    "jazz": GenreStyle("#872487", "P"),
    "metal": GenreStyle("#342d42", "X"),
    "pop": GenreStyle("#e783ff", "<"),
    "reggae": GenreStyle("#539081", ">"),
    "rock": GenreStyle("#ae354b", "*"),
}
# For all other genres: the same rule, other hues. The two lengths have no common factor, so that
# the pairs of colour and marker repeat after 110 genres only.
FALLBACK_COLORS = (
    *("#165129", "#4b99e1", "#a038a1", "#d59871", "#3a354b"),
    *("#8cc836", "#685303", "#e3bec9", "#9964ff", "#697962"),
)
FALLBACK_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">", "*", "h")


def genre_style(genre: str, index: int) -> GenreStyle:
    """The style of a genre: fixed for GTZAN's ten, for any other chosen by its `index`."""
    color = FALLBACK_COLORS[index % len(FALLBACK_COLORS)]
    marker = FALLBACK_MARKERS[index % len(FALLBACK_MARKERS)]
    return GENRES.get(genre, GenreStyle(color, marker))


def genre_styles(genres: Sequence[str]) -> dict[str, GenreStyle]:
    """The styles of a list of genres, each different from the others."""
    return {genre: genre_style(genre, index) for index, genre in enumerate(genres)}


def halo(width: float = 2.0) -> list[patheffects.AbstractPathEffect]:
    """A white rim around text, for text on top of marks."""
    return [patheffects.withStroke(linewidth=width, foreground="white")]


def mel_rows(
    frequencies: npt.ArrayLike, bands: int = MEL_BANDS, sample_rate: int = SAMPLE_RATE
) -> npt.NDArray[np.float64]:
    """Where frequencies lie on the rows of a mel spectrogram.

    Band `i` is centred on the mel scale at `i + 1` of `bands + 1` even steps from 0 Hz to half the
    sample rate.

    Args:
        frequencies: in Hz.
        bands: rows of the spectrogram.
        sample_rate: of the audio, in Hz.

    Returns:
        Fractional rows; a whole number is the centre of a band, and 0 Hz lies at -1.
    """
    mels = np.asarray(hz_to_mel(np.asarray(frequencies, dtype=np.float64)))
    return mels / float(hz_to_mel(sample_rate / 2)) * (bands + 1) - 1.0


def draw_spectrogram(
    ax: Axes,
    segment: Array,
    *,
    limits: tuple[float, float] = (0.0, 1.0),
    cmap: str = SPECTROGRAM,
    sample_rate: int = SAMPLE_RATE,
    hop: int = HOP,
) -> AxesImage:
    """Draw values over mel bands and frames, low frequencies at the bottom.

    Args:
        ax: where to draw; its x axis becomes seconds, its y axis mel rows with ticks in Hz.
        segment: (bands, frames); a spectrogram, or anything else on its grid.
        limits: values at the two ends of the colour map.
        cmap: name of the colour map.
        sample_rate: of the audio, in Hz.
        hop: samples from one frame to the next.

    Returns:
        The image, for a colour bar.

    Raises:
        ValueError: `segment` has not two dimensions.
    """
    if segment.ndim != 2:
        raise ValueError(f"a spectrogram has the shape (bands, frames), not {segment.shape}")
    bands, frames = segment.shape
    # Frame 0 is centred on the first sample, row 0 on the lowest band.
    step = hop / sample_rate
    extent = (-0.5 * step, (frames - 0.5) * step, -0.5, bands - 0.5)
    low, high = limits
    image = ax.imshow(segment, cmap, aspect="auto", origin="lower", extent=extent)
    image.set_clim(low, high)
    image.set_interpolation("nearest" if frames <= FEW_FRAMES else "antialiased")
    ticks = [frequency for frequency in FREQUENCIES if frequency < sample_rate / 2]
    ax.set_yticks(mel_rows(ticks, bands, sample_rate).tolist(), [str(tick) for tick in ticks])
    ax.set(xlabel="time (s)", ylabel="frequency (Hz)")
    return image


def add_bar(
    image: AxesImage, axes: Axes | Sequence[Axes], label: str, place: Axes | None = None
) -> Colorbar:
    """Add a colour bar for an image, in space taken from `axes`, or in axes of its own, `place`.

    A bar in a `place` that is wider than high is horizontal.

    Raises:
        ValueError: the image is in no figure.
    """
    figure = image.get_figure(root=True)
    if figure is None:
        raise ValueError("the image is in no figure")
    if place is None:
        parents = axes if isinstance(axes, Axes) else list(axes)
        bar = figure.colorbar(image, ax=parents, fraction=0.05, pad=0.02)
    else:
        width, height = place.get_window_extent().size
        flat = "horizontal" if width > height else "vertical"
        bar = figure.colorbar(image, cax=place, orientation=flat)
    bar.set_label(label)
    bar.ax.spines["outline"].set_visible(False)
    return bar


@contextmanager
def house_style() -> Iterator[None]:
    """Matplotlib's own defaults and the rules of this project, whatever the user has set."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(RULES)
        yield


@contextmanager
def sheet(path: Path, width: float, height: float, *, fixed: bool = False) -> Iterator[Figure]:
    """A blank figure of `width` by `height` inches, saved at `path` when the block has succeeded.

    Axes are laid out so that labels do not overlap; `fixed` leaves that to the caller, and takes
    half the time. See `save_figure` for the file.
    """
    with house_style():
        figure = Figure(figsize=(width, height), dpi=DPI, layout=None if fixed else "constrained")
        yield figure
        save_figure(figure, path)


def save_figure(figure: Figure, path: Path) -> None:
    """Write a figure as PNG, all of it or nothing, the same bytes for the same figure.

    A picture that is already at `path` stays as it is until the new one is complete. Missing
    folders are made.

    Raises:
        OSError: the file cannot be written.
    """
    buffer = io.BytesIO()
    with house_style(), fitting_fonts(figure):
        # Without its name and version in the file, another Matplotlib may give the same bytes.
        figure.savefig(
            buffer,
            format="png",
            dpi=DPI,
            metadata={"Software": None},
            pil_kwargs={"compress_level": 4},
        )
    with replacing(path) as temporary:
        temporary.write_bytes(buffer.getvalue())
