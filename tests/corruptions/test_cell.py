from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from detune.audio.segments import cut_segments
from detune.collection.dataset import Split, load_split
from detune.corruptions.cell import corrupted, run_cell
from detune.corruptions.dynamics import gain
from detune.corruptions.material import Material, read_materials
from detune.network.model_file import predict_logits
from detune.support.errors import UserError

NONE = np.empty((0, 3), np.float32)


@pytest.fixture(scope="module")
def given(folders: tuple[Path, Path]) -> tuple[Split, np.ndarray, list[Material]]:
    audio, segments = folders
    test = load_split(segments, "test")
    return test, *read_materials(test, np.array([0, 2]), audio, 1)


def test_a_cell_has_what_the_network_says_of_every_severity(given: Any, network: Any) -> None:
    test, rows, materials = given
    clean = predict_logits(network, test.values[rows])
    cell = run_cell(network, test, rows, materials, clean=clean, kind="gain", severities=(-40, -60))
    assert cell["logits"].shape == (2, *cell["clean_logits"].shape)
    assert cell["severity"].tolist() == ["-40", "-60"]
    assert str(cell["unit"]) == "dB"
    assert cell["label"].tolist() == test.labels[rows].tolist()
    assert cell["song"].tolist() == [test.tracks[row] for row in rows]
    np.testing.assert_array_equal(cell["clean_logits"], clean)
    by_hand = np.concatenate([cut_segments(gain(one, -60), 1).values for one in materials])
    np.testing.assert_allclose(cell["logits"][1], predict_logits(network, by_hand), atol=1e-5)
    assert np.abs(cell["logits"][1] - clean).max() > 1e-3


def test_no_corruption_gives_the_segment_that_preprocessing_made(given: Any) -> None:
    test, rows, materials = given
    for row, material in zip(rows, materials, strict=True):
        same = corrupted("compression", (1,), material)[0]
        np.testing.assert_allclose(same, test.values[row], atol=1e-4)


def test_a_kind_that_does_not_exist_and_no_segment_are_named(given: Any, network: Any) -> None:
    test, rows, materials = given
    with pytest.raises(UserError, match=r"corruption 'dust' does not exist: choose white_noise"):
        run_cell(network, test, rows, materials, clean=NONE, kind="dust", severities=(1,))
    with pytest.raises(UserError, match="too short tracks"):
        run_cell(network, test, rows[:0], [], clean=NONE, kind="gain", severities=(-3,))
