"""Sets that become empty: nobody right, wrong or fooled, a genre, a song or a segment left.

Each ends in tables with fewer rows and in values that a file can hold, without a warning.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from detune.collection.dataset import Split
from detune.figures.attention_shift import draw_study
from detune.figures.breakdown import draw_breakdown
from detune.figures.genre_attention import draw_genres
from detune.figures.ground_truth import draw_ground_truth
from detune.figures.listen import draw_listen
from detune.figures.robustness import draw_robustness
from detune.figures.training import draw_confusion
from detune.gradcam import examples, study, tables
from detune.gradcam.effects import measure_effects
from detune.ground_truth import study as ground_truth
from detune.listen import files, sounds
from detune.listen import study as listen
from detune.network.model_file import predict_logits
from detune.network.runtime import keras
from detune.params.method_options import PICTURED
from detune.params.sections import Gradcam
from detune.robustness import breakdown, headline, summary, verdict
from detune.robustness.predictions import write_predictions
from detune.sound.front_end import to_segments
from detune.statistics.bootstrap import Bootstrap
from detune.statistics.scores import confusion_matrix, evaluate, song_predictions
from detune.support.files import read_csv, read_json, write_json, write_npz
from detune.train.report import chance_warning
from detune.waveform import table
from detune.waveform.cell import MASKED, Target, run_cell
from tests.planted import (
    EPSILONS,
    attacked,
    judge_cells,
    measured,
    settings,
    split_of,
    traced_once,
)
from tests.sounding import chords

STUBBORN = {
    "nobody right": [1, 1, 1, 2, 2],
    "one segment, right and not fooled": [0],
}
"""Labels of segments that a network takes for genre 0, whatever an attack does."""

NO_FIRST_GENRE = "a genre without songs"
"""Segments that attacks turn, of the other genres."""


@dataclass(frozen=True)
class Case:
    """What is tested: a network, segments, and cells of a grid."""

    network: Any
    test: Split
    logits: np.ndarray
    cells: dict[tuple[str, float], dict[str, np.ndarray]]
    bootstrap: Bootstrap


@pytest.fixture(scope="module", params=[*STUBBORN, NO_FIRST_GENRE])
def case(request: pytest.FixtureRequest, network: Any, segments: np.ndarray) -> Case:
    if request.param in STUBBORN:
        labels = np.asarray(STUBBORN[request.param])
        network = stubborn(network)
        values = segments[: len(labels)]
    else:
        labels = predict_logits(network, segments).argmax(axis=1)
        kept = np.flatnonzero(labels != 0)[:8]
        values, labels = segments[kept], labels[kept]
    test = split_of(values, labels)
    with traced_once():
        cells = attacked(network, values, labels, settings(steps=3))
    logits = predict_logits(network, values)
    return Case(network, test, logits, cells, Bootstrap(test.tracks, 0))


def stubborn(network: Any) -> Any:
    """A copy that answers genre 0, with gradients that lead nowhere near another answer."""
    copy = keras.models.clone_model(network)
    copy.set_weights(network.get_weights())
    head = copy.get_layer("logits")
    head.set_weights([0.01 * head.get_weights()[0], np.array([60, 0, 0], np.float32)])
    return copy


@pytest.fixture(autouse=True)
def without_warnings() -> Iterator[None]:
    """numpy warns of what would be an empty cell of a table, or a null."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        yield


def written(folder: Path, content: Any) -> Any:
    """What a JSON file gives back."""
    write_json(folder / "written.json", content)
    return read_json(folder / "written.json")


def test_scores_of_training(case: Case, tmp_path: Path) -> None:
    labels, tracks, genres = case.test.labels, case.test.tracks, case.test.genres
    scores = written(tmp_path, evaluate(case.logits, labels, tracks, genres, seed=0))
    right = (case.logits.argmax(axis=1) == labels).mean()
    assert scores["segment_accuracy"] == pytest.approx(right, abs=1e-6)
    assert set(scores["song_accuracy_by_genre"]) == {genres[label] for label in labels}
    truth = dict(zip(tracks, labels, strict=True))
    matrix = confusion_matrix(truth, song_predictions(case.logits, tracks), 3)
    assert matrix.sum() == len(set(tracks))
    draw_confusion(matrix, genres, tmp_path / "confusion.png")
    assert "of 1 validation songs right" in chance_warning(np.array([right > 0]), 3)


def test_tables_of_robustness(case: Case, tmp_path: Path) -> None:
    cells, test, bootstrap = case.cells, case.test, case.bootstrap
    rows = summary.summarise_cells(cells, bootstrap, test.db_ranges)
    worst = summary.worst_case(cells, bootstrap)
    summary.write_tables(rows, summary.summarise_examples(cells, bootstrap), worst, tmp_path)
    breakdown.write_tables(cells, test.genres, bootstrap, tmp_path)
    write_predictions(cells, test, (np.empty(0, int), np.empty(0)), tmp_path)
    draw_robustness(summary.on_all_segments(rows), tmp_path / "a.png", chance=1 / 3, worst=worst)
    parts = breakdown.break_down(cells, test.genres, test.tracks)
    draw_breakdown(parts, tmp_path / "b.png")
    smallest = breakdown.smallest_of_any(cells, len(test.labels))
    figures = written(tmp_path, headline.headline(rows, worst, smallest))
    fooled = {row["method"] for row in read_csv(tmp_path / "confusions.csv")}
    assert (figures["median_smallest_epsilon"] is None) == (not fooled)
    assert headline.message(rows)
    assert len(read_csv(tmp_path / "cells.csv")) == len(cells)


def test_the_verdict(case: Case, tmp_path: Path) -> None:
    values, labels = case.test.values, case.test.labels
    right = case.logits.argmax(axis=1) == labels
    sample = right if right.any() else ~right
    with traced_once():
        controls = measured(case.network, values[sample], labels[sample], settings(steps=3))
    checks = judge_cells(case.cells, controls, case.network, values)
    content = written(tmp_path, verdict.content(checks))
    assert content["trustworthy"] == verdict.line(checks).startswith("trustworthy")


def test_attention(case: Case, tmp_path: Path) -> None:
    params = Gradcam(
        method="grad-cam",
        layer="last",
        target="predicted",
        epsilon=EPSILONS[0],
        correct_per_genre=1,
        failures=2,
        attacked=2,
    )
    files = {cell: tmp_path / f"{cell[0]}-{cell[1]}.npz" for cell in case.cells}
    for cell, path in files.items():
        write_npz(path, **case.cells[cell])
    subject = study.prepare(case.network, case.test, case.test, params, seed=0)
    comparisons, heatmaps = study.compare_cells(subject, files)
    comparisons += study.compare_controls(subject)
    sanity, removal = study.measure_sanity(subject), study.measure_removal(subject)
    results = tables.tabulate(comparisons, sanity, removal, case.bootstrap)
    tables.write_tables(results, tmp_path)
    draw_study(*results.parts, tmp_path / "attention.png")
    trust = tables.measure_trust(comparisons, sanity, removal, case.bootstrap)
    effects = [measure_effects(comparisons, name, EPSILONS[0], case.bootstrap) for name in PICTURED]
    figures = written(tmp_path, tables.headline(effects, trust) | tables.curve(results.comparisons))
    assert (figures["rank_correlation"]["other_classes"] is None) == (
        len(set(case.test.labels)) < 2
    )
    assert "too few songs" in tables.message(effects, trust, EPSILONS[0])
    counted = attention_pictures(case, subject, heatmaps, params, tmp_path)
    right = case.logits.argmax(axis=1) == case.test.labels
    assert counted["correct"] == len(set(case.test.labels[right]))
    assert counted["failure"] == min(2, (~right).sum())


def attention_pictures(
    case: Case, subject: study.Subject, heatmaps: Any, params: Gradcam, folder: Path
) -> dict[str, Any]:
    """Choose what is drawn, draw the genres, and count it."""
    pictured = {method: case.cells[method, EPSILONS[0]] for method in PICTURED}
    under = examples.select_attacked(subject.clean, heatmaps, case.test, pictured, EPSILONS[0])
    sets = examples.select_clean(subject.clean, pictured["pgd"], case.test, params)
    heat = examples.genre_heat(under, case.test)
    draw_genres(heat, folder / "genres.png", epsilon=EPSILONS[0])
    arrays = examples.attention_arrays([*sets, *under], heatmaps)
    assert np.isfinite(arrays["heatmap"]).all()
    assert len(arrays["grid_heatmap"]) == len(case.cells)
    return examples.attention_counts([*sets, *under], case.test)


def test_ground_truth(case: Case, tmp_path: Path) -> None:
    subject = ground_truth.prepare(case.network, case.test, case.logits, layer="last", seed=0)
    result = ground_truth.run_confined_attack(subject, 2)
    right = (case.logits.argmax(axis=1) == case.test.labels).sum()
    assert result.figures["windows"] == 3 * min(2, right)
    assert written(tmp_path, ground_truth.headlines([result]))
    draw_ground_truth(result.rows, ground_truth.PICTURE, tmp_path / "truth.png")


@pytest.mark.parametrize(("example", "fooled"), [(0, True), (1, False)])
def test_sound(network: Any, tmp_path: Path, *, example: int, fooled: bool) -> None:
    """One segment of two is listened to; 1 is the example of a cell that attacked a sample."""
    samples, network = chords(2), stubborn(network)
    test = split_of(to_segments(samples), np.array([0, 0]))
    bootstrap, logits = Bootstrap(test.tracks, 0), np.eye(3)[[1 if fooled else 0]]
    cells = waveform_cells(network, test, samples[:1], logits)
    rows, half = table.tabulate(cells, bootstrap), table.median_snr(cells)
    assert [row["correct"] for row in rows] == [float(not fooled)] * 2
    assert half == (20.0 if fooled else None)
    recordings = sounds.Recordings(
        np.arange(1), samples[:1], test.values[:1], test.db_ranges[:1], np.ones((1, 1025, 130))
    )
    attack = {"row": np.array([example]), "label": np.zeros(1, int), "example_logits": logits}
    attack |= {"example_rows": attack["row"], "examples": test.values[[example]]}
    write_npz(tmp_path / "square-0.1.npz", **attack)
    grid = {("square", 0.1): tmp_path / "square-0.1.npz"}
    made = listen.bring_to_sound(grid, cells, recordings, 1)
    answered = listen.ask_all(network, made, recordings, bootstrap)
    assert {row["stay_fooled"] != "" for row in answered} == {fooled}
    draw_listen(answered, rows, tmp_path / "listen.png", chance=1 / 3)
    assert files.write_sounds(made, test, 3, tmp_path / "sounds") == 4 * (3 - example)
    figures = listen.headline(answered, 0.1, rows, half) | table.curve(rows)
    assert written(tmp_path, figures)["waveform"]["snr_db_of_half"] == half
    assert written(tmp_path, verdict.content(table.verdict(cells)))["checks"]
    said = listen.message(answered, 0.1)
    assert said.startswith("no attacked segment" if example else "square at 0.1: ")


def waveform_cells(
    network: Any, test: Split, samples: np.ndarray, logits: np.ndarray
) -> dict[str, dict[str, np.ndarray]]:
    """Cells of one segment, attacked in one step, and answered as `logits` say."""
    target = Target(np.arange(1), test.labels[:1], samples, np.eye(3)[:1], np.array(["0.0"]))
    how: Any = {"steps": 1, "relative_step": 0.1, "margin_db": 0, "examples": 5, "seed": 0}
    told = {"adversarial_logits": logits, "example_logits": logits}
    return {
        level: run_cell(network, target, level, precision="float32", **how) | told
        for level in ("20", MASKED)
    }
