"""Who is asked where a genre is heard: every CAM method, and baselines that know less.

An explainer takes segments `(n, 128, 130)` and targets `(n,)` and gives heat `(n, 128, 130)`, at
least 0, on the segment's own grid.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from detune.attack.classifier import CompiledClassifier
from detune.audio.constants import SHAPE
from detune.gradcam.cam_methods import CAM_METHODS
from detune.gradcam.gradcam import LAST, GradCam
from detune.gradcam.upsampling import upsample
from detune.network.runtime import keras

Explainer = Callable[[np.ndarray, np.ndarray], np.ndarray]

LOUDEST = "loudest place"
GRADIENT = "plain gradient"
BASELINES = (LOUDEST, GRADIENT)
RANDOM = "random weights"


def all_explainers(
    model: keras.Model, classifier: CompiledClassifier, layer: str = LAST
) -> dict[str, Explainer]:
    """Every CAM method at `layer`, and the baselines, by name."""
    cams = {
        method: partial(heat_on_segments, GradCam(model, layer, method)) for method in CAM_METHODS
    }
    return {**cams, LOUDEST: _loudest_place, GRADIENT: partial(_plain_gradient, classifier)}


def random_explainer(model: keras.Model, layer: str, method: str, seed: int) -> Explainer:
    """The same method on the network with random weights: what it marks knows nothing."""
    keras.utils.set_random_seed(seed)
    return partial(heat_on_segments, GradCam(keras.models.clone_model(model), layer, method))


def heat_on_segments(cam: GradCam, segments: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Heatmaps `(n, 128, 130)` of `segments` `(n, 128, 130)` for `targets` `(n,)`."""
    heatmaps = cam.explain(segments, targets).heatmaps
    if heatmaps.shape[1:] == SHAPE:
        return heatmaps
    spread = [upsample(heatmap, SHAPE) for heatmap in heatmaps]
    return np.asarray(spread, dtype=np.float32).reshape(-1, *SHAPE)


def _loudest_place(segments: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """The segment as its own heat: what is loud counts, whatever the network and the target."""
    return segments


def _plain_gradient(
    classifier: CompiledClassifier, segments: np.ndarray, targets: np.ndarray
) -> np.ndarray:
    """The absolute gradient of the target's logit (Simonyan et al. 2014)."""
    gradients = classifier.class_gradient(segments[..., None], targets)
    return np.asarray(np.abs(gradients[:, 0, :, :, 0]))
