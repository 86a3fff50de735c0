from __future__ import annotations

from detune.review.metrics import compare_metrics, estimates
from detune.statistics.bootstrap import Estimate

CONTENT = {
    "rank": {"pgd": {"value": 0.1, "low": -0.2, "high": 0.4}},
    "share": 0.5,
    "share_low": 0.25,
    "share_high": 0.75,
    "count": 3,
    "gone": {"value": None, "low": None, "high": None},
}


def test_figures_with_an_interval_are_found_at_any_depth() -> None:
    assert dict(estimates(CONTENT, "gradcam")) == {
        "gradcam.rank.pgd": Estimate(0.1, -0.2, 0.4, 0, 0),
        "gradcam.share": Estimate(0.5, 0.25, 0.75, 0, 0),
    }


def test_a_figure_of_one_side_is_listed_without_a_difference() -> None:
    before = {"gradcam": CONTENT, "train": CONTENT}
    found = list(compare_metrics(before, {"gradcam": {"rank": CONTENT["rank"]}}))
    assert [(d.name, d.change) for d in found] == [
        ("gradcam.rank.pgd", 0.0),
        ("gradcam.share", None),
    ]
