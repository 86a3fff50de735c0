"""What corruptions cost: all kinds and severities in one table."""

from pathlib import Path

from harness import run

from detune.corruptions.table import COLUMNS, COMPARED, headline, message, outcomes, tabulate
from detune.figures.corruptions import draw_corruptions
from detune.params.sections import Params
from detune.support.files import read_npz, write_csv
from detune.support.leftovers import remove_outside
from detune.support.metrics_file import write_metrics


def corruptions(params: Params) -> str:
    """From `data/corruptions` to the table, the picture and the summary."""
    folder, seed = Path("data/corruptions"), params.attack.seed
    files = {kind: folder / f"{kind}.npz" for kind in params.corruptions.kinds}
    cells = {kind: read_npz(path) for kind, path in files.items()}
    rows = tabulate(cells, seed)
    figures = headline(cells, rows, seed)
    write_csv(Path("plots/corruptions.csv"), COLUMNS, rows)
    by_segment = outcomes(cells)
    write_csv(Path("plots/corruption_outcomes.csv"), list(by_segment[0]), by_segment)
    draw_corruptions(rows, Path("plots/corruptions.png"), clean=1 - figures["clean_error"])
    write_metrics(Path("metrics/corruptions.json"), figures, COMPARED)
    remove_outside(files.values(), folder)
    return message(figures)


if __name__ == "__main__":
    run(corruptions)
