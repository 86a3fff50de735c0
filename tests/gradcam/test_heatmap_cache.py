from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from detune.gradcam import heatmap_cache
from detune.gradcam.attention import Attention
from detune.gradcam.gradcam import GradCam
from detune.gradcam.heatmap_cache import HeatmapCache
from detune.network.runtime import keras

PARTS = ["last", np.arange(3)]


def numbered(calls: list[int]) -> Any:
    """Computes something else at each call."""

    def compute() -> Attention:
        calls.append(len(calls))
        return Attention(np.full((1, 2, 2), len(calls)), np.zeros((1, 3)))

    return compute


def test_what_was_computed_once_is_recalled_by_another_run(tmp_path: Path) -> None:
    calls: list[int] = []
    first = HeatmapCache(tmp_path).get_or_compute(PARTS, numbered(calls))
    again = HeatmapCache(tmp_path).get_or_compute(PARTS, numbered(calls))
    assert calls == [0]
    assert np.array_equal(first.heatmaps, again.heatmaps)
    assert np.array_equal(first.logits, again.logits)


@pytest.mark.parametrize("other", [["conv", np.arange(3)], ["last", np.arange(3.0)]])
def test_anything_else_is_computed(other: list[Any], tmp_path: Path) -> None:
    calls: list[int] = []
    HeatmapCache(tmp_path).get_or_compute(PARTS, numbered(calls))
    HeatmapCache(tmp_path).get_or_compute(other, numbered(calls))
    assert calls == [0, 1]


def test_other_code_recalls_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []
    HeatmapCache(tmp_path).get_or_compute(PARTS, numbered(calls))
    monkeypatch.setattr(heatmap_cache, "CODE", heatmap_cache.CODE[:-1])
    HeatmapCache(tmp_path).get_or_compute(PARTS, numbered(calls))
    assert calls == [0, 1]


def test_a_damaged_file_is_computed_anew(tmp_path: Path) -> None:
    calls: list[int] = []
    HeatmapCache(tmp_path).get_or_compute(PARTS, numbered(calls))
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes()[:100])
    HeatmapCache(tmp_path).get_or_compute(PARTS, numbered(calls))
    HeatmapCache(tmp_path).get_or_compute(PARTS, numbered(calls))
    assert calls == [0, 1]


def test_what_is_no_longer_asked_for_goes(tmp_path: Path) -> None:
    calls: list[int] = []
    earlier = HeatmapCache(tmp_path)
    earlier.get_or_compute(PARTS, numbered(calls))
    earlier.get_or_compute(["old"], numbered(calls))
    later = HeatmapCache(tmp_path)
    later.get_or_compute(PARTS, numbered(calls))
    later.get_or_compute(["new"], numbered(calls))
    later.prune()
    HeatmapCache(tmp_path).get_or_compute(PARTS, numbered(calls))
    HeatmapCache(tmp_path).get_or_compute(["new"], numbered(calls))
    assert calls == [0, 1, 2]
    assert len(list(tmp_path.iterdir())) == 2


def test_grad_cam_recalls_the_same_and_notices_what_differs(
    network: Any, segments: np.ndarray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    targets = np.zeros(3, np.int32)
    plain = GradCam(network).explain(segments[:3], targets)
    computed = GradCam(network, cache=HeatmapCache(tmp_path)).explain(segments[:3], targets)
    with monkeypatch.context() as patch:
        patch.setattr(GradCam, "_explained", None)
        recalled = GradCam(network, cache=HeatmapCache(tmp_path)).explain(segments[:3], targets)
    for found in (computed, recalled):
        assert np.array_equal(found.heatmaps, plain.heatmaps)
        assert np.array_equal(found.logits, plain.logits)
    changed = keras.models.clone_model(network)
    changed.set_weights([weight * np.float32(1.01) for weight in network.get_weights()])
    for cam, some, about in (
        (GradCam(changed, cache=HeatmapCache(tmp_path)), segments[:3], targets),
        (
            GradCam(network, method="grad-cam++", cache=HeatmapCache(tmp_path)),
            segments[:3],
            targets,
        ),
        (GradCam(network, cache=HeatmapCache(tmp_path)), segments[3:6], targets),
        (GradCam(network, cache=HeatmapCache(tmp_path)), segments[:3], targets + 1),
    ):
        before = len(list(tmp_path.iterdir()))
        cam.explain(some, about)
        assert len(list(tmp_path.iterdir())) == before + 1
