"""Metrics files hold all figures, and show few of them to `dvc metrics diff`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from dvc.render.converter.vega import get_datapoints
from hypothesis import given
from hypothesis import strategies as st

from detune.support.files import read_json
from detune.support.metrics_file import DETAILS, read_metrics, with_details, write_metrics

ROOT = Path(__file__).parents[2]

FIGURES = {
    "segments": 20,
    "gain": {"value": 0.5, "low": 0.25, "high": 0.75},
    "by_method": {"fgsm": {"fooled": 3, "right": 4}, "pgd": {"fooled": 5, "right": 6}},
    "curve": [{"epsilon": 0.1, "value": 0.5}],
}


def compared(content: Any, above: str = "") -> Iterator[str]:
    """The dotted names that `dvc metrics diff` compares: of all that is not in a list."""
    for name, value in content.items():
        if isinstance(value, dict):
            yield from compared(value, f"{above}{name}.")
        elif not isinstance(value, list):
            yield f"{above}{name}"


def test_what_is_named_is_compared_and_the_rest_is_a_detail(tmp_path: Path) -> None:
    write_metrics(tmp_path / "m.json", FIGURES, ("segments", "gain.value", "by_method.*.right"))
    assert set(compared(read_json(tmp_path / "m.json"))) == {
        *("segments", "gain.value", "by_method.fgsm.right", "by_method.pgd.right")
    }
    assert read_metrics(tmp_path / "m.json") == FIGURES


def test_an_object_is_compared_with_all_that_is_in_it(tmp_path: Path) -> None:
    write_metrics(tmp_path / "m.json", FIGURES, ("gain", "by_method", "segments"))
    assert DETAILS not in read_json(tmp_path / "m.json")
    assert read_metrics(tmp_path / "m.json") == FIGURES


def test_a_file_without_details_is_read_as_it_is() -> None:
    assert with_details(FIGURES) == FIGURES


def test_dvc_takes_no_detail_for_a_point_of_a_curve(tmp_path: Path) -> None:
    write_metrics(tmp_path / "m.json", FIGURES, ("segments",))
    assert get_datapoints(read_json(tmp_path / "m.json")) == FIGURES["curve"]


NAMES = st.sampled_from(["a", "b", "0.1", "c d"])
TREES = st.recursive(
    st.integers() | st.none() | st.text() | st.just({}),
    lambda inner: st.dictionaries(NAMES, inner, min_size=1),
    max_leaves=8,
)


@given(st.dictionaries(NAMES, TREES), st.lists(st.sampled_from(["a", "a.b", "*.b", "b", "*"])))
def test_nothing_is_lost(figures: dict[str, Any], names: list[str]) -> None:
    written: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "detune.support.metrics_file.write_json",
            lambda path, content: written.append(json.dumps(content)),
        )
        write_metrics(Path("m.json"), figures, names)
    assert with_details(json.loads(written[0])) == figures


def test_the_committed_results_have_few_figures_to_compare() -> None:
    """Cells and checks have their keys by contract; of all others a diff shows at most forty."""
    names = [
        f"{path.stem}.{name}"
        for path in (ROOT / "metrics").glob("*.json")
        if path.stem in ("gradcam", "ground_truth", "heatmap_sound", "listen", "corruptions")
        for name in compared(read_json(path))
    ]
    assert len(names) <= 40, names
