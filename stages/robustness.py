"""Collect the grid's cells into curves, tables, a few headline figures and the verdict."""

from functools import partial
from pathlib import Path

from harness import run

from detune.attack.attacked_model import load_attacked
from detune.attack.grid import cell_files, read_predictions
from detune.collection.dataset import load_split
from detune.figures.breakdown import draw_breakdown
from detune.figures.robustness import draw_robustness
from detune.minimum_norm.curve import CURVE_COLUMNS, read_minimum, security_curve
from detune.network.model_file import predict_logits
from detune.params.sections import Params
from detune.robustness import breakdown, headline, summary, verdict
from detune.robustness.example_audit import count_mismatches
from detune.robustness.predictions import write_predictions
from detune.statistics.bootstrap import Bootstrap
from detune.support.files import read_csv, read_json, read_npz, write_csv, write_json
from detune.support.leftovers import remove_outside
from detune.support.metrics_file import write_metrics


def robustness(params: Params) -> str:
    """From `data/attacks/*.npz` and `data/controls.json` to `plots/` and `metrics/`."""
    model, genres = load_attacked(Path("data/model"), params.attack.defence)
    test = load_split(Path("data/segments"), "test", genres)
    bootstrap, plots = Bootstrap(test.tracks, params.attack.seed), Path("plots")
    grid = cell_files(params.attack.methods, params.attack.epsilons, Path("data/attacks"))
    attacked = {cell: read_predictions(path) for cell, path in grid.items()}
    rows = summary.summarise_cells(attacked, bootstrap, test.db_ranges)
    examples = summary.summarise_examples(attacked, bootstrap)
    worst = summary.worst_case(attacked, bootstrap)
    minimum = read_minimum(read_csv(Path("data/minimum_norm.csv")))
    curve = security_curve(*minimum, bootstrap)
    write_csv(plots / "security_curve.csv", CURVE_COLUMNS, curve)
    summary.write_tables(rows, examples, worst, plots)
    breakdown.write_tables(attacked, genres, bootstrap, plots)
    write_predictions(attacked, test, minimum, plots)
    complete, picture = summary.on_all_segments(rows), plots / "robustness.png"
    draw_robustness(complete, picture, chance=1 / len(genres), worst=worst, exact=curve)
    draw_breakdown(breakdown.break_down(attacked, genres, test.tracks), plots / "breakdown.png")

    mismatches = count_mismatches(
        grid, lambda cell: read_npz(grid[cell]), test.values, partial(predict_logits, model)
    )
    controls = read_json(Path("data/controls.json"))
    checks = verdict.collect(attacked, mismatches, controls, len(genres))
    smallest = breakdown.smallest_of_any(attacked, len(test.labels))
    figures = headline.headline(rows, worst, smallest) | summary.curve(rows, worst)
    figures |= headline.computed_with(attacked)
    write_metrics(Path("metrics/robustness.json"), figures, headline.COMPARED)
    write_json(Path("metrics/checks.json"), verdict.content(checks))
    remove_outside(grid.values(), Path("data/attacks"), Path("metrics/attack"))
    return f"{headline.message(rows)}; {verdict.line(checks)}"


if __name__ == "__main__":
    run(robustness)
