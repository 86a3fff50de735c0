"""How accuracy falls with the signal-to-noise ratio, of attacks on sound and on spectrograms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes

from detune.figures.method_lines import method_line
from detune.figures.style import FAINT, INK, halo, sheet

ATTACK = "#6b2fa0"
NOISE = {"noise_white": ("white noise", FAINT), "noise_shaped": ("noise with its spectrum", INK)}
MASKED, AS_FILE = "masked", "16 bit"

Row = Mapping[str, Any]


def draw_listen(sounds: Sequence[Row], by_snr: Sequence[Row], path: Path, *, chance: float) -> None:
    """Draw the share of segments that remain correct over the SNR of the attacked sound.

    Args:
        sounds: rows of `plots/listen.csv`; attacks on spectrograms are drawn from them.
        by_snr: rows of `plots/waveform.csv`.
        path: the PNG file.
        chance: accuracy of a guess, one over the number of genres.

    Raises:
        OSError: the file cannot be written.
    """
    with sheet(path, 10.0, 4.8) as figure:
        ax = figure.subplots()
        _draw_waveforms(ax, by_snr)
        _draw_masked(ax, sounds, by_snr)
        for method in sorted({row["method"] for row in sounds if row["domain"] == "spectrogram"}):
            _draw_spectrograms(ax, [row for row in sounds if row["method"] == method], method)
        ax.axhline(chance, color=FAINT, linewidth=0.8, linestyle=":")
        ax.annotate(
            f"chance {chance:.0%}",
            (0.005, chance),
            xycoords=("axes fraction", "data"),
            ha="left",
            va="bottom",
            fontsize=8,
            color=FAINT,
        )
        ax.invert_xaxis()
        ax.set(
            xlabel="signal-to-noise ratio of the attacked sound (dB), louder changes to the right",
            ylabel="segments that remain correct",
            ylim=(-0.02, 1.02),
        )
        ax.yaxis.set_major_formatter(lambda share, _: f"{share:.0%}")
        ax.legend(loc="center left", bbox_to_anchor=(1.01, 0.5), fontsize=8)


def _draw_waveforms(ax: Axes, rows: Sequence[Row]) -> None:
    """Attacks on the sound itself by SNR, and noise as loud."""
    levels = sorted(
        (row for row in rows if row["level"] != MASKED), key=lambda row: float(row["level"])
    )
    snr = [float(row["level"]) for row in levels]
    low, high = ([row[f"correct_{end}"] for row in levels] for end in ("low", "high"))
    ax.fill_between(snr, low, high, color=ATTACK, alpha=0.15, linewidth=0)
    values = [row["correct"] for row in levels]
    ax.plot(snr, values, color=ATTACK, marker="o", label="attack on the sound (PGD, L2)")
    for key, (label, color) in NOISE.items():
        ax.plot(
            snr, [row[key] for row in levels], color=color, linestyle=":", marker=".", label=label
        )


def _draw_masked(ax: Axes, sounds: Sequence[Row], by_snr: Sequence[Row]) -> None:
    """The attack below the masking threshold, at the SNR that full strength has.

    Noise below the threshold has another one, so it is no point here.
    """
    at = [row["snr_db"] for row in sounds if (row["level"], row["treatment"]) == (MASKED, AS_FILE)]
    for row in by_snr:
        if row["level"] == MASKED and at:
            label = "attack below the masking threshold"
            ax.plot(at, [row["correct"]], "*", color=ATTACK, markersize=12, label=label)


def _draw_spectrograms(ax: Axes, rows: Sequence[Row], method: str) -> None:
    """One attack on spectrograms, once it is sound: a point an epsilon."""
    points = sorted(
        (row for row in rows if row["domain"] == "spectrogram" and row["treatment"] == AS_FILE),
        key=lambda row: float(row["level"]),
    )
    line = method_line(method)
    snr, values = ([row[key] for row in points] for key in ("snr_db", "correct"))
    ax.plot(
        snr,
        values,
        color=line.color,
        marker=line.marker,
        linestyle=line.style,
        markersize=4,
        label=f"{method.upper()} on the spectrogram, as sound",
    )
    for row, x, y in zip(points, snr, values, strict=True):
        ax.annotate(
            f"ε {row['level']}",
            (x, y),
            (3, 4),
            textcoords="offset points",
            fontsize=7,
            color=line.color,
            path_effects=halo(),
        )
