from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from detune.network.model_file import load_model, predict_logits, save_model
from detune.network.runtime import keras
from detune.support.errors import UserError
from detune.train.network import build_model

GENRES = [f"genre{n}" for n in range(10)]


@pytest.fixture(scope="module")
def model() -> Any:
    keras.utils.set_random_seed(0)
    return build_model(10, spatial_dropout=0.15, dense_dropout=0.4)


@pytest.fixture(scope="module")
def saved(model: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    save_model(model, GENRES, folder)
    return folder


def test_shapes_are_those_of_segments_and_genres(model: Any) -> None:
    assert model.input_shape == (None, 128, 130, 1)
    assert model.output_shape == (None, 10)


def test_the_output_is_logits_and_not_probabilities(model: Any, segments: np.ndarray) -> None:
    assert model.layers[-1].activation is keras.activations.linear
    logits = predict_logits(model, segments[:3])
    assert logits.shape == (3, 10)
    assert logits.dtype == np.float32
    assert logits.min() < 0
    assert np.abs(logits.sum(axis=1) - 1).min() > 1e-3


def test_logits_do_not_depend_on_the_batch(model: Any, segments: np.ndarray) -> None:
    together = predict_logits(model, segments[:5])
    apart = predict_logits(model, segments[:5], batch_size=2)
    assert np.abs(together - apart).max() < 1e-5


def test_saving_twice_gives_the_same_bytes(model: Any, saved: Path, tmp_path: Path) -> None:
    save_model(model, GENRES, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cnn.keras", "labels.json"]
    for name in ("cnn.keras", "labels.json"):
        assert (tmp_path / name).read_bytes() == (saved / name).read_bytes()
    with zipfile.ZipFile(saved / "cnn.keras") as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        metadata = json.loads(archive.read("metadata.json"))
    assert "date_saved" not in metadata
    assert metadata["keras_version"]


def test_the_same_weights_in_another_network_give_the_same_bytes(
    model: Any, saved: Path, tmp_path: Path
) -> None:
    # Keras notes the address of the number format that layers share; another process has another.
    earlier = keras.config.dtype_policy()
    keras.config.set_dtype_policy(keras.DTypePolicy("float32"))
    try:
        other = build_model(10, spatial_dropout=0.15, dense_dropout=0.4)
    finally:
        keras.config.set_dtype_policy(earlier)
    other.set_weights(model.get_weights())
    save_model(other, GENRES, tmp_path)
    assert (tmp_path / "cnn.keras").read_bytes() == (saved / "cnn.keras").read_bytes()


def test_other_weights_give_other_bytes(model: Any, saved: Path, tmp_path: Path) -> None:
    other = keras.models.clone_model(model)
    save_model(other, GENRES, tmp_path)
    assert (tmp_path / "cnn.keras").read_bytes() != (saved / "cnn.keras").read_bytes()


def test_stock_keras_loads_it_and_gives_the_same_logits(
    model: Any, saved: Path, segments: np.ndarray
) -> None:
    stock = keras.models.load_model(saved / "cnn.keras")
    logits = stock.predict(segments[:3, ..., None], verbose=0)
    assert np.abs(logits - predict_logits(model, segments[:3])).max() < 1e-5


def test_a_model_comes_back_with_its_genres_in_order(
    model: Any, tmp_path: Path, segments: np.ndarray
) -> None:
    names = list(reversed(GENRES))
    save_model(model, names, tmp_path)
    found, genres = load_model(tmp_path)
    assert genres == names
    assert np.array_equal(predict_logits(found, segments[:2]), predict_logits(model, segments[:2]))


def error_of(folder: Path) -> str:
    with pytest.raises(UserError) as caught:
        load_model(folder)
    message = str(caught.value)
    assert message.startswith(f"{folder / 'cnn.keras'}: ")
    assert "dvc repro train" in message
    assert "\n" not in message
    return message


def test_a_missing_model_is_told(tmp_path: Path) -> None:
    assert "no model there" in error_of(tmp_path)


def test_a_model_of_another_number_of_genres_is_told(network: Any, tmp_path: Path) -> None:
    save_model(network, ["blues", "rock"], tmp_path)
    assert "(None, 3), expected (None, 128, 130, 1) to (None, 2)" in error_of(tmp_path)


def test_a_model_of_other_segments_is_told(tmp_path: Path) -> None:
    inputs = keras.Input((64, 130, 1))
    pooled = keras.layers.GlobalAveragePooling2D()(inputs)
    save_model(keras.Model(inputs, keras.layers.Dense(2)(pooled)), ["blues", "rock"], tmp_path)
    assert "maps (None, 64, 130, 1)" in error_of(tmp_path)


def test_a_damaged_model_or_a_lost_list_of_genres_is_told(network: Any, tmp_path: Path) -> None:
    save_model(network, ["blues", "jazz", "rock"], tmp_path)
    content = (tmp_path / "cnn.keras").read_bytes()
    (tmp_path / "cnn.keras").write_bytes(content[: len(content) // 2])
    assert "damaged" in error_of(tmp_path)
    (tmp_path / "labels.json").unlink()
    assert "no model there" in error_of(tmp_path)
