"""Split the tracks and cut them into segments."""

from pathlib import Path

from harness import run

from detune.dataset import count_by_split
from detune.files import read_csv, write_json
from detune.params import Params
from detune.preprocessing import write_dataset
from detune.splits import SPLITS, split_tracks


def preprocess(params: Params) -> str:
    """From tracks to `data/segments/{train,validation,test}.npy` and their index."""
    split = params.preprocess.split
    rows = read_csv(Path("data/tracks.csv"))
    splits = split_tracks(
        [row["genre"] for row in rows],
        [row["group"] for row in rows],
        {name: getattr(split, name) for name in SPLITS},
        split.seed,
    )
    count = params.preprocess.segments_per_track
    index = write_dataset(rows, splits, Path("data/tracks"), count, Path("data/segments"))
    counts = count_by_split(index)
    write_json(Path("metrics/preprocess.json"), counts)
    return ", ".join(
        f"{name} {counts['segments'][name]} segments of {counts['tracks'][name]} tracks"
        for name in SPLITS
    )


if __name__ == "__main__":
    run(preprocess)
