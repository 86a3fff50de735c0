from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from detune.attack.classifier import CompiledClassifier
from detune.audio.constants import SHAPE
from detune.gradcam.cam_methods import CAM_METHODS
from detune.ground_truth.confined_attack import Fallen, attack_windows, mark_explainers
from detune.ground_truth.explainers import LOUDEST, all_explainers, random_explainer
from detune.ground_truth.localization import INSIDE, IOU, POINTING
from detune.ground_truth.marks import BEFORE, CHANCE, NOISE, trials
from tests.ground_truth.toy import band_listener, band_mask
from tests.planted import split_of


@pytest.fixture(scope="module")
def toy() -> Any:
    return band_listener()


@pytest.fixture(scope="module")
def fallen(toy: Any) -> Fallen:
    """Segments that are quiet in the toy's band and loud above it, attacked in that band."""
    values = np.random.default_rng(0).uniform(0.2, 0.6, (4, *SHAPE)).astype(np.float32)
    values[:, 90:] += 0.3
    split = split_of(values, np.zeros(4, np.int64))
    windows = np.repeat(band_mask()[None], 4, axis=0), ["band"] * 4
    classifier = CompiledClassifier(toy)
    return attack_windows(classifier, split, np.arange(4), seed=1, windows=windows)


def test_only_the_window_is_changed_until_the_segment_falls(fallen: Fallen) -> None:
    assert len(fallen.rows) == fallen.tried == 4
    changed = fallen.adversarial != fallen.clean
    assert changed[fallen.windows].any()
    assert not changed[~fallen.windows].any()
    assert fallen.targets.tolist() == [1] * 4


def test_every_method_gets_full_marks_where_the_network_hears_one_band_only(
    toy: Any, fallen: Fallen
) -> None:
    explainers = all_explainers(toy, CompiledClassifier(toy))
    for marks in mark_explainers(fallen, explainers):
        if marks.method in CAM_METHODS:
            for measure in (POINTING, IOU, INSIDE):
                assert marks.values[measure] == pytest.approx(np.ones(4)), marks.method
                assert (marks.references[CHANCE][measure] < 0.5).all()
            # It looked there before, too: the segment changed, the place did not.
            assert marks.references[BEFORE][INSIDE] == pytest.approx(np.ones(4))
            # And it looks there whatever is changed.
            assert marks.references[NOISE][INSIDE] == pytest.approx(np.ones(4))
        if marks.method == LOUDEST:
            assert not marks.values[POINTING].any()


def test_random_weights_get_chance(network: Any, segments: np.ndarray, labels: np.ndarray) -> None:
    split = split_of(segments, labels)
    rows = np.flatnonzero(network.predict(segments[..., None], verbose=0).argmax(axis=1) == labels)
    found = attack_windows(CompiledClassifier(network), split, rows, seed=1)
    assert len(found.rows) > 20
    songs = [split.tracks[row] for row in found.rows]
    bootstrap = trials(songs, found.sizes, seed=1).bootstrap
    explainers = {
        method: random_explainer(network, "last", method, seed=2) for method in CAM_METHODS
    }
    for marks in mark_explainers(found, explainers):
        for measure in (POINTING, INSIDE):
            beyond = bootstrap.estimate(marks.values[measure] - marks.references[CHANCE][measure])
            assert beyond is not None
            assert beyond.low < 0.05, (marks.method, measure)


def test_segments_that_are_wrong_when_clean_are_not_counted_as_fallen(toy: Any) -> None:
    values = np.full((2, *SHAPE), 0.9, np.float32)
    split = split_of(values, np.zeros(2, np.int64))
    found = attack_windows(CompiledClassifier(toy), split, np.arange(2), seed=1)
    assert found.tried == 6
    assert not found.rows.size
