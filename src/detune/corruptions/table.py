"""The table of all corruptions, and their summary."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from detune.statistics.bootstrap import Bootstrap
from detune.statistics.scores import right_songs

ENDS = ("", "_low", "_high")
"""Of the names of a value and its interval."""

COLUMNS = (
    *("kind", "severity", "unit", "segments", "songs"),
    *(
        f"{name}{end}"
        for name in ("segment_accuracy", "song_accuracy", "segment_accuracy_change")
        for end in ENDS
    ),
)

COMPARED = ("segments", "mean_corruption_error", "relative_corruption_error")
"""What of `metrics/corruptions.json` is no detail."""

MEAN = "mean"
"""Over all kinds, in a table that has a column a kind."""

Arrays = Mapping[str, np.ndarray]
Cells = Mapping[str, Arrays]
"""The arrays of each cell's file, by kind."""

Row = dict[str, Any]


def tabulate(cells: Cells, seed: int) -> list[Row]:
    """Rows of `plots/corruptions.csv`: a row for each kind and severity.

    Args:
        cells: of every kind.
        seed: of the bootstrap over songs.
    """
    return [
        {"kind": kind, "severity": str(severity), "unit": str(arrays["unit"])}
        | _scores(arrays, logits, seed)
        for kind, arrays in cells.items()
        for severity, logits in zip(arrays["severity"], arrays["logits"], strict=True)
    ]


def _scores(arrays: Arrays, logits: np.ndarray, seed: int) -> Row:
    """Accuracy of segments and songs, and what the corruption changed, with intervals."""
    labels, tracks = arrays["label"], arrays["song"].tolist()
    before, after = (_right(one, labels) for one in (arrays["clean_logits"], logits))
    songs, names = right_songs(logits, labels, tracks)
    by_segment = Bootstrap(tracks, seed)
    return (
        {"segments": len(labels), "songs": len(names)}
        | by_segment.share("segment_accuracy", after)
        | Bootstrap(names, seed).share("song_accuracy", songs)
        | by_segment.share("segment_accuracy_change", after - before)
    )


def headline(cells: Cells, rows: list[Row], seed: int) -> dict[str, Any]:
    """The content of `metrics/corruptions.json`.

    The mean corruption error is that of ImageNet-C (Hendrycks & Dietterich 2019) without its
    division by the errors of AlexNet, as there is no such network for music: the error of
    segments, averaged over the severities of each kind, and then over the kinds. The relative one
    is what remains of it when the clean error is taken away.

    Args:
        cells: of every kind.
        rows: of `tabulate`.
        seed: of the bootstrap over songs.
    """
    first = next(iter(cells.values()))
    clean = _right(first["clean_logits"], first["label"])
    errors = {kind: 1 - _shares(arrays) for kind, arrays in cells.items()}
    mean = np.mean(list(errors.values()), axis=0)
    bootstrap = Bootstrap(first["song"].tolist(), seed)
    return {
        "segments": len(clean),
        "clean_error": float(1 - clean.mean()),
        **bootstrap.share("mean_corruption_error", mean),
        **bootstrap.share("relative_corruption_error", mean - (1 - clean)),
        "error": {kind: float(values.mean()) for kind, values in errors.items()},
        "curve": [
            {"kind": kind, "place": place}
            | {f"segment_accuracy{end}": row[f"segment_accuracy{end}"] for end in ENDS}
            for kind in cells
            for place, row in enumerate((one for one in rows if one["kind"] == kind), start=1)
        ],
    }


def outcomes(cells: Cells) -> list[Row]:
    """Rows of `plots/corruption_outcomes.csv`: a row a segment, for comparisons in pairs.

    By kind, and as a mean over the kinds, the share of its severities at which it is right.
    """
    first = next(iter(cells.values()))
    shares = {kind: _shares(arrays) for kind, arrays in cells.items()}
    shares[MEAN] = np.mean(list(shares.values()), axis=0)
    clean = _right(first["clean_logits"], first["label"])
    return [
        {"track": str(song), "row": int(row), "clean": int(clean[place])}
        | {kind: float(values[place]) for kind, values in shares.items()}
        for place, (song, row) in enumerate(zip(first["song"], first["row"], strict=True))
    ]


def _shares(arrays: Arrays) -> np.ndarray:
    """Share of the severities at which each segment is right, `(n,)`."""
    return np.asarray(np.mean([_right(one, arrays["label"]) for one in arrays["logits"]], axis=0))


def message(figures: Mapping[str, Any]) -> str:
    """The closing line: what corruptions cost, and the kind that costs most."""
    worst = max(figures["error"], key=figures["error"].get)
    return (
        f"{figures['mean_corruption_error']:.1%} of {figures['segments']} segments wrong on "
        f"average over the kinds, {figures['clean_error']:.1%} when clean; most with {worst} "
        f"({figures['error'][worst]:.1%})"
    )


def _right(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Whether each of `logits` `(n, genres)` is right, `(n,)` of 0 and 1."""
    return np.asarray(logits.argmax(axis=1) == labels, dtype=np.float64)
