"""The figures of a run that a reviewer reads first."""

from __future__ import annotations

from typing import Any

from detune.summary.results import METHODS, Results


def headline(results: Results) -> dict[str, Any]:
    """The content of `metrics/headline.json`; null where something was not measured.

    None of them depends on which other epsilons are attacked.
    """
    metrics = results.metrics
    robust = {method: results.robust_songs(method) for method in METHODS}
    masked = results.below_masking()
    below_noise = metrics["gradcam"]["rank_correlation"]["pgd"]["original_class_below_noise"]
    confined = metrics["ground_truth"].get("confined_attack", {})
    return {
        "song_accuracy": metrics["train"]["song_accuracy"],
        "segment_accuracy": metrics["train"]["segment_accuracy"],
        "robust_song_accuracy": {
            method: None if right is None else float(right.mean())
            for method, right in robust.items()
        },
        "robust_song_accuracy_epsilon": results.epsilon,
        "correct_below_masking": _value(masked),
        "mean_corruption_error": metrics["corruptions"]["mean_corruption_error"],
        "heatmap_correlation_below_noise": _value(below_noise),
        "heatmap_pointing_beyond_loudest_place": _value(confined.get("beyond_loudest_place")),
        "trustworthy": metrics["checks"]["trustworthy"],
        "trustworthy_on_sound": metrics["waveform_checks"]["trustworthy"],
    }


def _value(interval: Any) -> float | None:
    return None if interval is None else float(interval["value"])
