"""Check all parameters and `data.path` before any other stage changes its results."""

from pathlib import Path

from harness import run

from detune.collection.labels import load_labels
from detune.gradcam.target import require_target
from detune.ingest.hashable import require_hashable
from detune.ingest.left_out import describe, small_genres
from detune.ingest.source import open_source
from detune.params.sections import Params
from detune.split.assignment import assign
from detune.split.label_splits import with_labels
from detune.split.partition import load_partition
from detune.support.empty_folders import remove_empty_folders


def validate(params: Params) -> str:
    """Stop at a mistake; the file left behind says only that there was none."""
    data, path = params.data, Path(params.data.path)
    require_hashable(path)
    require_hashable(Path(data.partition), "data.partition")
    require_hashable(Path(data.labels), "data.labels")
    labels = load_labels(Path(data.labels))
    source = open_source(path, data.missing_ms, data.zip_names, labels, data.smallest_genre)
    genres = sorted({candidate.genre for candidate in source.candidates})
    require_target(params.gradcam.target, genres)
    # Which tracks are duplicates is not known yet: each is a group of its own.
    rows = [
        {"track": one.track, "genre": one.genre, "group": one.track, "source": one.source}
        for one in source.candidates
    ]
    partition = with_labels(load_partition(Path(data.partition)), labels, rows)
    assign(rows, params.preprocess.split, partition)
    in_order = "parameters and data.path are in order"
    Path("data/validated.txt").write_text(f"{in_order}\n")
    small = small_genres(genres, source.quarantined)
    return "; ".join([in_order, *describe(source.quarantined, source.unlisted, small)])


if __name__ == "__main__":
    # For an epsilon such as 8/255, `dvc exp run` has made a folder before it is refused here.
    for outputs in ("data/attacks", "data/waveform"):
        remove_empty_folders(Path(outputs))
    run(validate)
