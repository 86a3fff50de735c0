"""Do heatmaps depend on what was learned? Weights are made random from the top down.

The sanity check of Adebayo et al. (2018): a heatmap that stays the same when the weights are random
shows the segment, not the network.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from detune.gradcam.gradcam import GradCam
from detune.gradcam.measures import compare
from detune.network.runtime import keras

layers = keras.layers


def randomize_parameters(
    model: keras.Model,
    segments: np.ndarray,
    *,
    seed: int,
    explainer: Callable[..., GradCam] = GradCam,
) -> Iterator[tuple[str, dict[str, np.ndarray]]]:
    """Make a copy's weights random, one layer after the other, the logits' first.

    Args:
        model: it stays as it is.
        segments: `(n, 128, 130)` whose heatmaps are compared, each about its predicted genre.
        seed: of the random weights, which are what a training would begin with.
        explainer: makes the `GradCam` of a model.

    Yields:
        The layer that has become random last, and how its heatmaps compare with those of the
        model as it was, `MEASURES` by name.
    """
    keras.utils.set_random_seed(seed)
    random = keras.models.clone_model(model)
    broken = keras.models.clone_model(model)
    broken.set_weights(model.get_weights())
    # Its weights change while the graph stays: nothing may be folded into others.
    cam = explainer(broken, fold=False)
    logits = cam.explain(segments, [0] * len(segments)).logits
    targets = logits.argmax(axis=1)
    before = cam.explain(segments, targets).heatmaps
    for item in reversed(model.layers):
        if not item.weights:
            continue
        broken.get_layer(item.name).set_weights(random.get_layer(item.name).get_weights())
        # A norm above becomes random together with the layer that it normalises.
        if isinstance(item, layers.Conv2D | layers.Dense):
            after = cam.explain(segments, targets).heatmaps
            yield item.name, compare(before, after)
