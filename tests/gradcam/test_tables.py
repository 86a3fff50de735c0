from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from detune.gradcam.faithfulness import SHARES, Curves
from detune.gradcam.measures import MEASURES
from detune.gradcam.shift import (
    ATTACK,
    NEW_GENRE,
    NOISE,
    RETRAINED,
    SAME_GENRE,
    UNRELATED,
    CleanHeatmaps,
    Comparison,
)
from detune.gradcam.study import Study
from detune.gradcam.tables import (
    all_facts,
    closing,
    curve_rows,
    headline,
    tabulate,
    write_tables,
)
from detune.support.files import read_csv, write_json

TRACKS = [f"t{row % 8}" for row in range(24)]
RNG = np.random.default_rng(0)


def comparison(kind: str, method: str = "", epsilon: float | None = None) -> Comparison:
    values = {measure: RNG.normal(size=24) for measure in MEASURES}
    return Comparison(kind, values, np.arange(24) % 3 > 0, method, epsilon)


@pytest.fixture(scope="module")
def found() -> Study:
    attacks = [
        comparison(kind, method, 0.1)
        for method in ("fgsm", "pgd")
        for kind in (ATTACK, SAME_GENRE, NEW_GENRE)
    ]
    controls = [comparison(NOISE, "", 0.1), comparison(UNRELATED), comparison(RETRAINED)]
    rows = np.arange(0, 24, 2)
    return Study(
        clean=CleanHeatmaps(np.ones((24, 3, 4, 4)), np.zeros(24, np.int64)),
        comparisons=attacks + controls,
        attacked={},
        retrained_accuracy=0.5,
        sanity=[(layer, comparison(NOISE).values) for layer in ("logits", "conv")],
        removal=Curves(*RNG.normal(size=(4, len(rows), len(SHARES)))),
        rows=rows,
    )


def test_tables_are_written_with_their_intervals(found: Study, tmp_path: Path) -> None:
    tables = tabulate(found, TRACKS, seed=1)
    write_tables(tables, tmp_path)
    rows = read_csv(tmp_path / "attention.csv")
    assert {row["measure"] for row in rows} == set(MEASURES)
    (curve,) = read_csv(tmp_path / "attention_curves.csv")
    assert next(iter(curve)) == "epsilon"
    assert list(curve)[-3:] == ["noise", "unrelated", "retrained"]
    assert {"fgsm", "pgd"} <= set(curve)
    sanity = read_csv(tmp_path / "attention_sanity.csv")
    assert [row["layer"] for row in sanity if row["measure"] == "ssim"] == ["logits", "conv"]
    removal = read_csv(tmp_path / "attention_removal.csv")
    assert {row["curve"] for row in removal} == set(vars(found.removal))
    for row in [*rows, *sanity, *removal]:
        assert float(row["low"]) <= float(row["value"]) <= float(row["high"])


def test_curves_are_of_rank_correlation_over_all_segments() -> None:
    row = {"measure": "spearman", "group": "all", "method": "", "epsilon": ""}
    rows = [
        row | {"comparison": "attack", "method": "pgd", "epsilon": 0.2, "value": 0.1},
        row | {"comparison": "attack", "method": "pgd", "epsilon": 0.1, "value": 0.3},
        row | {"comparison": "attack", "method": "pgd", "epsilon": 0.1, "group": "flipped"},
        row | {"comparison": "noise", "epsilon": 0.1, "value": 0.9},
        row | {"comparison": "unrelated", "value": 0.05},
        row | {"comparison": "unrelated", "measure": "ssim", "value": 0.5},
    ]
    assert curve_rows(rows) == [
        {"epsilon": 0.1, "pgd": 0.3, "noise": 0.9, "unrelated": 0.05},
        {"epsilon": 0.2, "pgd": 0.1, "unrelated": 0.05},
    ]


def test_the_headline_is_short_and_the_finding_one_line(found: Study, tmp_path: Path) -> None:
    facts = all_facts(found, 0.1, TRACKS, seed=1)
    measured = headline(found, facts, TRACKS, seed=1)
    write_json(tmp_path / "gradcam.json", measured)
    assert json.loads((tmp_path / "gradcam.json").read_text()).keys() == measured.keys()

    def leaves(value: Any) -> int:
        return sum(map(leaves, value.values())) if isinstance(value, dict) else 1

    assert leaves(measured) <= 24
    for item in facts:
        assert measured["shift"][item.method]["attack"]["value"] == item.attack.value
    line = closing(found, facts, 0.1, TRACKS, seed=1)
    assert line.startswith("at epsilon 0.1 | ")
    assert "fgsm" in line
    assert "pgd" in line
    assert "\n" not in line
