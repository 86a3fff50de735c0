"""The smallest epsilon that turns each segment; off while `segments` is 0, the default."""

from pathlib import Path

from harness import run

from detune.collection.dataset import load_split
from detune.minimum_norm.curve import MINIMUM_COLUMNS, minimum_rows
from detune.params.sections import Params
from detune.statistics.scores import median_smallest
from detune.support.files import write_csv


def minimum_norm(params: Params) -> str:
    """From the model and test segments to `data/minimum_norm.csv`."""
    path, settings = Path("data/minimum_norm.csv"), params.attack.minimum_norm
    if not settings.segments:
        write_csv(path, MINIMUM_COLUMNS, [])
        return "off: attack.minimum_norm.segments is 0"
    # Imported here: TensorFlow takes seconds to start, and is not needed while the search is off.
    from detune.attack.attacked_model import load_attacked  # noqa: PLC0415
    from detune.minimum_norm.sample import minimum_of_sample  # noqa: PLC0415

    model, names = load_attacked(Path("data/model"), params.attack.defence)
    test = load_split(Path("data/segments"), "test", names)
    seed, precision = params.attack.seed, params.attack.precision
    rows, minima = minimum_of_sample(model, test, settings, seed=seed, precision=precision)
    genres = [row.genre for row in test.index]
    write_csv(path, MINIMUM_COLUMNS, minimum_rows(rows, minima.epsilons, test.tracks, genres))
    median = median_smallest(minima.epsilons)
    half = "more than 1" if median is None else f"{median:.3g}"
    return (
        f"{len(rows)} segments, {minima.gradients / len(rows):.0f} gradients each; "
        f"half of the correct ones are misclassified at epsilon {half}"
    )


if __name__ == "__main__":
    run(minimum_norm)
