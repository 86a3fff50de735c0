"""Judge a small network as the pipeline judges the real one, healthy or with a planted failure."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import yaml

from detune.attack.cell import cell_arrays, run_cell
from detune.attack.controls import Controls
from detune.params import Attack, Pgd, Square, parse_params
from detune.robustness import verdict
from detune.robustness.checks import Check
from detune.support.files import read_json, write_json

PARAMS = Path(__file__).parents[1] / "params.yaml"
EPSILONS = (0.0005, 0.002)


def settings(**pgd: Any) -> Attack:
    """The shipped settings, made small; `pgd` changes those of PGD."""
    attack = parse_params(yaml.safe_load(PARAMS.read_text(encoding="utf-8"))).attack
    few = replace(Pgd(20, 0.1, random_start=False, restarts=1, give_up=3.0), **pgd)
    return replace(attack, pgd=few, pgd_margin=few)


def judge(
    network: Any, segments: np.ndarray, labels: np.ndarray, attack: Attack | None = None
) -> dict[str, Check]:
    """Every check of the verdict on `network`."""
    attack = attack or settings()
    cells = {}
    for method in ("fgsm", "pgd"):
        for epsilon in EPSILONS:
            cell = run_cell(
                network,
                segments,
                labels,
                method=method,
                epsilon=epsilon,
                options=attack.options(method),
                examples=5,
                seed=attack.seed,
            )
            cells[method, epsilon] = cell_arrays(cell, segments, labels)
    clean = cells["pgd", EPSILONS[0]]
    right = clean["clean_prediction"] == labels
    sample = right if right.any() else ~right
    controls = measured(network, segments[sample], labels[sample], attack)
    with TemporaryDirectory() as folder:
        write_json(Path(folder) / "controls.json", controls)
        return verdict.collect(cells, read_json(Path(folder) / "controls.json"), 3)


def measured(network: Any, segments: np.ndarray, labels: np.ndarray, attack: Attack) -> Any:
    """What the controls find on a sample."""
    controls = Controls(network, segments, labels, epsilon=EPSILONS[0], seed=attack.seed)
    black = Square(segments=len(labels), iterations=20)
    return controls.measure(attack.pgd, attack.pgd_margin, attack.noise, black)


def failed(found: dict[str, Check]) -> set[str]:
    """Names of the checks that failed."""
    return {name for name, check in found.items() if not check.passed}
