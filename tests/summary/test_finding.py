from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from detune.summary.finding import Sentence, sentences, text
from tests.summary.made import METRICS, RESULTS, checks, interval


def by_claim(**metrics: Any) -> dict[str, Sentence]:
    results = replace(RESULTS, metrics=METRICS | metrics)
    return {sentence.claim: sentence for sentence in sentences(results)}


def test_five_claims_are_made_and_shown_by_their_intervals() -> None:
    claims = by_claim()
    shown = {claim: sentence.shown for claim, sentence in claims.items()}
    assert shown == {
        **dict.fromkeys(("accuracy", "robustness", "attention", "sound"), True),
        "verdict": None,
    }
    assert "88 % of 8 test songs" in claims["accuracy"].text
    assert "PGD leaves 12 % of the songs correct, 75 points fewer" in claims["robustness"].text
    low, high = claims["robustness"].low, claims["robustness"].high
    assert low is not None
    assert high is not None
    assert 0 < low < 0.75 < high <= 1
    assert "lower by 0.30 (0.10 to 0.50)" in claims["attention"].text
    assert claims["verdict"].text == "All 3 checks of the attacks pass."


def test_an_interval_on_both_sides_shows_nothing() -> None:
    train = METRICS["train"] | {"song_accuracy_low": 0.4}
    attention = {"rank_correlation": {"pgd": {"original_class_below_noise": interval(0, -0.1, 1)}}}
    listen = {"waveform": {"masked": interval(0.4, 0.3, 0.6)}}
    claims = by_claim(train=train, gradcam=attention, listen=listen)
    assert [claims[claim].shown for claim in ("accuracy", "attention", "sound")] == [False] * 3


def test_few_songs_show_nothing() -> None:
    few = replace(RESULTS, songs=RESULTS.songs[:5])
    claims = {sentence.claim: sentence.shown for sentence in sentences(few)}
    assert claims["accuracy"] is claims["robustness"] is False


def test_failed_checks_are_named() -> None:
    claims = by_claim(checks=checks(True, False))
    said = "Checks fail of attacks on spectrograms (check1): do not rely on accuracies under these"
    assert claims["verdict"].text.startswith(said)
    shown = {name: claims[name].shown for name in ("accuracy", "robustness", "attention", "sound")}
    assert shown == {"accuracy": True, "robustness": False, "attention": False, "sound": True}
    claims = by_claim(waveform_checks=checks(False))
    assert "of attacks on sound (check0)" in claims["verdict"].text
    assert (claims["robustness"].shown, claims["sound"].shown) == (True, False)


def test_what_was_not_measured_is_said() -> None:
    none = {"rank_correlation": {"pgd": {"original_class_below_noise": None}}}
    results = replace(
        RESULTS, metrics=METRICS | {"gradcam": none, "listen": {"waveform": {}}}, epsilon=0.3
    )
    claims = {sentence.claim: sentence for sentence in sentences(results)}
    assert claims["robustness"].text == "PGD was not run at epsilon 0.3."
    assert "not measured" in claims["attention"].text
    assert claims["sound"].text.startswith("No attack below the masking threshold")
    assert [claims[name].shown for name in ("robustness", "attention", "sound")] == [None] * 3


def test_lines_say_what_is_shown() -> None:
    lines = list(text([asdict(sentence) for sentence in by_claim().values()]))
    assert lines[0].startswith("1. The network classifies")
    assert lines[0].endswith("[shown]")
    assert lines[-1] == "5. All 3 checks of the attacks pass."
