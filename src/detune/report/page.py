"""The page: a template filled with results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import yaml
from jinja2 import Environment, PackageLoader, StrictUndefined

from detune.report.by_epsilon import Strip
from detune.report.charts import AREA, Chart, chart
from detune.report.media import Clip, Picture
from detune.report.results import Results
from detune.robustness.check_table import documentation
from detune.summary.finding import REMARK

CELL_COLUMNS = {
    "method": "method",
    "epsilon": "ε",
    "epsilon_db_median": "ε, dB",
    "segments": "segments",
    "robust_accuracy": "segments correct",
    "song_robust_accuracy": "songs correct",
    "attack_success_rate": "attack success",
    "l2_mean": "mean L2",
}
"""Columns of the table of cells, and what they are called on the page."""


def render(
    results: Results,
    pictures: Sequence[Picture],
    clips: Sequence[Clip],
    strips: Sequence[Strip],
    versions: Mapping[str, str],
) -> str:
    """The page as HTML; the same results give the same bytes.

    Args:
        results: of a run.
        pictures: of segments with heatmaps.
        clips: sounds.
        strips: segments at each epsilon.
        versions: of packages and of the project itself, by name.
    """
    environment = Environment(
        loader=PackageLoader("detune.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"percent": percent, "zip": zip}
    environment.globals["documentation"] = documentation
    return environment.get_template("page.html").render(
        results=results,
        charts=charts(results),
        area=AREA,
        remark=REMARK,
        columns=CELL_COLUMNS,
        pictures=pictures,
        clips=clips,
        strips=strips,
        versions=versions,
        params=yaml.safe_dump(dict(results.params), sort_keys=False, allow_unicode=True),
    )


def charts(results: Results) -> list[Chart]:
    """Robustness of segments and songs, attention, and sound, where there are points."""
    metrics = results.metrics
    drawn = [
        (metrics["robustness"], "epsilon", "robust_accuracy", "Segments that remain correct"),
        (metrics["robustness"], "epsilon", "song_robust_accuracy", "Songs that remain correct"),
        (metrics["gradcam"], "epsilon", "rank_correlation", "Heatmaps: likeness to clean ones"),
        (metrics["listen"], "snr_db", "correct", "Attacks on the sound itself"),
    ]
    names = {"epsilon": "epsilon", "snr_db": "signal-to-noise ratio, dB"}
    labels = {"rank_correlation": "rank correlation"}
    return [
        chart(
            content["curve"],
            x,
            y,
            title=title,
            labels=(names[x], labels.get(y, "share correct")),
            log=x == "epsilon",
        )
        for content, x, y, title in drawn
        if content.get("curve")
    ]


def percent(value: Any) -> str:
    """A share in percent; a dash where there is none."""
    return "–" if value is None or value == "" else f"{100 * float(value):.1f}"  # noqa: RUF001
