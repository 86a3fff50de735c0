"""What tells one class activation map from another: how much each feature map weighs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from detune.gradcam.ablation import logits_without_each
from detune.network.runtime import tf


def grad_cam(head: Any, maps: Any, labels: Any) -> Any:
    """Grad-CAM (Selvaraju et al. 2017): the mean gradient of the target logit.

    Args:
        head: from feature maps to logits `(n, genres)`.
        maps: `(n, height, width, channels)`.
        labels: `(n, k)` targets, k of each segment.

    Returns:
        Weights `(n, k, channels)`.
    """
    gradients = _target_gradients(head, maps, labels)
    return tf.stack([tf.reduce_mean(gradient, axis=(1, 2)) for gradient in gradients], axis=1)


def grad_cam_plus_plus(head: Any, maps: Any, labels: Any) -> Any:
    """Grad-CAM++ (Chattopadhyay et al. 2018): positive gradients, so that each spot counts alike.

    Of the score exp(logit), whose derivatives need no more than the gradient of the logit; the
    factor exp(logit) is left out, because heatmaps are scaled anyway. Arguments and result are
    those of `grad_cam`.
    """
    totals = tf.reduce_sum(maps, axis=(1, 2), keepdims=True)
    weights = []
    for gradient in _target_gradients(head, maps, labels):
        square = tf.square(gradient)
        alpha = tf.math.divide_no_nan(square, 2 * square + totals * square * gradient)
        weights.append(tf.reduce_sum(alpha * tf.nn.relu(gradient), axis=(1, 2)))
    return tf.stack(weights, axis=1)


def ablation_cam(head: Any, maps: Any, labels: Any) -> Any:
    """Ablation-CAM (Ramaswamy & Desai 2020): how far the target logit falls without the map.

    No gradient is needed, but a pass through the head for each map. The drop is not divided by
    the logit as in the paper: heatmaps are scaled anyway, and a logit may be negative. Arguments
    and result are those of `grad_cam`.
    """
    drops = head(maps, training=False)[:, None] - logits_without_each(head, maps)
    return tf.transpose(tf.gather(drops, labels, axis=2, batch_dims=1), [0, 2, 1])


def hires_cam(head: Any, maps: Any, labels: Any) -> Any:
    """HiResCAM (Draelos & Carin 2020): the gradient itself, so that each spot weighs by itself.

    Arguments are those of `grad_cam`; weights are `(n, k, height, width, channels)`.
    """
    return tf.stack(_target_gradients(head, maps, labels), axis=1)


def integrated_gradients(head: Any, maps: Any, labels: Any) -> Any:
    """Integrated gradients (Sundararajan et al. 2017), from all zero on, by `PATH_STEPS` midpoints.

    Times the maps these weights are the share of each value in the logit's rise, up to the error
    of so many steps. Arguments and result are those of `hires_cam`.
    """
    places = (tf.range(PATH_STEPS, dtype=tf.float32) + 0.5) / PATH_STEPS

    def add(total: Any, place: Any) -> Any:
        return total + hires_cam(head, place * maps, labels)

    shape = [*labels.shape, *maps.shape[1:]]
    return tf.foldl(add, places, tf.zeros(shape), parallel_iterations=1) / PATH_STEPS


def _target_gradients(head: Any, maps: Any, labels: Any) -> list[Any]:
    """Gradients of the k target logits by the maps."""
    with tf.GradientTape(persistent=True, watch_accessed_variables=False) as tape:
        tape.watch(maps)
        logits = head(maps, training=False)
        targets = [
            tf.gather(logits, labels[:, place], batch_dims=1) for place in range(labels.shape[1])
        ]
    return [tape.gradient(target, maps) for target in targets]


CAM_METHODS: dict[str, Callable[[Any, Any, Any], Any]] = {
    "grad-cam": grad_cam,
    "grad-cam++": grad_cam_plus_plus,
    "ablation-cam": ablation_cam,
    "hires-cam": hires_cam,
    "integrated-gradients": integrated_gradients,
}
"""The methods, by the name they have in `params.yaml`."""

ON_INPUT = frozenset({"integrated-gradients"})
"""Those that explain the segment itself, whatever layer is chosen."""

PATH_STEPS = 8
"""Steps of integrated gradients."""
