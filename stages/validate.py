"""Check all parameters and `data.path` before any other stage changes its results."""

from pathlib import Path

from harness import run

from detune.gradcam.target import require_target
from detune.ingest.hashable import require_hashable
from detune.ingest.source import open_source
from detune.split.assignment import assign
from detune.split.partition import load_partition
from detune.support.empty_folders import remove_empty_folders
from detune.support.params import Params


def validate(params: Params) -> str:
    """Stop at a mistake; the file left behind says only that there was none."""
    data, path = params.data, Path(params.data.path)
    if path.is_dir():
        require_hashable(path)
    candidates = open_source(path, data.missing_ms, data.zip_names).candidates
    require_target(params.gradcam.target, sorted({candidate.genre for candidate in candidates}))
    # Which tracks are duplicates is not known yet: each is a group of its own.
    rows = [
        {"track": candidate.track, "genre": candidate.genre, "group": candidate.track}
        for candidate in candidates
    ]
    assign(rows, params.preprocess.split, load_partition(Path(params.data.partition)))
    Path("data/validated.txt").write_text("parameters and data.path are in order\n")
    return "parameters and data.path are in order"


if __name__ == "__main__":
    # For an epsilon such as 8/255, `dvc exp run` has made a folder before it is refused here.
    for outputs in ("data/attacks", "data/waveform"):
        remove_empty_folders(Path(outputs))
    run(validate)
