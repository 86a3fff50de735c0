"""Look at the tracks before anything is learnt from them."""

from pathlib import Path

from harness import run

from detune.exploration import draw_exploration, measure_tracks, summarise
from detune.features import FEATURE_COLUMNS
from detune.files import read_csv, write_csv, write_json
from detune.params import Params


def explore(params: Params) -> str:
    """From the tracks to the feature table, the figures and the pictures."""
    rows = read_csv(Path("data/tracks.csv"))
    measured = measure_tracks(rows, Path("data/tracks"))
    write_csv(Path("data/features.csv"), FEATURE_COLUMNS, (track.features for track in measured))
    summary = summarise(measured)
    write_json(Path("metrics/explore.json"), summary)
    pictures = draw_exploration(
        measured, Path("data/tracks"), Path("plots/explore"), params.explore.example_track
    )
    return (
        f"{summary['tracks']} tracks, {summary['minutes']:.1f} min; "
        f"{summary['most_separating_feature']} separates the genres most; {pictures} pictures"
    )


if __name__ == "__main__":
    run(explore)
