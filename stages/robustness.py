"""Collect the grid's cells into curves, tables, a few headline figures and the verdict."""

from pathlib import Path

import numpy as np
from harness import run

from detune.attack.grid import cell_name, cells, read_predictions
from detune.collection.dataset import genre_names, read_index
from detune.figures.breakdown import draw_breakdown
from detune.figures.robustness import draw_robustness
from detune.params import Params
from detune.robustness import breakdown, verdict
from detune.robustness.summary import (
    headline,
    on_all,
    remove_outside,
    summarise_cell,
    told,
    worst_case,
    write_tables,
)
from detune.support.files import read_json, write_json


def robustness(params: Params) -> str:
    """From `data/attacks/*.npz` and `data/controls.json` to `plots/` and `metrics/`."""
    index = read_index(Path("data/segments"))
    genres = genre_names(index)
    test = [row for row in index if row.split == "test"]
    grid = cells(params.attack.methods, params.attack.epsilons)
    found = {cell: read_predictions(Path(f"data/attacks/{cell_name(*cell)}.npz")) for cell in grid}
    tracks, seed, plots = [row.track for row in test], params.attack.seed, Path("plots")
    ranges = np.asarray([row.db_max - row.db_min for row in test])
    summaries = [
        summarise_cell(*cell, arrays, tracks, db_ranges=ranges, seed=seed)
        for cell, arrays in found.items()
    ]
    worst = worst_case(found, tracks, seed=seed)
    write_tables(summaries, worst, plots)
    breakdown.write_tables(found, genres, tracks, plots, seed=seed)
    chance, whole = 1 / len(genres), on_all(summaries)
    draw_robustness(whole, plots / "robustness.png", chance=chance, worst=worst)
    draw_breakdown(breakdown.fallen(found, genres, tracks), plots / "breakdown.png")

    smallest = breakdown.smallest_epsilons(breakdown.whole(found, len(test)), breakdown.WORST)
    judged = verdict.collect(found, read_json(Path("data/controls.json")), len(genres))
    write_json(Path("metrics/robustness.json"), headline(summaries, worst, smallest))
    write_json(Path("metrics/checks.json"), verdict.content(judged))
    names = {cell_name(*cell) for cell in grid}
    remove_outside(names, Path("data/attacks"), Path("metrics/attack"))
    return f"{told(summaries)}; {verdict.line(judged)}"


if __name__ == "__main__":
    run(robustness)
