"""A review as text for a terminal, as Markdown for a comment, and as JSON."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Sequence

from detune.review.comparison import Difference
from detune.review.pictures import FOLDER, HEATMAPS
from detune.review.review import Review

HEADER = ("figure", "before", "after", "change", "95 % interval", "")


def as_text(review: Review) -> str:
    """Lines for a terminal; shares and differences with three digits."""
    rows = [HEADER, *(_cells(d) for d in review.differences)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    table = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    return "\n".join([*_summary(review), "", *table, "", *_remarks(review)])


def as_markdown(review: Review) -> str:
    """A comment for a pull request: what is shown, and the whole table to unfold."""
    head, *rest = _summary(review)
    table = [
        _row(HEADER),
        _row(["---"] * len(HEADER)),
        *(_row(_cells(d)) for d in review.differences),
    ]
    return "\n".join(
        [
            f"### {head}",
            "",
            *(f"- {line}" for line in rest),
            *(f"- {line}" for line in _remarks(review)),
            "",
            "<details>",
            f"<summary>All {len(review.differences)} figures</summary>",
            "",
            *table,
            "",
            "</details>",
        ]
    )


def as_json(review: Review) -> str:
    """Everything, for programs."""
    return json.dumps(dataclasses.asdict(review), indent=2)


FORMATS = {"text": as_text, "markdown": as_markdown, "json": as_json}


def _summary(review: Review) -> Iterator[str]:
    """What was compared, and what is shown."""
    yield f"Review: {review.before} -> {review.after}"
    (segments, songs), after = review.counts
    if review.paired:
        yield f"{segments} test segments of {songs} songs, each compared with itself"
    else:
        yield (
            f"Other test segments: {segments} of {songs} songs before, {after[0]} of {after[1]} "
            "after; compared as two samples"
        )
    shown = [d for d in review.differences if d.shown]
    compared = sum(d.change is not None for d in review.differences)
    for d in shown:
        _, before, now, change, interval, _ = _cells(d)
        yield f"Shown: {d.name}: {before} before, {now} after, {change} ({interval})"
    if not shown:
        yield f"Nothing is shown: none of {compared} figures differs by more than chance"
    elif len(shown) < compared:
        yield f"Not shown: the other {compared - len(shown)} figures"


def _remarks(review: Review) -> Iterator[str]:
    """The verdicts, what else differs, and the songs that changed most."""
    before, after = (_verdict(trustworthy) for trustworthy in review.verdicts)
    yield f"Verdict: {before} -> {after}" if before != after else f"Verdict: {after} in both"
    for cause in review.causes:
        yield f"Differs: {cause}"
    if not review.causes:
        yield "Nothing else differs: parameters, data, code, processor"
    for song, change in review.songs:
        said = f"Changed most: {song}: {change:+.3f} of its segments right, over all attacks"
        pictures = (review.pictures or {}).get(song)
        yield f"{said}; pictures: {', '.join(pictures)}" if pictures else said
    if review.songs and review.pictures is None:
        brings = f"`dvc pull {HEATMAPS} {FOLDER}`, from whoever has pushed them, or `dvc repro`"
        yield f"Pictures of these songs are not here: {brings}"


def _verdict(trustworthy: bool) -> str:
    return "trustworthy" if trustworthy else "NOT trustworthy"


def _cells(d: Difference) -> Sequence[str]:
    """A row of the table."""
    interval = "" if d.low is None or d.high is None else f"{d.low:+.3f} to {d.high:+.3f}"
    change = "" if d.change is None else f"{d.change:+.3f}"
    return (d.name, _number(d.before), _number(d.after), change, interval, _state(d))


def _state(d: Difference) -> str:
    """Whether a difference is shown; that of equal figures is none."""
    if d.change is None or d.low is None or d.high is None:
        return ""
    if d.shown:
        return "shown"
    if d.change == 0:
        return "same"
    outside = d.low > 0 or d.high < 0
    return "not shown after correction" if outside else "not shown"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _row(cells: Sequence[str]) -> str:
    """A row of a Markdown table."""
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"
