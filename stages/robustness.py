"""Collect the grid's cells into curves, a table and a few headline figures."""

from pathlib import Path

import numpy as np
from harness import run

from detune.dataset import read_index
from detune.figures.robustness import draw_robustness
from detune.files import read_npz, write_csv, write_json
from detune.grid import METHODS, cell_name, cells
from detune.params import Params
from detune.robustness import CELL_COLUMNS, curves, headline, remove_outside, summarise_cell, told


def robustness(params: Params) -> str:
    """From `data/attacks/*.npz` to `plots/` and `metrics/robustness.json`."""
    index = read_index(Path("data/segments"))
    test = [row for row in index if row.split == "test"]
    grid = cells(params.attack.epsilons)
    summaries = [
        summarise_cell(
            method,
            epsilon,
            read_npz(Path(f"data/attacks/{cell_name(method, epsilon)}.npz")),
            [row.track for row in test],
            db_ranges=np.asarray([row.db_max - row.db_min for row in test]),
            seed=params.attack.seed,
        )
        for method, epsilon in grid
    ]
    for figure, name in (("robust_accuracy", ""), ("song_robust_accuracy", "_songs")):
        rows = curves(summaries, figure)
        write_csv(Path(f"plots/robustness{name}.csv"), ("epsilon", *METHODS), rows)
    write_csv(Path("plots/cells.csv"), CELL_COLUMNS, summaries)
    write_json(Path("metrics/robustness.json"), headline(summaries))
    genres = len({row.genre for row in index})
    draw_robustness(summaries, Path("plots/robustness.png"), chance=1 / genres)
    names = {cell_name(method, epsilon) for method, epsilon in grid}
    remove_outside(names, Path("data/attacks"), Path("metrics/attack"))
    return told(summaries)


if __name__ == "__main__":
    run(robustness)
