"""Split the tracks and cut them into segments."""

from pathlib import Path

from harness import run

from detune.files import read_csv, write_json
from detune.params import Params
from detune.preprocess.assignment import assign
from detune.preprocess.dataset import count_by_split
from detune.preprocess.partition import load_partition
from detune.preprocess.preprocessing import write_dataset
from detune.preprocess.splits import SPLITS


def preprocess(params: Params) -> str:
    """From tracks to `data/segments/{train,validation,test}.npy` and their index."""
    rows = read_csv(Path("data/tracks.csv"))
    partition = load_partition(Path(params.data.partition))
    given = assign(rows, params.preprocess.split, partition)
    count = params.preprocess.segments_per_track
    index = write_dataset(
        given.rows, given.splits, Path("data/tracks"), count, Path("data/segments")
    )
    counts = count_by_split(index, given.group_of)
    left = {"left_out_by_partition": given.left_out, "absent_of_partition": given.absent}
    write_json(Path("metrics/preprocess.json"), counts | left)
    told = ", ".join(
        f"{name} {counts['segments'][name]} segments of {counts['tracks'][name]} tracks"
        for name in SPLITS
    )
    return f"{told}; {given.left_out} tracks left out by the partition"


if __name__ == "__main__":
    run(preprocess)
