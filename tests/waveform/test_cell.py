from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from detune.sound.level import from_16_bit, snr_db
from detune.sound.waveform_classifier import waveform_classifier
from detune.waveform.cell import MASKED, Target, cell_scores, run_cell
from tests.sounding import chords

SOUNDS = chords(4)


@pytest.fixture(scope="module")
def target(network: Any) -> Target:
    logits = waveform_classifier(network).predict(SOUNDS)
    songs = np.array(["a", "a", "b", "c"])
    return Target(np.arange(4), logits.argmax(axis=1), SOUNDS, logits, songs)


@pytest.fixture(scope="module", params=["15", MASKED])
def cell(request: pytest.FixtureRequest, network: Any, target: Target) -> dict[str, np.ndarray]:
    return run_cell(
        network,
        target,
        request.param,
        steps=3,
        relative_step=0.3,
        margin_db=0,
        examples=2,
        seed=1,
        precision="float32",
    ) | {"level": np.asarray(request.param)}


def test_asked_again_from_the_file_the_model_says_what_the_table_says(
    cell: dict[str, np.ndarray], network: Any
) -> None:
    classifier = waveform_classifier(network)
    for sounds, logits in (("adversarial", "adversarial_logits"), ("examples", "example_logits")):
        assert cell[sounds].dtype == np.int16
        again = classifier.predict(from_16_bit(cell[sounds]))
        np.testing.assert_allclose(again, cell[logits], atol=1e-4)


def test_no_sound_in_the_file_is_outside_of_the_ball(cell: dict[str, np.ndarray]) -> None:
    assert (cell["reach"] <= 1 + 1e-6).all()
    assert (cell["example_reach"] <= 1 + 1e-6).all()
    if cell["level"] != MASKED:
        ratio = snr_db(SOUNDS, from_16_bit(cell["adversarial"]))
        np.testing.assert_allclose(ratio, cell["snr_db"], atol=1e-3)
        assert (ratio >= 15 - 1e-3).all()


def test_noise_as_large_stands_beside_the_attack(cell: dict[str, np.ndarray]) -> None:
    kinds = {key for key in cell if key.startswith("noise_")}
    masked = cell["level"] == MASKED
    expected = {MASKED} if masked else {"white", "shaped"}
    assert kinds == {f"noise_{kind}_logits" for kind in expected}
    scores = cell_scores(cell)
    right = cell["adversarial_logits"].argmax(axis=1) == cell["label"]
    assert scores["robust_accuracy"] == right.mean()


def test_a_margin_makes_the_change_smaller(network: Any, target: Target) -> None:
    options: dict[str, Any] = {
        "steps": 2,
        "relative_step": 0.5,
        "examples": 1,
        "seed": 1,
        "precision": "float32",
    }
    near, far = (
        run_cell(network, target, MASKED, margin_db=margin, **options)["example_snr_db"]
        for margin in (0, 12)
    )
    assert (far > near + 9).all()
