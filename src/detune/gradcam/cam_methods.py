"""What tells one class activation map from another: how much each feature map weighs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

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
    channels = maps.shape[-1]
    logits = tf.gather(head(maps, training=False), labels, batch_dims=1)

    def drop(channel: Any) -> Any:
        rest = maps * (1 - tf.one_hot(channel, channels))
        return logits - tf.gather(head(rest, training=False), labels, batch_dims=1)

    drops = tf.map_fn(drop, tf.range(channels), fn_output_signature=tf.float32)
    return tf.transpose(drops, [1, 2, 0])


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
}
"""The methods, by the name they have in `params.yaml`."""
