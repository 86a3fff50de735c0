"""The smallest epsilon of each segment: what it takes, and whether the grid finds a smaller one.

Needs the results of a pipeline run.
"""

from __future__ import annotations

import platform
import sys
import time
from pathlib import Path

import numpy as np

SEGMENTS = 150


def main() -> None:
    """Print seconds and gradients a segment, and the results beside the grid's."""
    from detune.attack.grid import cell_files, read_predictions  # noqa: PLC0415
    from detune.collection.dataset import load_split  # noqa: PLC0415
    from detune.minimum_norm.sample import minimum_of_sample  # noqa: PLC0415
    from detune.network.model_file import load_model  # noqa: PLC0415
    from detune.params.sections import MinimumNorm  # noqa: PLC0415
    from detune.robustness.breakdown import smallest_epsilons  # noqa: PLC0415
    from tests.benchmarks.grid import EPSILONS  # noqa: PLC0415

    model, genres = load_model(Path("data/model"))
    test = load_split(Path("data/segments"), "test", genres)
    settings = MinimumNorm(segments=SEGMENTS, tolerance=0.01)
    started = time.perf_counter()
    rows, found = minimum_of_sample(model, test, settings, seed=42, precision="float32")
    seconds = time.perf_counter() - started
    print(platform.processor() or platform.machine())
    print(
        f"{len(rows)} segments: {seconds / len(rows):.2f} s and "
        f"{found.gradients / len(rows):.0f} gradients each"
    )
    files = cell_files(("fgsm", "pgd"), EPSILONS, Path("data/attacks"))
    cells = {cell: read_predictions(path) for cell, path in files.items()}
    for method in ("fgsm", "pgd", "worst"):
        grid = smallest_epsilons(cells, method)[rows]
        above = (found.epsilons > 1.01 * grid).sum()
        turned = found.epsilons > 0
        for row in np.flatnonzero(found.epsilons > 1.01 * grid):
            print(
                f"  row {rows[row]}: {found.epsilons[row]:.5g} exactly, {grid[row]:g} by the grid"
            )
        print(
            f"{method}: {above} of {len(rows)} above the grid's by more than 1 %; medians of those "
            f"right when clean: {np.median(found.epsilons[turned]):.4g} exactly, "
            f"{np.median(grid[turned]):.4g} by the grid"
        )


if __name__ == "__main__":
    if not Path("data/attacks").is_dir():
        sys.exit("bench: no attacks there: run `make repro` first")
    main()
