from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.lib.stride_tricks import sliding_window_view

from detune.gradcam.gradcam import (
    LAST,
    PREDICTED,
    GradCam,
    last_convolution,
)
from detune.gradcam.sampling import choose_correct, choose_failures
from detune.network.runtime import keras, tf
from detune.support.errors import UserError
from detune.train.network import build_model


def by_hand(network: Any, segment: np.ndarray, target: int) -> np.ndarray:
    """The heatmap of the small network, in NumPy.

    Its logits are linear in the mean of each map, so a map's mean gradient is its weight in the
    dense layer over the number of its positions.
    """
    kernel, bias = network.get_layer("conv").get_weights()
    weights = network.get_layer("logits").get_weights()[0]
    windows = sliding_window_view(segment.astype(np.float64), kernel.shape[:2])[::8, ::8]
    maps = np.maximum(np.einsum("ijab,abk->ijk", windows, kernel[:, :, 0]) + bias, 0)
    heatmap = np.maximum(maps @ (weights[:, target] / maps[..., 0].size), 0)
    return heatmap / (heatmap.max() or 1)


@pytest.mark.parametrize("layer", [LAST, "conv"])
def test_heatmaps_are_those_computed_by_hand(
    layer: str, network: Any, segments: np.ndarray
) -> None:
    targets = np.arange(len(segments)) % 3
    attention = GradCam(network, layer).explain(segments, targets)
    assert attention.heatmaps.shape == (19, 15, 15)
    assert attention.heatmaps.dtype == np.float32
    for heatmap, segment, target in zip(attention.heatmaps, segments, targets, strict=True):
        assert np.abs(heatmap - by_hand(network, segment, target)).max() < 1e-5
    expected = network.predict(segments[..., None], verbose=0)
    assert np.abs(attention.logits - expected).max() < 1e-5


def test_heatmaps_differ_by_target(network: Any, segments: np.ndarray) -> None:
    cam = GradCam(network)
    first, second = (cam.explain(segments[:2], [label] * 2).heatmaps for label in (0, 1))
    assert not np.allclose(first, second)


@pytest.mark.parametrize("count", [1, 7, 8, 9])
def test_a_heatmap_does_not_depend_on_its_company(
    count: int, network: Any, segments: np.ndarray
) -> None:
    cam, targets = GradCam(network), [0, 1, 2] * 6 + [0]
    together = cam.explain(segments, targets)
    apart = cam.explain(segments[:count], targets[:count])
    assert np.abs(apart.heatmaps - together.heatmaps[:count]).max() < 1e-5


def test_several_targets_share_a_pass(network: Any, segments: np.ndarray) -> None:
    cam = GradCam(network)
    together = cam.explain(segments, np.tile([2, 0], (19, 1)))
    assert together.heatmaps.shape == (19, 2, 15, 15)
    for place, label in enumerate((2, 0)):
        alone = cam.explain(segments, [label] * 19).heatmaps
        assert np.abs(together.heatmaps[:, place] - alone).max() < 1e-5


def test_the_predicted_genre_need_not_be_known(network: Any, segments: np.ndarray) -> None:
    cam = GradCam(network)
    found = cam.explain(segments, [PREDICTED] * 19)
    expected = cam.explain(segments, found.logits.argmax(axis=1))
    np.testing.assert_array_equal(found.heatmaps, expected.heatmaps)


@pytest.fixture(scope="module")
def normed() -> keras.Model:
    """The real network, its batch norms as if they had seen something."""
    keras.utils.set_random_seed(1)
    model = build_model(3, spatial_dropout=0.0, dense_dropout=0.0)
    rng = np.random.default_rng(0)
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.set_weights([rng.uniform(0.5, 1.5, each.shape) for each in layer.get_weights()])
    return model


@pytest.mark.parametrize("layer", ["block4b_conv", "block4b_norm", "block2a_relu"])
def test_folding_batch_norm_changes_no_heatmap(
    layer: str, normed: keras.Model, segments: np.ndarray
) -> None:
    """The maps of the layer itself must stay what they are, whatever follows it."""
    found, expected = (
        GradCam(normed, layer, fold=fold).explain(segments[:4], [0, 1, 2, 0])
        for fold in (True, False)
    )
    assert expected.heatmaps.any()
    assert np.abs(found.heatmaps - expected.heatmaps).max() < 1e-3
    assert np.abs(found.logits - expected.logits).max() < 1e-4


def test_heatmaps_of_the_real_network_are_those_of_a_plain_tape(
    normed: keras.Model, segments: np.ndarray
) -> None:
    both = keras.Model(normed.inputs, [normed.get_layer("block4b_conv").output, normed.output])
    with tf.GradientTape() as tape:
        maps, logits = both(segments[:4, ..., None], training=False)
        target = logits[:, 1]
    weights = tape.gradient(target, maps).numpy().mean(axis=(1, 2))
    expected = np.maximum(np.einsum("nc,nhwc->nhw", weights, maps.numpy()), 0)
    expected /= expected.max(axis=(1, 2), keepdims=True)
    found = GradCam(normed).explain(segments[:4], [1] * 4).heatmaps
    assert np.abs(found - expected).max() < 1e-3


def test_heatmaps_reach_from_zero_to_one(network: Any, segments: np.ndarray) -> None:
    heatmaps = GradCam(network).explain(segments, [0, 1, 2] * 6 + [0]).heatmaps
    peaks = heatmaps.max(axis=(1, 2))
    assert heatmaps.min() >= 0
    assert set(np.round(peaks, 6)) <= {0.0, 1.0}
    assert peaks.any()


def test_a_heatmap_of_nothing_stays_zero(segments: np.ndarray) -> None:
    keras.utils.set_random_seed(0)
    inputs = keras.Input((128, 130, 1))
    maps = keras.layers.Conv2D(4, 16, strides=16, activation="relu", name="maps")(inputs)
    pooled = keras.layers.GlobalAveragePooling2D()(maps)
    network = keras.Model(inputs, keras.layers.Dense(2, name="head")(pooled))
    # Every map speaks for the second class and against the first.
    signs = np.array([[-1.0, 1.0]] * 4, dtype=np.float32)
    network.get_layer("head").set_weights([signs, np.zeros(2, np.float32)])
    against = GradCam(network).explain(segments[:3], [0, 0, 0]).heatmaps
    assert not against.any()
    assert np.isfinite(against).all()
    assert GradCam(network).explain(segments[:3], [1, 1, 1]).heatmaps.any(axis=(1, 2)).all()


def test_the_last_convolution_is_taken_unless_another_is_named(segments: np.ndarray) -> None:
    keras.utils.set_random_seed(0)
    inputs = keras.Input((128, 130, 1))
    early = keras.layers.Conv2D(2, 8, strides=8, name="early")(inputs)
    late = keras.layers.Conv2D(2, 3, strides=2, name="late")(early)
    pooled = keras.layers.GlobalAveragePooling2D()(late)
    network = keras.Model(inputs, keras.layers.Dense(2)(pooled))
    shapes = [
        GradCam(network, layer).explain(segments[:1], [0]).heatmaps.shape
        for layer in (LAST, "late", "early")
    ]
    assert shapes == [(1, 7, 7), (1, 7, 7), (1, 16, 16)]


def test_the_networks_last_convolution_is_that_of_its_last_block() -> None:
    model = build_model(10, spatial_dropout=0.15, dense_dropout=0.4)
    assert last_convolution(model) == "block4b_conv"


def test_integrated_gradients_explain_the_segment_itself(
    normed: keras.Model, segments: np.ndarray
) -> None:
    cam = GradCam(normed, method="integrated-gradients")
    found = cam.explain(segments[:2], [1, 2])
    assert found.heatmaps.shape == (2, 128, 130)
    expected = normed.predict(segments[:2, ..., None], verbose=0)
    assert np.abs(found.logits - expected).max() < 1e-4
    # Where a segment is silent nothing can speak for a genre.
    assert not found.heatmaps[segments[:2] == 0].any()


@pytest.mark.parametrize("layer", ["block9_conv", "logits"])
def test_a_layer_without_maps_is_told_the_ones_with_maps(layer: str, network: Any) -> None:
    with pytest.raises(UserError) as caught:
        GradCam(network, layer)
    message = str(caught.value)
    assert f"gradcam.layer: {layer!r} is not there" in message
    assert message.endswith("conv")
    assert "\n" not in message


def test_the_surest_correct_segments_are_chosen_by_genre() -> None:
    logits = np.array(
        [[3.0, 0, 0], [9.0, 8.5, 0], [5.0, 0, 0], [0, 1.0, 0], [2.0, 0, 0], [0, 0, 4.0]]
    )
    labels = np.array([0, 0, 0, 1, 2, 2])
    assert choose_correct(logits, labels, 2).tolist() == [2, 0, 3, 5]
    assert choose_correct(logits, labels, 9).tolist() == [2, 0, 1, 3, 5]
    assert choose_correct(logits, labels, 0).tolist() == []


def test_the_surest_failures_are_chosen_first() -> None:
    logits = np.array([[3.0, 0, 0], [0, 1.0, 0], [0, 0, 7.0], [2.0, 0, 0], [0, 6.0, 5.0]])
    labels = np.array([0, 0, 0, 2, 2])
    assert choose_failures(logits, labels, 2).tolist() == [2, 3]
    assert choose_failures(logits, labels, 9).tolist() == [2, 3, 1, 4]
    assert choose_failures(logits, labels, 0).tolist() == []


@given(seed=st.integers(0, 9999), count=st.integers(0, 12))
def test_correct_and_failed_segments_are_told_apart_by_the_prediction(
    seed: int, count: int
) -> None:
    rng = np.random.default_rng(seed)
    logits, labels = rng.normal(size=(30, 4)), rng.integers(4, size=30)
    hits = logits.argmax(axis=1) == labels
    correct, failures = (
        choose(logits, labels, count) for choose in (choose_correct, choose_failures)
    )
    assert hits[correct].all()
    assert not hits[failures].any()
    assert len(failures) == min(count, int((~hits).sum()))
    for label in range(4):
        assert (labels[correct] == label).sum() == min(count, int(hits[labels == label].sum()))
    assert (np.diff(labels[correct]) >= 0).all()


def test_no_segments_give_no_heatmaps(network: keras.Model) -> None:
    attention = GradCam(network).explain(np.empty((0, 128, 130), np.float32), [])
    assert attention.heatmaps.ndim == 3
    assert len(attention.heatmaps) == len(attention.logits) == 0
