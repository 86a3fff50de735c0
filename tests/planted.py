"""Judge a small network as the pipeline judges the real one, healthy or with a planted failure."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
import yaml

from detune.attack import cell as cells_module
from detune.attack.cell import cell_arrays, run_cell
from detune.attack.classifier import CompiledClassifier
from detune.collection.dataset import IndexRow, Split
from detune.controls import attacked_sample
from detune.controls.control_attacks import Controls
from detune.network.model_file import predict_logits
from detune.params.method_options import Pgd, Square
from detune.params.parsing import parse_params
from detune.params.sections import Attack
from detune.robustness import verdict
from detune.robustness.checks import Check
from detune.robustness.example_audit import count_mismatches
from detune.support.files import read_json, write_json

PARAMS = Path(__file__).parents[1] / "params.yaml"
EPSILONS = (0.0005, 0.002)


def settings(**pgd: Any) -> Attack:
    """The shipped settings, made small; `pgd` changes those of PGD."""
    attack = parse_params(yaml.safe_load(PARAMS.read_text(encoding="utf-8"))).attack
    few = replace(Pgd(20, 0.1, random_start=False, restarts=1, abort_early=4.0), **pgd)
    return replace(attack, pgd=few, pgd_margin=few)


@lru_cache(maxsize=4)
def _classifier(network: Any, loss: str, precision: str) -> CompiledClassifier:
    return CompiledClassifier(network, loss=loss, precision=precision)


@contextmanager
def traced_once() -> Iterator[None]:
    """Cells and controls of the same network share its classifiers, whose graphs take longest."""

    def shared(network: Any, loss: str = "cross-entropy", precision: str = "float32") -> Any:
        classifier = _classifier(network, loss, precision)
        classifier.gradients = classifier.useless_gradients = 0
        return classifier

    with pytest.MonkeyPatch.context() as patch:
        for module in (cells_module, attacked_sample):
            patch.setattr(module, "CompiledClassifier", shared)
        yield


def split_of(segments: np.ndarray, labels: np.ndarray) -> Split:
    """Segments as a test split: songs of up to four, each of one genre."""
    index = []
    for row, label in enumerate(labels):
        earlier = sum(labels[:row] == label)
        track = f"{label}.{earlier // 4}"
        index.append(IndexRow("test", row, track, "abc"[label], int(label), 0, 0.0, -80.0, 0.0))
    return Split(segments, index, list("abc"))


def attacked(
    network: Any, segments: np.ndarray, labels: np.ndarray, attack: Attack
) -> dict[tuple[str, float], dict[str, np.ndarray]]:
    """The arrays of a small grid's cells."""
    test = split_of(segments, labels)
    cells = {}
    for epsilon in EPSILONS:
        for method in ("fgsm", "pgd"):
            cell = run_cell(
                network,
                test,
                method=method,
                epsilon=epsilon,
                options=attack.options(method),
                examples=5,
                seed=attack.seed,
            )
            cells[method, epsilon] = cell_arrays(cell, test)
    return cells


def judge(
    network: Any, segments: np.ndarray, labels: np.ndarray, attack: Attack | None = None
) -> dict[str, Check]:
    """Every check of the verdict on `network`."""
    attack = attack or settings()
    with traced_once():
        cells = attacked(network, segments, labels, attack)
        clean = cells["pgd", EPSILONS[0]]
        right = clean["clean_prediction"] == labels
        sample = right if right.any() else ~right
        controls = measured(network, segments[sample], labels[sample], attack)
    return judge_cells(cells, controls, network, segments)


def judge_cells(
    cells: dict[tuple[str, float], dict[str, np.ndarray]],
    controls: Any,
    network: Any,
    segments: np.ndarray,
) -> dict[str, Check]:
    """Every check of the verdict on what cells' files and the controls hold."""
    mismatches = count_mismatches(
        cells, cells.__getitem__, segments, lambda x: predict_logits(network, x)
    )
    with TemporaryDirectory() as folder:
        write_json(Path(folder) / "controls.json", controls)
        written = read_json(Path(folder) / "controls.json")
    return verdict.collect(cells, mismatches, written, 3)


def measured(network: Any, segments: np.ndarray, labels: np.ndarray, attack: Attack) -> Any:
    """What the controls find on a sample."""
    controls = Controls(network, segments, labels, epsilon=EPSILONS[0], seed=attack.seed)
    black = Square(segments=len(labels), iterations=20)
    return controls.measure(attack.pgd, attack.pgd_margin, attack.noise, black)


def failed(found: dict[str, Check]) -> set[str]:
    """Names of the checks that failed."""
    return {name for name, check in found.items() if not check.passed}
