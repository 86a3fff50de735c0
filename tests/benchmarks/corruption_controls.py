"""Controls of what white noise and another tempo do: what exactly in them turns the network?

Preprocessing scales each segment from its own lowest to its own highest value, so noise that
raises the lowest one moves all others. `scaled as clean` is the noisy segment between the ends of
the clean one; `only scaled` the clean one between the ends of the noisy one; `only filled` the
clean one with its quiet places raised to the lowest value of the noisy one, scaled as clean;
`loud places` has the noisy values only where the music is louder than the noise.

The phase vocoder that changes the tempo leaves traces of its own. `and back` plays the segment
faster and then as much slower: the tempo is the old one, the traces are there twice. `speed` plays
it faster by resampling, which leaves none and moves the pitch too. Needs the results of a pipeline
run.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import soxr
import yaml
from librosa.effects import time_stretch

from detune.attack.example_selection import draw_sample
from detune.audio.constants import SAMPLE_RATE, SEGMENT_SAMPLES
from detune.audio.mel import MIN_POWER, RANGE_DB, mel_decibels, mel_power
from detune.audio.segments import cut_segments
from detune.collection.dataset import load_split
from detune.corruptions.kinds import KINDS, severity_name
from detune.corruptions.material import Material, read_materials
from detune.corruptions.noise import white_noise
from detune.corruptions.time_and_pitch import tempo
from detune.network.model_file import load_model, predict_logits
from detune.params.parsing import parse_params
from detune.sound.segment_audio import Excerpt

PERCENT = (2, 6, 12)
"""By how much the tempo changes."""

LEVELS = (40, 30, 20, 10, 0)
"""Signal-to-noise ratios, dB."""


def decibels(power: np.ndarray) -> np.ndarray:
    """Power `(128, 130)` in dB below its loudest point, as preprocessing has it."""
    values = 10 * np.log10(np.maximum(power, MIN_POWER))
    return np.asarray(np.maximum(values - values.max(), -RANGE_DB))


def scaled(values: np.ndarray, low: float | None = None) -> np.ndarray:
    """`values` in dB as a segment: 0 is their own lowest, or `low`; 1 is 0 dB."""
    low = float(values.min()) if low is None else low
    return np.asarray((values - low) / (0 - low), np.float32)


def taken_apart(material: Material, snr: float) -> dict[str, np.ndarray]:
    """A segment with noise, and with parts of what that does to it."""
    noisy = white_noise(material, snr)
    power, both = mel_power(material.segment), mel_power(noisy)
    level = mel_power(noisy - material.segment).mean(axis=1, keepdims=True)
    clean, with_noise = decibels(power), decibels(both)
    low, raised = float(clean.min()), float(with_noise.min())
    return {
        "white noise": scaled(with_noise),
        "scaled as clean": np.clip(scaled(with_noise, low), 0, 1),
        "only scaled": scaled(clean, raised),
        "only filled": scaled(np.maximum(clean, raised), low),
        "loud places": scaled(decibels(np.where(power > level, both, power))),
    }


def both_scalings(kind: str, severity: Any, material: Material) -> dict[str, np.ndarray]:
    """A corrupted segment between its own ends, and between those of the clean one."""
    values = mel_decibels(KINDS[kind].corrupt(material, severity))
    low = float(mel_decibels(material.segment).min())
    return {"own": scaled(values), "as clean": np.clip(scaled(values, low), 0, 1)}


def replayed(material: Material, percent: float) -> dict[str, np.ndarray]:
    """A segment at another tempo, at another and back, and at another speed."""
    rate = 1 + percent / 100
    faster = time_stretch(material.excerpt.samples, rate=rate)
    back = Excerpt(time_stretch(faster, rate=1 / rate), material.excerpt.begin)
    resampled = soxr.resample(material.excerpt.samples, rate * SAMPLE_RATE, SAMPLE_RATE)
    middle = (material.excerpt.begin + SEGMENT_SAMPLES / 2) / rate
    start = int(np.clip(middle - SEGMENT_SAMPLES / 2, 0, len(resampled) - SEGMENT_SAMPLES))
    versions = {
        "tempo": tempo(material, percent),
        # A sample or two may be missing at the end, for rounding.
        "and back": np.resize(back.segment(back.samples), SEGMENT_SAMPLES),
        "speed": resampled[start : start + SEGMENT_SAMPLES],
    }
    return {name: cut_segments(samples, 1).values[0] for name, samples in versions.items()}


def main() -> None:
    """Print the share of segments right, a row a level and a row a tempo."""
    params = parse_params(yaml.safe_load(Path("params.yaml").read_text(encoding="utf-8")))
    model, genres = load_model(Path("data/model"))
    test = load_split(Path("data/segments"), "test", genres)
    seed = params.attack.seed
    rows = draw_sample(test.labels, test.tracks, params.corruptions.segments, seed)
    rows, materials = read_materials(test, rows, Path("data/tracks"), seed)
    labels = test.labels[rows]

    def shares(sets: list[dict[str, np.ndarray]]) -> str:
        """Segments right, %, of each version."""
        versions = (np.stack([one[name] for one in sets]) for name in sets[0])
        right = [predict_logits(model, one).argmax(axis=1) == labels for one in versions]
        return " | ".join(f"{100 * one.mean():.0f}" for one in right)

    clean = predict_logits(model, test.values[rows]).argmax(axis=1) == labels
    print(f"{len(rows)} segments, {clean.mean():.0%} right when clean")
    print("| SNR, dB | white noise | scaled as clean | only scaled | only filled | loud places |")
    print("| --- | --- | --- | --- | --- | --- |")
    for snr in LEVELS:
        print(f"| {snr} | {shares([taken_apart(one, snr) for one in materials])} |")
    print("| kind | severity: right, and right when scaled as clean, % |")
    print("| --- | --- |")
    for kind in KINDS:
        cells = [
            f"{severity_name(severity)}: "
            + shares([both_scalings(kind, severity, one) for one in materials]).replace(" |", ",")
            for severity in params.corruptions.options(kind)
        ]
        print(f"| {kind} | {'; '.join(cells)} |")
    print("| faster by, % | tempo, % | and back, % | speed, % |")
    print("| --- | --- | --- | --- |")
    for percent in PERCENT:
        print(f"| {percent} | {shares([replayed(one, percent) for one in materials])} |")


if __name__ == "__main__":
    main()
