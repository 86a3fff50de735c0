from __future__ import annotations

from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from detune.attack.attacked_model import clean_logits, kept_logits, load_attacked
from detune.attack.defences import DEFENCES
from detune.collection.dataset import Split, load_split
from detune.network.model_file import save_model
from detune.network.runtime import keras
from detune.network.test_logits import save_test_logits
from detune.params.value_types import InputDefence


@pytest.fixture
def trained(folders: tuple[Path, Path], tmp_path: Path) -> tuple[Split, Path]:
    """Test segments, and a folder with a model and logits that are not its own."""
    test, folder = load_split(folders[1], "test"), tmp_path / "model"
    inputs = keras.Input((128, 130, 1))
    logits = keras.layers.Dense(2)(keras.layers.Flatten()(inputs))
    save_model(keras.Model(inputs, logits), ["blues", "rock"], folder)
    save_test_logits(np.zeros((len(test.labels), 2), np.float32), folder)
    return test, folder


def test_without_a_defence_what_training_kept_is_read(trained: tuple[Split, Path]) -> None:
    test, folder = trained
    model, genres = load_attacked(folder, "none")
    assert genres == ["blues", "rock"]
    assert not [layer for layer in model.layers if layer.name.startswith("defence")]
    logits = kept_logits(test, folder, "none")
    assert logits is not None
    assert not logits.any()
    assert not clean_logits(model, test, folder, "none").any()


def test_behind_a_defence_the_model_is_asked_again(trained: tuple[Split, Path]) -> None:
    test, folder = trained
    model, _ = load_attacked(folder, "smoothing")
    assert kept_logits(test, folder, "smoothing") is None
    asked = clean_logits(model, test, folder, "smoothing")
    np.testing.assert_allclose(asked, model(test.values[..., None]), atol=1e-5)
    bare, _ = load_attacked(folder, "none")
    assert np.abs(asked - bare(test.values[..., None])).max() > 0.01


def test_params_know_the_defences() -> None:
    literal, *_ = get_args(InputDefence)
    assert set(DEFENCES) == set(get_args(literal))
