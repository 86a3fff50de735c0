"""Collect the grid's cells into curves, tables, a few headline figures and the verdict."""

from pathlib import Path

from harness import run

from detune.attack.grid import cell_name, cells, read_predictions
from detune.collection.dataset import load_split
from detune.figures.breakdown import draw_breakdown
from detune.figures.robustness import draw_robustness
from detune.network.model_file import load_model, predict_logits
from detune.robustness import breakdown, summary, verdict
from detune.robustness.examples import count_mismatches
from detune.statistics.bootstrap import Bootstrap
from detune.support.files import read_json, read_npz, write_json
from detune.support.params import Params


def robustness(params: Params) -> str:
    """From `data/attacks/*.npz` and `data/controls.json` to `plots/` and `metrics/`."""
    model, genres = load_model(Path("data/model"))
    test = load_split(Path("data/segments"), "test", genres)
    bootstrap, plots = Bootstrap(test.tracks, params.attack.seed), Path("plots")
    grid = {
        cell: Path(f"data/attacks/{cell_name(*cell)}.npz")
        for cell in cells(params.attack.methods, params.attack.epsilons)
    }
    attacked = {cell: read_predictions(path) for cell, path in grid.items()}
    rows = summary.summarise_cells(attacked, bootstrap, test.db_ranges)
    examples = summary.summarise_examples(attacked, bootstrap)
    worst = summary.worst_case(attacked, bootstrap)
    summary.write_tables(rows, examples, worst, plots)
    breakdown.write_tables(attacked, genres, bootstrap, plots)
    complete = summary.on_all_segments(rows)
    draw_robustness(complete, plots / "robustness.png", chance=1 / len(genres), worst=worst)
    draw_breakdown(breakdown.break_down(attacked, genres, test.tracks), plots / "breakdown.png")

    mismatches = count_mismatches(
        grid,
        lambda cell: read_npz(grid[cell]),
        test.values,
        lambda segments: predict_logits(model, segments),
    )
    checks = verdict.collect(
        attacked, mismatches, read_json(Path("data/controls.json")), len(genres)
    )
    smallest = breakdown.smallest_of_any(attacked, len(test.labels))
    write_json(Path("metrics/robustness.json"), summary.headline(rows, worst, smallest))
    write_json(Path("metrics/checks.json"), verdict.content(checks))
    names = {cell_name(*cell) for cell in grid}
    summary.remove_outside(names, Path("data/attacks"), Path("metrics/attack"))
    return f"{summary.message(rows)}; {verdict.line(checks)}"


if __name__ == "__main__":
    run(robustness)
