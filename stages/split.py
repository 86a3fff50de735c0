"""Decide which tracks are for training, validation and test."""

from collections import Counter
from pathlib import Path

from harness import run

from detune.collection.labels import load_labels
from detune.collection.split_table import SPLITS, write_splits
from detune.params.sections import Params
from detune.split.assignment import assign
from detune.split.label_splits import with_labels
from detune.split.partition import load_partition
from detune.support.files import read_csv, write_json


def split(params: Params) -> str:
    """From `data/tracks.csv` to `data/splits.csv`."""
    tracks = read_csv(Path("data/tracks.csv"))
    labels = load_labels(Path(params.data.labels))
    partition = with_labels(load_partition(Path(params.data.partition)), labels, tracks)
    assigned = assign(tracks, params.preprocess.split, partition)
    write_splits(Path("data/splits.csv"), assigned.rows)
    counts = Counter(row.split for row in assigned.rows)
    write_json(
        Path("metrics/split.json"),
        {
            "tracks": {name: counts[name] for name in SPLITS},
            "left_out_by_partition": assigned.left_out,
            "absent_of_partition": assigned.absent,
        },
    )
    closing = ", ".join(f"{name} {counts[name]} tracks" for name in SPLITS)
    return f"{closing}; {assigned.left_out} left out by the partition"


if __name__ == "__main__":
    run(split)
