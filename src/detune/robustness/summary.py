"""From the grid's cells to curves: accuracy under attack by method and epsilon."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from detune.audio.constants import SHAPE
from detune.robustness.breakdown import WORST, Cells, complete_cells, robust_masks
from detune.statistics.bootstrap import Bootstrap
from detune.statistics.scores import attack_success_rate, softmax
from detune.support.files import write_csv

CELL_COLUMNS = (
    "method",
    "epsilon",
    "epsilon_db_median",
    "segments",
    "songs",
    "clean_accuracy",
    "robust_accuracy",
    "robust_accuracy_low",
    "robust_accuracy_high",
    "attack_success_rate",
    "song_clean_accuracy",
    "song_robust_accuracy",
    "linf_max",
    "l2_mean",
    "zero_gradient_fraction",
)

EXAMPLE_COLUMNS = (
    *("method", "epsilon", "examples", "songs", "linf_mean", "rms_mean"),
    *("fooled", "fooled_low", "fooled_high"),
    *("confidence", "confidence_low", "confidence_high"),
)

CURVE_FIELDS = (
    *("method", "epsilon"),
    *(
        f"{figure}{end}"
        for figure in ("robust_accuracy", "song_robust_accuracy")
        for end in ("", "_low", "_high")
    ),
)
"""Fields of each point of the curves in `metrics/robustness.json`."""

Row = dict[str, Any]


def summarise_cell(
    method: str,
    epsilon: float,
    arrays: Mapping[str, np.ndarray],
    bootstrap: Bootstrap,
    db_ranges: np.ndarray,
) -> Row:
    """One row of `cells.csv`, and the intervals of all its accuracies.

    Args:
        method: the attack.
        epsilon: its radius.
        arrays: the arrays of the cell's file, n of the test segments.
        bootstrap: over the songs of the test segments.
        db_ranges: the dB that [0, 1] spans in each of them.
    """
    rows, labels = arrays["row"], arrays["label"]
    clean, adversarial = arrays["clean_prediction"], arrays["adversarial_prediction"]
    of_segments = bootstrap.at(rows)
    of_songs = Bootstrap(arrays["song"].tolist(), bootstrap.seed)
    return {
        "method": method,
        "epsilon": epsilon,
        "epsilon_db_median": float(np.median(epsilon * db_ranges[rows])),
        "segments": len(labels),
        "songs": len(arrays["song"]),
        "attack_success_rate": attack_success_rate(clean, adversarial, labels),
        "linf_max": float(max(arrays["linf"].max(), arrays["example_linf"].max(initial=0.0))),
        "l2_mean": float(arrays["example_l2"].mean()) if len(arrays["example_l2"]) else 0.0,
        "zero_gradient_fraction": float(arrays["zero_gradient_fraction"]),
        **of_segments.share("clean_accuracy", clean == labels),
        **of_segments.share("robust_accuracy", adversarial == labels),
        **of_songs.share(
            "song_clean_accuracy", arrays["song_clean_prediction"] == arrays["song_label"]
        ),
        **of_songs.share(
            "song_robust_accuracy", arrays["song_adversarial_prediction"] == arrays["song_label"]
        ),
    }


def _summarise_examples(
    method: str, epsilon: float, arrays: Mapping[str, np.ndarray], bootstrap: Bootstrap
) -> Row:
    """One row of `examples.csv`: what the attack makes of a segment at full strength.

    Args:
        method: the attack.
        epsilon: its radius.
        arrays: the arrays of the cell's file.
        bootstrap: over the songs of the test segments.
    """
    rows = arrays["example_rows"]
    labels = arrays["label"][np.searchsorted(arrays["row"], rows)]
    probabilities = softmax(arrays["example_logits"].astype(np.float64))
    sample = bootstrap.at(rows)
    return {
        "method": method,
        "epsilon": epsilon,
        "examples": len(rows),
        "songs": len(set(sample.songs)),
        "linf_mean": float(arrays["example_linf"].mean()),
        "rms_mean": float(arrays["example_l2"].mean() / np.sqrt(SHAPE[0] * SHAPE[1])),
        **sample.share("fooled", probabilities.argmax(axis=1) != labels),
        **sample.share("confidence", probabilities.max(axis=1)),
    }


def summarise_cells(cells: Cells, bootstrap: Bootstrap, db_ranges: np.ndarray) -> list[Row]:
    """A row of `summarise_cell` for each of `cells`."""
    return [summarise_cell(*key, arrays, bootstrap, db_ranges) for key, arrays in cells.items()]


def summarise_examples(cells: Cells, bootstrap: Bootstrap) -> list[Row]:
    """Rows of `EXAMPLE_COLUMNS`: what each cell's attack makes of a segment."""
    return [
        _summarise_examples(*key, arrays, bootstrap)
        for key, arrays in cells.items()
        if len(arrays["example_rows"])
    ]


def curve(cells: Sequence[Row], worst: Sequence[Row]) -> dict[str, list[Row]]:
    """Points `CURVE_FIELDS` of the curves by method and epsilon, with their 95 % intervals.

    The curves are of methods that attacked all test segments; a sample has another denominator.
    Where every method counts, only segments are known.

    Args:
        cells: rows of `summarise_cell`.
        worst: rows of `worst_case`.
    """
    points = [{name: cell[name] for name in CURVE_FIELDS} for cell in on_all_segments(cells)]
    for row in worst:
        ends = {"": row["value"], "_low": row["low"], "_high": row["high"]}
        known = {f"robust_accuracy{end}": value for end, value in ends.items()}
        points.append(
            dict.fromkeys(CURVE_FIELDS) | {"method": WORST, "epsilon": row["epsilon"]} | known
        )
    return {"curve": points}


def curves(cells: Sequence[Row], figure: str) -> list[Row]:
    """Wide rows `epsilon, <method>, …` of one `figure` of the cells, in order of epsilon."""
    by_epsilon: dict[float, Row] = defaultdict(dict)
    for cell in cells:
        by_epsilon[cell["epsilon"]][cell["method"]] = cell[figure]
    return [{"epsilon": epsilon} | by_epsilon[epsilon] for epsilon in sorted(by_epsilon)]


def worst_case(arrays: Cells, bootstrap: Bootstrap) -> list[Row]:
    """Robust accuracy where every method counts, by epsilon, with its 95 % interval.

    Args:
        arrays: the cells' files.
        bootstrap: over the songs of the test segments.
    """
    rows = []
    complete = complete_cells(arrays, len(bootstrap.songs))
    for epsilon, right in robust_masks(complete, WORST).items():
        low, high = bootstrap.interval(right)
        rows.append({"epsilon": epsilon, "value": float(right.mean()), "low": low, "high": high})
    return rows


def write_tables(
    cells: Sequence[Row], examples: Sequence[Row], worst: Sequence[Row], folder: Path
) -> None:
    """Write the curves of segments, the table of cells and that of examples to `folder`.

    The curves are of methods that attacked all test segments; a sample has another denominator.

    Args:
        cells: rows of `summarise_cell`.
        examples: rows of `summarise_examples`.
        worst: rows of `worst_case`.
        folder: gets `robustness.csv`, with the worst case, `cells.csv` and `examples.csv`.
    """
    complete = on_all_segments(cells)
    by_epsilon = {row["epsilon"]: row["value"] for row in worst}
    segments = [
        row | {WORST: by_epsilon[row["epsilon"]]} for row in curves(complete, "robust_accuracy")
    ]
    columns = ("epsilon", *dict.fromkeys(cell["method"] for cell in complete))
    write_csv(folder / "robustness.csv", (*columns, WORST), segments)
    table = [{column: cell[column] for column in CELL_COLUMNS} for cell in cells]
    write_csv(folder / "cells.csv", CELL_COLUMNS, table)
    write_csv(folder / "examples.csv", EXAMPLE_COLUMNS, examples)


def on_all_segments(cells: Sequence[Row]) -> list[Row]:
    """Those of the cells that attacked all test segments, not a sample."""
    most = max(cell["segments"] for cell in cells)
    return [cell for cell in cells if cell["segments"] == most]
