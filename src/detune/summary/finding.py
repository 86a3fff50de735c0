"""The finding: five sentences, one claim each, no stronger than its interval allows.

A claim is *shown* where its whole 95 % interval over songs is on one side, and the checks of the
attack that it is about pass. Another training of the network is another result, which no interval
over songs covers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from detune.statistics.bootstrap import MIN_SONGS
from detune.summary.results import Results

HALF = 0.5

REMARK = "Intervals are 95 %, over test songs; another training of the network may differ."
"""What is said below the sentences."""


@dataclass(frozen=True)
class Sentence:
    """One claim.

    Attributes:
        claim: what it is about.
        text: the sentence.
        shown: whether the interval shows it; None where it is a count and has no interval.
        value: its figure.
        low: lower end of the 95 % interval.
        high: upper end.
    """

    claim: str
    text: str
    shown: bool | None = None
    value: float | None = None
    low: float | None = None
    high: float | None = None


def sentences(results: Results) -> list[Sentence]:
    """All that can be said of a run; what was not measured is said to be so."""
    return [
        _accuracy(results),
        _robustness(results),
        _attention(results),
        _sound(results),
        _verdict(results),
    ]


def text(content: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Lines to print of `metrics/finding.json`: a number, the sentence, and whether it is shown."""
    for number, sentence in enumerate(content, 1):
        end = {True: " [shown]", False: " [not shown]", None: ""}[sentence["shown"]]
        yield f"{number}. {sentence['text']}{end}"


def _accuracy(results: Results) -> Sentence:
    """Against chance."""
    train = results.metrics["train"]
    value, low, high = (train[f"song_accuracy{end}"] for end in ("", "_low", "_high"))
    chance, songs = 1 / len(train["song_accuracy_by_genre"]), len(results.songs)
    said = (
        f"The network classifies {_percent(value)} of {songs} test songs correctly "
        f"({_percent(low)} to {_percent(high)}); chance is {_percent(chance)}."
    )
    return Sentence("accuracy", said, songs >= MIN_SONGS and low > chance, value, low, high)


def _robustness(results: Results) -> Sentence:
    """Songs that PGD takes, each with itself."""
    clean, robust = results.right_songs("clean"), results.robust_songs("pgd")
    lost = None if clean is None or robust is None else results.estimate(clean - robust)
    if lost is None or robust is None:
        return Sentence("robustness", f"PGD was not run at epsilon {results.epsilon:g}.")
    said = (
        f"At epsilon {results.epsilon:g} PGD leaves {_percent(robust.mean())} of the songs "
        f"correct, {_points(lost.value)} points fewer than without attack ({_points(lost.low)} to "
        f"{_points(lost.high)})."
    )
    trusted = bool(results.metrics["checks"]["trustworthy"])
    shown = trusted and lost.songs >= MIN_SONGS and lost.low > 0
    return Sentence("robustness", said, shown, lost.value, lost.low, lost.high)


def _attention(results: Results) -> Sentence:
    """Heatmaps for the original class under PGD against noise of the same size."""
    below = results.metrics["gradcam"]["rank_correlation"]["pgd"]["original_class_below_noise"]
    start = f"At epsilon {results.pictured:g} PGD changes heatmaps of the original class"
    if below is None:
        few = f"fewer than {MIN_SONGS} songs have such heatmaps"
        return Sentence("attention", f"{start} by an amount that is not measured: {few}.")
    value, low, high = (below[end] for end in ("value", "low", "high"))
    said = (
        f"{start} more than noise of the same size does: their rank correlation with the clean "
        f"ones is lower by {value:.2f} ({low:.2f} to {high:.2f})."
    )
    trusted = bool(results.metrics["checks"]["trustworthy"])
    return Sentence("attention", said, trusted and low > 0, value, low, high)


def _sound(results: Results) -> Sentence:
    """The attack on sound below masking against half of the segments."""
    masked = results.below_masking()
    if masked is None:
        return Sentence("sound", "No attack below the masking threshold was run.")
    value, low, high = (masked[end] for end in ("value", "low", "high"))
    said = (
        "An attack on the sound itself, below the masking threshold of a model of hearing, leaves "
        f"fewer than half of the segments correct: {_percent(value)} ({_percent(low)} to "
        f"{_percent(high)})."
    )
    trusted = bool(results.metrics["waveform_checks"]["trustworthy"])
    return Sentence("sound", said, trusted and high < HALF, value, low, high)


def _verdict(results: Results) -> Sentence:
    """Whether to believe the accuracies under attack, in one sentence."""
    total, parts = 0, []
    for file, attacked in (("checks", "spectrograms"), ("waveform_checks", "sound")):
        checks = results.metrics[file]["checks"]
        failed = [name for name, check in checks.items() if not check["passed"]]
        total += len(checks)
        if failed:
            parts.append(f"of attacks on {attacked} ({', '.join(failed)})")
    if not parts:
        return Sentence("verdict", f"All {total} checks of the attacks pass.")
    said = f"Checks fail {' and '.join(parts)}: do not rely on accuracies under these attacks."
    return Sentence("verdict", said)


def _percent(share: float) -> str:
    return f"{share:.0%}".replace("%", " %")


def _points(share: float) -> str:
    return f"{100 * share:.0f}"
