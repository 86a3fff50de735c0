from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from detune.corpus import Recipe, load_recipe
from detune.corpus.cue import Cue
from detune.ground_truth.localization import POINTING
from detune.ground_truth.marks import CHANCE
from detune.ground_truth.planted_cue import CueResult
from detune.support.errors import UserError
from detune.tools import planted_cue
from detune.tools.planted_cue import FAINTER_DB, describe, run_levels

ROW = {
    "test": "planted cue",
    "method": "grad-cam",
    "group": "tone at -20 dB",
    "measure": POINTING,
    "versus": CHANCE,
    "segments": 30,
    "songs": 15,
    "value": 0.4,
    "low": 0.2,
    "high": 0.6,
}
FOUND = CueResult(0.9, 0.4, 0.8, 0.1, 30, [ROW])


def test_a_line_says_whether_the_cue_is_used_and_found() -> None:
    assert describe(FOUND) == (
        "90% of test segments right with it, 40% without; planted in other genres it turns "
        "10% into 80% of them; pointing game on 30 turned segments against chance better: grad-cam"
    )
    assert describe(replace(FOUND, rows=[])).endswith("there is nothing to find")


def test_three_levels_are_tried(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    tried: list[Cue] = []
    monkeypatch.setattr(planted_cue, "compose_songs", lambda recipe: [])
    monkeypatch.setattr(planted_cue, "cut_songs", lambda *arguments: None)

    def run_experiment(songs: None, recipe: Recipe, cue: Cue, params: Any) -> CueResult:
        tried.append(cue)
        return FOUND

    monkeypatch.setattr(planted_cue, "run_experiment", run_experiment)
    recipe = load_recipe(Path("data/cue.yaml"))
    rows = run_levels(recipe, None)  # type: ignore[arg-type]
    assert recipe.cue is not None
    assert [cue.level_db for cue in tried] == [recipe.cue.level_db + less for less in FAINTER_DB]
    assert rows == [ROW] * 3
    assert len(capsys.readouterr().out.splitlines()) == 3


def test_a_recipe_without_a_cue_is_told() -> None:
    with pytest.raises(UserError, match="the recipe has no cue: give one that has"):
        run_levels(load_recipe(Path("data/embedded.yaml")), None)  # type: ignore[arg-type]
