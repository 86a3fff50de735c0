from __future__ import annotations

import json
import re
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from detune.summary.model_card import Origin, find_origin, model_card, write_release
from detune.summary.results import Results
from tests.summary.made import METRICS, RESULTS, checks

TRAINED = METRICS["train"] | {
    **{"epochs": 7, "exported_epoch": 5, "exported_weights": "average", "parameters": 123},
    **{"precision": "float32", "processor": "some processor"},
}
SPLITS = ("train", "validation", "test")
METRICS_OF_CARD = METRICS | {
    "train": TRAINED,
    "preprocess": {
        "tracks": dict(zip(SPLITS, (31, 9, 8), strict=True)),
        "segments": dict(zip(SPLITS, (310, 90, 80), strict=True)),
    },
}
RUN = replace(RESULTS, metrics=METRICS_OF_CARD)
ORIGIN = Origin("songs", False, "none", adversarial_epsilon=0.01, defence="none", keras="3.9")
VERSIONS = {"numpy": "2.1", "keras": "3.9"}


def card(results: Results = RUN, origin: Origin = ORIGIN) -> str:
    return model_card(results, origin, VERSIONS)


def test_the_card_says_what_the_model_is_and_how_fragile() -> None:
    text = card()
    for said in (
        *("31 tracks (310 segments) of `songs`. 9 tracks", "Genres: blues, jazz."),
        *("7 epochs, without adversarial training; weights: average of epoch 5.",),
        *("1. The network classifies 88 % of 8 test songs correctly", "[shown]"),
        "5. All 3 checks of the attacks pass.",
        *("| jazz | 75 |", "tested on 8 songs", "Processor: some processor; precision: float32"),
        *("Keras 3.9 wrote the model", "numpy 2.1, keras 3.9."),
    ):
        assert said in text, said
    assert "FGSM" not in text  # it was not run
    assert "do not rely" not in text


def test_accuracies_have_the_intervals_of_their_songs() -> None:
    rows = re.findall(r"^\| (\S.*) \| (\d+) \| (\d+) to (\d+) \|$", card(), re.MULTILINE)
    assert [(name, value) for name, value, _, _ in rows] == [
        ("without attack", "88"),
        ("PGD, epsilon 0.02", "12"),
    ]
    assert all(int(low) < int(value) < int(high) for _, value, low, high in rows)


def test_the_head_is_what_registries_read() -> None:
    _, head, body = card().split("---\n", maxsplit=2)
    assert yaml.safe_load(head)["library_name"] == "keras"
    assert body.startswith("# Model card: genre-cnn\n")


@pytest.mark.parametrize("file", ["checks", "waveform_checks"])
def test_a_verdict_that_is_not_trustworthy_is_said_twice(file: str) -> None:
    failed = replace(RUN, metrics=METRICS_OF_CARD | {file: checks(False)})
    assert card(failed).count("do not rely on") == 2


def test_a_defence_and_composed_music_are_said() -> None:
    text = card(origin=replace(ORIGIN, composed=True, adversarial="pgd"))
    assert "of adversarial training (`pgd`, epsilon 0.01)" in text
    assert "composes and renders itself" in text
    assert "Recorded music" in text
    assert "Recorded music" not in card()


def test_a_defence_of_the_input_is_said_to_be_no_part_of_the_file() -> None:
    text = card(origin=replace(ORIGIN, defence="quantisation"))
    assert "behind a change of its input, `attack.defence=quantisation`, which is not part" in text
    assert "attack.defence" not in card()


def test_results_without_songs_or_shares_make_a_card() -> None:
    empty = TRAINED | {"song_accuracy_by_genre": {"blues": None, "jazz": 0.5}}
    text = card(replace(RUN, metrics=METRICS_OF_CARD | {"train": empty}, songs=[]))
    assert "| blues | – |" in text  # noqa: RUF001
    assert "PGD was not run at epsilon 0.02." in text


def test_the_release_is_the_model_with_its_card(tmp_path: Path) -> None:
    model, folder = tmp_path / "model", tmp_path / "release"
    model.mkdir()
    with zipfile.ZipFile(model / "cnn.keras", "w") as archive:
        archive.writestr("metadata.json", json.dumps({"keras_version": "3.14.0"}))
    (model / "labels.json").write_text("{}")
    (model / "test_logits.npy").touch()
    origin = find_origin("/home/someone/secret/songs.yaml", "pgd", 0.02, "smoothing", model)
    assert origin == Origin("songs.yaml", True, "pgd", 0.02, "smoothing", "3.14.0")
    write_release(model, "the card", folder)
    assert {path.name for path in folder.iterdir()} == {"cnn.keras", "labels.json", "README.md"}
    assert (folder / "cnn.keras").read_bytes() == (model / "cnn.keras").read_bytes()
    assert (folder / "README.md").read_text() == "the card"
