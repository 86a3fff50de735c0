"""Cut the tracks into segments."""

from pathlib import Path

from harness import run

from detune.collection.split_table import SPLITS, read_splits
from detune.params.sections import Params
from detune.preprocess.preprocessing import write_dataset
from detune.preprocess.segment_counts import count_by_split
from detune.support.files import read_json, write_json


def preprocess(params: Params) -> str:
    """From tracks to `data/segments/{train,validation,test}.npy` and their index."""
    rows = read_splits(Path("data/splits.csv"))
    count = params.preprocess.segments_per_track
    index = write_dataset(rows, Path("data/tracks"), count, Path("data/segments"))
    counts = count_by_split(index, {row.track: row.group for row in rows})
    split = read_json(Path("metrics/split.json"))
    left = {name: split[name] for name in ("left_out_by_partition", "absent_of_partition")}
    write_json(Path("metrics/preprocess.json"), counts | left)
    return ", ".join(
        f"{name} {counts['segments'][name]} segments of {counts['tracks'][name]} tracks"
        for name in SPLITS
    )


if __name__ == "__main__":
    run(preprocess)
