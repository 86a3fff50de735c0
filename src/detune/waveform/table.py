"""The table of the waveform attacks by signal-to-noise ratio, and whether to believe it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from detune.robustness import checks
from detune.robustness.checks import Check
from detune.sound.noise import KINDS
from detune.statistics.bootstrap import Bootstrap
from detune.waveform.cell import MASKED

COLUMNS = (
    *("level", "segments", "songs", "snr_db_median", "snr_db_lowest"),
    *("correct", "correct_low", "correct_high"),
    *(f"noise_{kind}{end}" for kind in (*KINDS, MASKED) for end in ("", "_low", "_high")),
)

Cells = Mapping[str, Mapping[str, np.ndarray]]
"""The arrays of each cell's file, by its SNR in dB or `masked`."""

Row = dict[str, Any]


def tabulate(cells: Cells, bootstrap: Bootstrap) -> list[Row]:
    """Rows of `plots/waveform.csv`: the share of segments that remain correct, one row a cell."""
    return [_row(level, arrays, bootstrap.at(arrays["row"])) for level, arrays in cells.items()]


def _row(level: str, arrays: Mapping[str, np.ndarray], sample: Bootstrap) -> Row:
    """One cell's row; noise that it does not have is left empty."""
    row: Row = dict.fromkeys(COLUMNS, "") | {
        "level": level,
        "segments": len(arrays["row"]),
        "songs": len(set(sample.songs)),
        "snr_db_median": float(np.median(arrays["snr_db"])),
        "snr_db_lowest": float(arrays["snr_db"].min()),
    }
    asked = {"correct": "adversarial_logits"}
    asked |= {f"noise_{kind}": f"noise_{kind}_logits" for kind in (*KINDS, MASKED)}
    for name, key in asked.items():
        if key in arrays:
            row |= sample.share(name, right(arrays, key))
    return row


def curve(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """Points of the curves in `metrics/listen.json`: what remains correct, by the SNR allowed, dB.

    `method` is the attack, or a kind of noise of the same SNR. The attack below the masking
    threshold is no point of a curve. Nothing where there is no other: DVC's plots stop at an empty
    list.

    Args:
        rows: of `tabulate`.
    """
    names = {"correct": "attack"} | {f"noise_{kind}": f"{kind} noise" for kind in KINDS}
    points = [
        {"method": method, "snr_db": float(row["level"])}
        | {f"correct{end}": row[f"{name}{end}"] for end in ("", "_low", "_high")}
        for row in rows
        if row["level"] != MASKED
        for name, method in names.items()
    ]
    return {"curve": points} if points else {}


def right(arrays: Mapping[str, np.ndarray], key: str) -> np.ndarray:
    """Which segments the logits `key` of a cell get right, `(n,)` bool."""
    return np.asarray(arrays[key].argmax(axis=1) == arrays["label"])


def median_snr(cells: Cells) -> float | None:
    """The SNR in dB at which half of the segments are fooled, by the cells there are.

    Of each segment the highest SNR at which it is fooled; the median over the segments.
    None where fewer than half are fooled at any.
    """
    by_level = {
        float(level): ~right(arrays, "adversarial_logits")
        for level, arrays in cells.items()
        if level != MASKED
    }
    highest = np.max([np.where(fell, level, -np.inf) for level, fell in by_level.items()], axis=0)
    median = float(np.quantile(highest, 0.5, method="lower"))
    return median if np.isfinite(median) else None


def verdict(cells: Cells) -> dict[str, Check]:
    """The checks of `robustness.checks` that apply to sound, in the order of the report.

    A change of 1 is as large as the cell's ball; the epsilon of an SNR is its amplitude.
    """
    correct = {
        level: float(right(arrays, "adversarial_logits").mean()) for level, arrays in cells.items()
    }
    curve = {
        10 ** (-float(level) / 20): share for level, share in correct.items() if level != MASKED
    }
    segments = max(len(arrays["row"]) for arrays in cells.values())
    one = checks.allowance(segments, 0.01)
    reach = _all(cells, "reach", "example_reach")
    logits = _all(cells, "adversarial_logits", "example_logits")
    losses = [arrays["example_losses"].mean(axis=0, dtype=np.float64) for arrays in cells.values()]
    zeros = max(float(arrays["zero_gradient_fraction"]) for arrays in cells.values())
    return {
        "within_epsilon": checks.within_epsilon(reach, np.ones_like(reach)),
        "outputs_are_numbers": checks.outputs_are_numbers(logits),
        "gradients_lead_somewhere": checks.gradients_lead_somewhere(zeros),
        "falls_with_epsilon": checks.falls_with_epsilon([curve], tolerance=one),
        "loss_rises": checks.worst([checks.loss_rises(one) for one in losses]),
        "optimisation_is_complete": checks.worst(
            [checks.optimisation_is_complete(one) for one in losses]
        ),
        "noise_is_weaker": checks.worst([_beside_noise(cells, kind) for kind in (*KINDS, MASKED)]),
    }


def _beside_noise(cells: Cells, kind: str) -> Check:
    """The attack beside one kind of noise, over the cells that have it."""
    key = f"noise_{kind}_logits"
    judged = [arrays for arrays in cells.values() if key in arrays]
    attack, noise = (
        float(np.mean([right(arrays, name) for arrays in judged]))
        for name in ("adversarial_logits", key)
    )
    return checks.noise_is_weaker(attack, noise)


def _all(cells: Cells, *keys: str) -> np.ndarray:
    """Arrays of all cells, one after the other."""
    return np.concatenate([arrays[key] for key in keys for arrays in cells.values()])
