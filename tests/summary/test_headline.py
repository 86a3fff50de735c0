from __future__ import annotations

from dataclasses import replace

from detune.summary.headline import headline
from tests.summary.made import METRICS, RESULTS, SONGS


def test_the_headline_has_the_figures_of_the_other_stages() -> None:
    assert headline(RESULTS) == {
        "song_accuracy": 0.875,
        "segment_accuracy": 0.8,
        "robust_song_accuracy": {"fgsm": None, "pgd": 0.125},
        "robust_song_accuracy_epsilon": 0.02,
        "correct_below_masking": 0.1,
        "mean_corruption_error": 0.4,
        "heatmap_correlation_below_noise": 0.3,
        "heatmap_pointing_beyond_loudest_place": 0.4,
        "trustworthy": True,
        "trustworthy_on_sound": True,
    }


def test_a_further_epsilon_changes_none_of_them() -> None:
    more = [row | {"pgd-0.03": "jazz", "fgsm-0.03": "jazz"} for row in SONGS]
    assert headline(replace(RESULTS, songs=more)) == headline(RESULTS)


def test_what_was_not_measured_is_null() -> None:
    metrics = METRICS | {
        "gradcam": {"rank_correlation": {"pgd": {"original_class_below_noise": None}}},
        "ground_truth": {"off": {}},
        "listen": {"waveform": {}},
    }
    figures = headline(replace(RESULTS, metrics=metrics, songs=[]))
    nothing = {name for name, value in figures.items() if value is None}
    assert nothing == {
        *("correct_below_masking", "heatmap_correlation_below_noise"),
        "heatmap_pointing_beyond_loudest_place",
    }
    assert figures["robust_song_accuracy"] == {"fgsm": None, "pgd": None}
