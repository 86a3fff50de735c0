"""Measure and draw the tracks before training."""

from dataclasses import asdict
from pathlib import Path

from harness import run

from detune.collection.split_table import read_splits
from detune.explore.exploration import (
    OUTLIER_COLUMNS,
    find_outliers,
    measure_tracks,
    separate_tracks,
    summarise,
)
from detune.explore.features import FEATURE_COLUMNS
from detune.explore.overview import collect_overview, overview_figures
from detune.figures.collection import draw_overview
from detune.figures.exploration import draw_exploration
from detune.figures.genre_separation import draw_separation
from detune.params.sections import Params
from detune.support.files import read_csv, write_csv, write_json


def explore(params: Params) -> str:
    """From the tracks to the feature table, the figures and the pictures."""
    rows = read_csv(Path("data/tracks.csv"))
    quarantined = read_csv(Path("data/quarantine.csv"))
    duplicates = read_csv(Path("data/duplicates.csv"))
    overview = collect_overview(quarantined, duplicates, read_splits(Path("data/splits.csv")))
    measured = measure_tracks(rows, Path("data/tracks"))
    outliers, separation = find_outliers(measured), separate_tracks(measured)
    write_csv(Path("data/features.csv"), FEATURE_COLUMNS, (track.features for track in measured))
    write_csv(Path("data/outliers.csv"), OUTLIER_COLUMNS, map(asdict, outliers))
    summary = summarise(measured, outliers, separation) | overview_figures(overview, rows)
    write_json(Path("metrics/explore.json"), summary)
    folder, example = Path("plots/explore"), params.explore.example_track
    pictures = draw_exploration(measured, outliers, Path("data/tracks"), folder, example)
    draw_separation(separation, folder / "separation.png")
    draw_overview(overview, folder / "overview.png")
    return (
        f"{summary['tracks']} tracks, {summary['minutes']:.1f} min; "
        f"{summary['most_separating_feature']} separates the genres most; "
        f"{len(outliers)} outliers; {pictures + 2} pictures"
    )


if __name__ == "__main__":
    run(explore)
