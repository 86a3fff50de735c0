from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from detune.figures.attention_shift import draw_study
from detune.gradcam.comparison import (
    ADVERSARIAL,
    ATTACK,
    FIRST_WRONG,
    NOISE,
    NOISE_ORIGINAL,
    ORIGINAL,
    OTHER_CLASSES,
    RETRAINED,
    Comparison,
)
from detune.gradcam.effects import measure_effects
from detune.gradcam.faithfulness import SHARES, Curves
from detune.gradcam.measures import MEASURES
from detune.gradcam.tables import (
    Tables,
    curve,
    headline,
    measure_trust,
    message,
    tabulate,
    write_tables,
)
from detune.statistics.bootstrap import Bootstrap
from detune.support.files import read_csv, write_json

BOOTSTRAP = Bootstrap([f"t{row % 8}" for row in range(24)], 1)
RNG = np.random.default_rng(0)
OF_CELLS = (ATTACK, ORIGINAL, ADVERSARIAL, NOISE, NOISE_ORIGINAL, FIRST_WRONG)


def comparison(kind: str, method: str = "", epsilon: float | None = None) -> Comparison:
    values = {measure: RNG.normal(size=24) for measure in MEASURES}
    sizes = {"linf": np.full(24, 0.1), "rms": np.full(24, 0.08)} if method else {}
    return Comparison(kind, values, np.arange(24) % 3 > 0, method, epsilon, sizes)


COMPARISONS = [comparison(kind, method, 0.1) for method in ("fgsm", "pgd") for kind in OF_CELLS]
COMPARISONS += [comparison(OTHER_CLASSES), comparison(RETRAINED)]
SANITY = [(layer, comparison(NOISE).values) for layer in ("logits", "conv")]
ROWS = np.arange(0, 24, 2)
REMOVAL = Curves(*RNG.normal(size=(4, len(ROWS), len(SHARES)))), ROWS


@pytest.fixture(scope="module")
def tables() -> Tables:
    return tabulate(COMPARISONS, SANITY, REMOVAL, BOOTSTRAP)


def test_tables_are_written_with_their_intervals(tables: Tables, tmp_path: Path) -> None:
    write_tables(tables, tmp_path)
    rows = read_csv(tmp_path / "attention.csv")
    assert {row["measure"] for row in rows} == set(MEASURES)
    points = curve(tables.comparisons)["curve"]
    assert {point["method"] for point in points} == {"fgsm", "fgsm noise", "pgd", "pgd noise"}
    for point in points:
        low, value, high = (point[f"rank_correlation{end}"] for end in ("_low", "", "_high"))
        assert low <= value <= high
    sizes = read_csv(tmp_path / "attention_size.csv")
    kinds = {(row["comparison"], row["method"]) for row in sizes}
    expected = (ORIGINAL, NOISE_ORIGINAL, FIRST_WRONG)
    assert kinds == {(kind, method) for kind in expected for method in ("fgsm", "pgd")}
    assert {(row["linf_mean"], row["rms_mean"]) for row in sizes} == {("0.1", "0.08")}
    sanity = read_csv(tmp_path / "attention_sanity.csv")
    assert [row["layer"] for row in sanity if row["measure"] == "ssim"] == ["logits", "conv"]
    removal = read_csv(tmp_path / "attention_removal.csv")
    assert {row["curve"] for row in removal} == set(vars(REMOVAL[0]))
    for row in [*rows, *sizes, *sanity, *removal]:
        assert float(row["low"]) <= float(row["value"]) <= float(row["high"])


def test_curves_are_of_rank_correlation_over_all_segments() -> None:
    row = {"measure": "spearman", "group": "all", "method": "", "epsilon": "", "low": -1, "high": 1}
    pgd = row | {"method": "pgd", "epsilon": 0.1}
    rows = [
        pgd | {"comparison": ATTACK, "epsilon": 0.2, "value": 0.1},
        pgd | {"comparison": ATTACK, "value": 0.3},
        pgd | {"comparison": ATTACK, "group": "flipped"},
        pgd | {"comparison": NOISE, "value": 0.9},
        pgd | {"comparison": ORIGINAL, "value": 0.7},
        row | {"comparison": OTHER_CLASSES, "value": 0.05},
        row | {"comparison": OTHER_CLASSES, "measure": "ssim", "value": 0.5},
    ]
    points = curve(rows)["curve"]
    assert [(p["method"], p["epsilon"], p["rank_correlation"]) for p in points] == [
        *(("pgd", 0.2, 0.1), ("pgd", 0.1, 0.3), ("pgd noise", 0.1, 0.9))
    ]
    assert {(p["rank_correlation_low"], p["rank_correlation_high"]) for p in points} == {(-1, 1)}


def test_the_headline_is_short_and_the_message_one_line(tmp_path: Path) -> None:
    effects = [measure_effects(COMPARISONS, name, 0.1, BOOTSTRAP) for name in ("fgsm", "pgd")]
    trust = measure_trust(COMPARISONS, SANITY, REMOVAL, BOOTSTRAP)
    measured = headline(effects, trust)
    write_json(tmp_path / "gradcam.json", measured)
    assert json.loads((tmp_path / "gradcam.json").read_text()).keys() == measured.keys()

    def leaves(value: Any) -> int:
        return sum(map(leaves, value.values())) if isinstance(value, dict) else 1

    assert leaves(measured) <= 24
    for item in effects:
        assert item.original is not None
        figures = measured["rank_correlation"][item.method]
        assert figures["original_class"]["value"] == item.original.value
        assert figures["original_class_below_noise"]["low"] <= 0.5
    line = message(effects, trust, 0.1)
    assert line.startswith("at epsilon 0.1 | under FGSM")
    assert "under PGD" in line
    assert "\n" not in line


def test_heatmaps_that_are_all_zero_make_empty_tables_and_a_picture_without_lines(
    tmp_path: Path,
) -> None:
    nothing = [
        replace(item, values={name: np.full(24, np.nan) for name in MEASURES})
        for item in COMPARISONS
    ]
    sanity = [(layer, {name: np.full(24, np.nan) for name in MEASURES}) for layer, _ in SANITY]
    removal = Curves(*np.empty((4, 0, len(SHARES)))), ROWS[:0]
    tables = tabulate(nothing, sanity, removal, BOOTSTRAP)
    assert (tables.comparisons, tables.sanity, tables.removal) == ([], [], [])
    write_tables(tables, tmp_path)
    draw_study(*tables.parts, tmp_path / "attention.png")
    effects = [measure_effects(nothing, name, 0.1, BOOTSTRAP) for name in ("fgsm", "pgd")]
    trust = measure_trust(nothing, sanity, removal, BOOTSTRAP)
    assert set(vars(trust).values()) == {None}
    assert headline(effects, trust)["deletion_gain"] is None
    assert headline(effects, trust)["rank_correlation"]["pgd"]["original_class_below_noise"] is None
    assert curve(tables.comparisons) == {}
    assert "\n" not in message(effects, trust, 0.1)
