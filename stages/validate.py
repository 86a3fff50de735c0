"""Check all parameters and look at `data.path` before any other stage touches its results."""

from pathlib import Path

from harness import run

from detune.ingest.source import open_source
from detune.params import Params
from detune.preprocess.folds import require_folds
from detune.preprocess.partition import load_partition


def validate(params: Params) -> str:
    """Stop at a mistake; the file left behind says only that there was none."""
    source = open_source(Path(params.data.path))
    require_folds((found.genre for found in source.candidates), params.preprocess.split.folds)
    load_partition(Path(params.data.partition))
    Path("data/validated.txt").write_text("parameters and data.path are in order\n")
    return "parameters and data.path are in order"


if __name__ == "__main__":
    run(validate)
