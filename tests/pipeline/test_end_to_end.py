"""The whole pipeline, run by DVC as its users run it."""

from __future__ import annotations

import csv
import json
import shutil
import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from detune.support.metrics_file import read_metrics
from tests.pipeline.clones import Project, clone, stages_run

CELLS = ("fgsm-0.01", "fgsm-0.1", "pgd-0.01", "pgd-0.1")


def header(path: Path) -> str:
    return path.read_text().splitlines()[0]


def test_everything_is_up_to_date_after_a_run(project: Project) -> None:
    assert stages_run(project.dvc("repro")) == []
    project.dvc("status", "-q")
    assert project.run("git", "status", "--porcelain") == ""


def test_two_clean_runs_agree_byte_for_byte(project: Project, tmp_path: Path) -> None:
    """The first in a process a stage, with their own hash seeds; the second all in one."""
    again = clone(tmp_path)
    again.reproduce()
    first, second = project.results(), again.results()
    assert first.keys() == second.keys()
    assert {name for name in first if first[name] != second[name]} == set()


def test_contract_of_ingest(project: Project) -> None:
    data = project.folder / "data"
    assert header(data / "tracks.csv") == "track,genre,seconds,sha256,source,group,notes"
    assert header(data / "quarantine.csv") == "source,genre,reason"
    assert len(list((data / "tracks" / "metal").glob("metal.*.flac"))) == 3
    counts = json.loads((project.folder / "metrics/ingest.json").read_text())
    repeats = {"duplicate_groups": 0, "duplicate_tracks": 0, "label_conflicts": 0}
    figures = {"tracks": 9, "genres": 3, "quarantined": 0, "unlisted": 0, "small_genres": 0}
    noted = {"noted": 0, "notes": {}}
    assert counts == figures | repeats | noted | {"reasons": {}}
    assert header(data / "duplicates.csv") == (
        "track,genre,other,other_genre,kind,offset_seconds,shared_seconds,bit_errors"
    )


def test_contract_of_explore(project: Project) -> None:
    columns = header(project.folder / "data/features.csv").split(",")
    assert columns[:4] == ["filename", "length", "chroma_stft_mean", "chroma_stft_var"]
    assert columns[-1] == "label"
    assert len(columns) == 60
    pictures = {path.name for path in (project.folder / "plots/explore").iterdir()}
    assert {"counts.png", "separation.png", "blues.png", "metal.png"} <= pictures
    assert {"overview.png", "outliers.png"} <= pictures
    outliers = header(project.folder / "data/outliers.csv")
    assert outliers == "track,genre,measure,value,robust_z"


def test_contract_of_split(project: Project) -> None:
    with (project.folder / "data/splits.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    assert list(rows[0]) == ["track", "genre", "split", "group"]
    assert [row["split"] for row in rows].count("test") == 3
    figures = json.loads((project.folder / "metrics/split.json").read_text())
    assert figures["tracks"] == {"train": 3, "validation": 3, "test": 3}
    assert (figures["left_out_by_partition"], figures["absent_of_partition"]) == (0, 0)


def test_contract_of_preprocess(project: Project) -> None:
    segments = project.folder / "data/segments"
    assert header(segments / "index.csv") == (
        "split,row,track,genre,label,segment,start_seconds,db_min,db_max"
    )
    for split in ("train", "validation", "test"):
        values = np.load(segments / f"{split}.npy", allow_pickle=False)
        assert values.shape == (9, 128, 130)
        assert values.dtype == np.float32
        assert values.min() == 0
        assert values.max() == 1
    counts = json.loads((project.folder / "metrics/preprocess.json").read_text())
    assert counts["tracks"] == {"train": 3, "validation": 3, "test": 3}
    assert counts["groups"] == {"train": 3, "validation": 3, "test": 3}
    assert counts["segments"] == {"train": 9, "validation": 9, "test": 9}
    assert counts["leaking_groups"] == 0


def test_contract_of_train(project: Project) -> None:
    model = keras.models.load_model(project.folder / "data/model/cnn.keras")
    assert model.input_shape == (None, 128, 130, 1)
    assert model.output_shape == (None, 3)
    labels = json.loads((project.folder / "data/model/labels.json").read_text())
    assert labels["genres"] == ["blues", "classical", "metal"]
    scores = json.loads((project.folder / "metrics/train.json").read_text())
    assert {"segment_accuracy", "song_accuracy", "test_loss", "parameters", "epochs"} <= set(scores)
    plots = project.folder / "plots"
    assert header(plots / "history.csv") == "epoch,loss,val_loss,accuracy,val_accuracy"
    with (plots / "confusion.csv").open() as stream:
        assert [row["actual"] for row in csv.DictReader(stream)] == labels["genres"]


@pytest.mark.parametrize("cell", CELLS)
def test_contract_of_a_cell(project: Project, cell: str) -> None:
    with np.load(project.folder / f"data/attacks/{cell}.npz", allow_pickle=False) as arrays:
        clean = np.load(project.folder / "data/segments/test.npy")
        epsilon = float(cell.split("-")[1])
        rows, examples = arrays["example_rows"], arrays["examples"]
        assert {"row", "label", "clean_prediction", "adversarial_prediction", "l2"} <= set(arrays)
        assert arrays["row"].tolist() == list(range(9))
        assert arrays["linf"].max() <= epsilon + 1e-6
        assert examples.shape == (5, 128, 130)
        size = np.abs(examples - clean[rows]).max(axis=(1, 2))
        np.testing.assert_allclose(size, arrays["example_linf"], atol=1e-6)
        # Full strength: FGSM uses all of epsilon, PGD what its two steps here allow.
        reach = 1.0 if cell.startswith("fgsm") else 0.2
        assert (size >= 0.95 * reach * epsilon).all()
        assert len(arrays["song"]) == len(set(arrays["song"])) == 3
        fallen = arrays["song_adversarial_prediction"] != arrays["song_label"]
        robust = float(np.mean(arrays["adversarial_prediction"] == arrays["label"]))
    scores = json.loads((project.folder / f"metrics/attack/{cell}.json").read_text())
    assert set(scores) == {"robust_accuracy", "song_robust_accuracy", "attack_success_rate"}
    assert scores["robust_accuracy"] == pytest.approx(robust, abs=1e-6)
    assert scores["song_robust_accuracy"] == pytest.approx(1 - fallen.mean(), abs=1e-6)


def test_contract_of_robustness(project: Project) -> None:
    plots = project.folder / "plots"
    assert header(plots / "robustness.csv") == "epsilon,fgsm,pgd,worst"
    assert header(plots / "examples.csv").startswith("method,epsilon,examples,songs,linf_mean")
    assert header(plots / "security_curve.csv") == "epsilon,segments,songs,value,low,high"
    assert header(plots / "cells.csv") == (
        "method,epsilon,epsilon_db_median,segments,songs,clean_accuracy,robust_accuracy,"
        "robust_accuracy_low,robust_accuracy_high,attack_success_rate,song_clean_accuracy,"
        "song_robust_accuracy,linf_max,l2_mean,zero_gradient_fraction"
    )
    assert (plots / "robustness.png").is_file()
    assert len((plots / "cells.csv").read_text().splitlines()) == 1 + len(CELLS)


def test_contract_of_the_verdict(project: Project) -> None:
    written = json.loads((project.folder / "metrics/checks.json").read_text())
    assert set(written) == {"trustworthy", "checks"}
    assert len(written["checks"]) == 26
    for check in written["checks"].values():
        assert set(check) == {"passed", "figure", "bound"}
    passed = all(check["passed"] for check in written["checks"].values())
    assert written["trustworthy"] == passed
    program = ("-m", "detune.robustness.verdict", "metrics/checks.json")
    told = project.run("env", "PYTHONPATH=src", sys.executable, *program, succeed=passed)
    assert told.startswith("verdict: trustworthy" if passed else "verdict: not trustworthy")


def test_contract_of_gradcam(project: Project) -> None:
    with np.load(project.folder / "data/gradcam.npz", allow_pickle=False) as arrays:
        of_grid = {f"grid_{name}" for name in ("row", "method", "epsilon", "heatmap")}
        assert set(arrays) == {"row", "kind", "target", "heatmap"} | of_grid
        assert arrays["grid_heatmap"].shape == (4, 2, 16, 16)
        kinds, heatmaps = arrays["kind"].tolist(), arrays["heatmap"]
    assert heatmaps.shape == (len(kinds), 16, 16)
    counts = read_metrics(project.folder / "metrics/gradcam.json")
    told = {"correct": counts["correct"], "failure": counts["failure"]}
    told |= {method: counts[method]["segments"] for method in ("fgsm", "pgd")}
    for kind, count in told.items():
        drawn = list((project.folder / "plots/gradcam" / kind).glob("*.png"))
        assert len(drawn) == count == kinds.count(kind)
    assert told["fgsm"] == told["pgd"] == 2
    assert (project.folder / "plots/gradcam/genres.png").is_file()


def test_contract_of_the_study_of_attention(project: Project) -> None:
    plots = project.folder / "plots"
    assert header(plots / "attention.csv") == (
        "comparison,method,epsilon,group,measure,segments,songs,value,low,high"
    )
    assert header(plots / "attention_sanity.csv") == "layer,measure,segments,songs,value,low,high"
    assert header(plots / "attention_removal.csv") == "curve,share,segments,songs,value,low,high"
    assert (plots / "attention.png").is_file()
    with (plots / "attention.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    attacked = {(r["method"], r["epsilon"]) for r in rows if r["comparison"] == "attack"}
    assert attacked == {tuple(cell.split("-")) for cell in CELLS}
    for row in rows:
        assert float(row["low"]) <= float(row["value"]) <= float(row["high"])
    measured = read_metrics(project.folder / "metrics/gradcam.json")
    assert {"fgsm", "pgd"} <= set(measured["rank_correlation"])


def test_contract_of_ground_truth(project: Project) -> None:
    plots = project.folder / "plots"
    assert header(plots / "ground_truth.csv") == (
        "test,method,group,measure,versus,segments,songs,value,low,high"
    )
    assert (plots / "ground_truth.png").is_file()
    measured = read_metrics(project.folder / "metrics/ground_truth.json")
    assert measured["confined_attack"]["windows"] <= 6


def test_contract_of_listen(project: Project) -> None:
    plots = project.folder / "plots"
    assert header(plots / "waveform.csv").startswith("level,segments,songs,snr_db_median")
    assert header(plots / "listen.csv").startswith("domain,method,level,treatment,segments")
    assert (plots / "listen.png").is_file()
    folders = {path.name for path in (plots / "listen").iterdir()}
    assert folders == {*CELLS, "snr-20", "masked"}
    for level in ("20", "masked"):
        measured = json.loads((project.folder / f"metrics/waveform/{level}.json").read_text())
        assert 0 <= measured["robust_accuracy"] <= 1
    written = read_metrics(project.folder / "metrics/waveform_checks.json")
    assert set(written) == {"trustworthy", "checks"}
    asked = read_metrics(project.folder / "metrics/listen.json")
    assert set(asked) == {"spectrogram", "waveform", "curve"}


def test_contract_of_heatmaps_as_sound(project: Project) -> None:
    assert header(project.folder / "plots/heatmap_sound.csv") == (
        "mask,versus,figure,segments,songs,value,low,high"
    )
    measured = read_metrics(project.folder / "metrics/heatmap_sound.json")
    assert {"silent", "zero_heatmaps"} <= set(measured)
    names = {
        path.name.rsplit("-")[-1] for path in (project.folder / "plots/heatmap_sound").iterdir()
    }
    assert names <= {"clean.flac", "marked.flac", "rest.flac"}


def test_contract_of_corruptions(project: Project) -> None:
    assert header(project.folder / "plots/corruptions.csv").startswith(
        "kind,severity,unit,segments,songs,segment_accuracy"
    )
    assert (project.folder / "plots/corruptions.png").is_file()
    measured = read_metrics(project.folder / "metrics/corruptions.json")
    assert set(measured["error"]) == {"gain", "tempo"}
    with np.load(project.folder / "data/corruptions/gain.npz") as cell:
        assert cell["severity"].tolist() == ["-20", "-60"]
        assert cell["logits"].shape == (2, 3, 3)


def test_a_further_epsilon_runs_its_own_cells_and_the_collectors(project: Project) -> None:
    more = ("--temp", "--name", "more", "-S", "attack.epsilons=[0.01,0.1,0.05]")
    told = project.dvc("exp", "run", *more)
    cells = {"attack@fgsm-0.05", "attack@pgd-0.05"}
    collectors = {"robustness", "gradcam", "listen", "summary"}
    assert set(stages_run(told)) == {"validate", *cells, *collectors}
    told = project.dvc("exp", "run", "--temp", *more[3:], *cells)
    assert set(stages_run(told)) <= {"validate"}, "the rest comes from the run cache"
    changed = json.loads(project.dvc("metrics", "diff", "--json", "HEAD", "more"))
    new = {"metrics/attack/fgsm-0.05.json", "metrics/attack/pgd-0.05.json"}
    collected = {f"metrics/{name}.json" for name in ("robustness", "checks", "gradcam", "listen")}
    assert new <= set(changed) <= new | collected
    assert project.run("git", "status", "--porcelain") == "", "the workspace stays as it was"


def test_cells_outside_the_list_are_removed(project: Project) -> None:
    cell = "metrics/attack/pgd-0.05.json"
    shutil.copy(project.folder / "metrics/attack/pgd-0.1.json", project.folder / cell)
    before = project.results()
    assert project.stage("robustness").startswith("robustness: ")
    assert before.keys() - {cell} == project.results().keys()
    assert project.run("git", "status", "--porcelain", "metrics", "plots") == ""


def test_plots_are_drawn_from_what_the_stages_wrote(project: Project) -> None:
    drawn = json.loads(project.dvc("plots", "show", "--json"))
    assert not drawn.get("errors")
    plots = drawn["data"]

    def methods(name: str) -> set[str]:
        points = [point for plot in plots[name] for point in plot["content"]["data"]["values"]]
        return {point["method"] for point in points}

    assert methods("robust accuracy of segments") == {"fgsm", "pgd", "worst"}
    assert methods("attention") == {"fgsm", "fgsm noise", "pgd", "pgd noise"}
    assert {"attack", "white noise", "shaped noise"} <= methods("sound")
    assert {"loss", "accuracy", "plots/confusion.csv", "plots/cells.csv"} <= set(plots)
    assert any(name.startswith("plots/gradcam") for name in plots)


def test_the_summary_is_of_this_run(project: Project) -> None:
    metrics = project.folder / "metrics"
    headline = json.loads((metrics / "headline.json").read_text())
    scores = json.loads((metrics / "train.json").read_text())
    assert headline["song_accuracy"] == scores["song_accuracy"]
    finding = json.loads((metrics / "finding.json").read_text())["sentences"]
    claims = [sentence["claim"] for sentence in finding]
    assert claims == ["accuracy", "robustness", "attention", "sound", "verdict"]


def test_a_partition_from_outside_is_a_dependency(project: Project, tmp_path: Path) -> None:
    own = Project(tmp_path / "own")
    shutil.copytree(project.folder, own.folder)
    tracks = [f"{genre}.0000{n}" for genre in ("blues", "classical", "metal") for n in range(3)]
    partition = tmp_path / "partition.csv"

    def rerun(ran: list[str]) -> Any:
        assert stages_run(own.dvc("repro", "preprocess")) == ran
        return json.loads((own.folder / "metrics/preprocess.json").read_text())

    names = ("train", "validation", "test")
    lines = [f"{track},{names[place % 3]}" for place, track in enumerate(tracks)]
    own.change("params.yaml", {"data.partition": str(partition)})
    for listed, checked in ((9, ["validate"]), (8, [])):
        partition.write_text("\n".join(["track,split", *lines[:listed], ""]))
        found = rerun([*checked, "split", "preprocess"])
        assert found["tracks"] == {"train": 3, "validation": 3, "test": listed - 6}
        assert (found["left_out_by_partition"], found["leaking_groups"]) == (9 - listed, 0)
    rerun([])
