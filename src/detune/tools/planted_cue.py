"""Plant a cue in a small corpus at three levels, and say which CAM methods find it.

python -m detune.tools.planted_cue [RECIPE [TABLE]]
"""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import yaml

from detune.corpus import Recipe, load_recipe
from detune.gradcam.cam_methods import CAM_METHODS
from detune.ground_truth.localization import POINTING
from detune.ground_truth.marks import CHANCE, MARK_COLUMNS, Row, describe_differences
from detune.ground_truth.planted_cue import CueResult, compose_songs, cut_songs, run_experiment
from detune.params.parsing import parse_params
from detune.params.training import Train
from detune.support.errors import UserError
from detune.support.files import write_csv

FAINTER_DB = (0.0, -15.0, -30.0)
"""Levels that are tried, relative to the recipe's."""

EPOCHS = 20
AVERAGING = 0.9
"""So small a corpus takes more passes than `params.yaml` has, and a shorter average of weights."""


def main(arguments: Sequence[str]) -> None:
    """Run the experiment, and print a line a level."""
    parser = argparse.ArgumentParser(
        prog="python -m detune.tools.planted_cue",
        description="Plant a cue in a small corpus at three levels: do heatmaps find it?",
    )
    parser.add_argument("recipe", nargs="?", type=Path, default=Path("data/cue.yaml"))
    parser.add_argument("table", nargs="?", type=Path, default=Path("data/cue.csv"))
    asked = parser.parse_args(arguments)
    # Each level trains a network of its own, which TensorFlow would warn of as traced anew.
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    recipe = load_recipe(asked.recipe)
    raw = yaml.safe_load(Path("params.yaml").read_text(encoding="utf-8"))
    params = replace(
        parse_params(raw).train,
        epochs=EPOCHS,
        early_stopping_patience=EPOCHS,
        weight_averaging=AVERAGING,
    )
    write_csv(asked.table, MARK_COLUMNS, run_levels(recipe, params))


def run_levels(recipe: Recipe, params: Train) -> list[Row]:
    """Rows of `MARK_COLUMNS` of all levels; what they mean is printed.

    Raises:
        UserError: the recipe has no cue.
    """
    if recipe.cue is None:
        raise UserError("the recipe has no cue: give one that has, such as data/cue.yaml")
    tracks, rows = compose_songs(recipe), []
    for fainter in FAINTER_DB:
        cue = replace(recipe.cue, level_db=recipe.cue.level_db + fainter)
        result = run_experiment(cut_songs(tracks, recipe.genres, cue), recipe, cue, params)
        print(f"{cue.kind} at {cue.level_db:g} dB in {cue.genre}: {describe(result)}", flush=True)
        rows += result.rows
    return rows


def describe(result: CueResult) -> str:
    """One line on what came of a cue."""
    used = (
        f"{result.accuracy_with:.0%} of test segments right with it, "
        f"{result.accuracy_without:.0%} without; planted in other genres it turns "
        f"{result.taken_without:.0%} into {result.taken:.0%} of them"
    )
    if not result.rows:
        return f"{used}; no segment is turned by it, so there is nothing to find"
    words = describe_differences(result.rows, POINTING, CHANCE, CAM_METHODS)
    return f"{used}; pointing game on {result.turned} turned segments {words}"


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except UserError as error:
        sys.exit(f"planted_cue: error: {error}")
