"""Controls of the findings on sound: a longer search for sounds, and noise as strong as the attack.

A spectrogram attack that loses its effect as sound may have lost it to a search that ended early.
Noise that turns few segments may be weaker than the attack it stands beside. Both comparisons are
made on the same segments, at full strength (the last iterate). Needs the results of a pipeline run.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import yaml

EPSILONS = (0.005, 0.01, 0.02, 0.05)

STEPS = (0, 20, 100, 400)
"""Of the search for a sound; `listen.steps` is 20 by default."""

DRAWS = 5
"""Of each kind of noise; shares are means over them."""

Predict = Callable[[np.ndarray], np.ndarray]
"""From samples `(n, 66150)` to predicted labels `(n,)`."""


def search_longer(predict: Predict) -> None:
    """Print what PGD's spectrograms are as sound, by steps of the search."""
    from detune.collection.dataset import load_split  # noqa: PLC0415
    from detune.listen.sounds import of_spectrograms, read_recordings  # noqa: PLC0415
    from detune.sound.level import snr_db  # noqa: PLC0415
    from detune.support.files import read_npz  # noqa: PLC0415

    test = load_split(Path("data/segments"), "test")
    print("epsilon steps correct stay_fooled miss snr_db")
    for epsilon in EPSILONS:
        cell = read_npz(Path(f"data/attacks/pgd-{epsilon}.npz"))
        recordings = read_recordings(test, cell["example_rows"], Path("data/tracks"))
        for steps in STEPS:
            sounds = of_spectrograms(("pgd", str(epsilon)), cell, recordings, steps)
            right = predict(sounds.samples) == sounds.labels
            snr = np.median(snr_db(sounds.clean, sounds.samples))
            stay = (~right[sounds.fooled]).mean() if sounds.fooled.any() else np.nan
            print(
                f"{epsilon} {steps} {right.mean():.2f} {stay:.2f} "
                f"{np.median(sounds.misses):.4f} {snr:.1f}"
            )


def noises(
    clean: np.ndarray, change: np.ndarray, seeds: list[tuple[int, int]], masked: bool
) -> Iterator[tuple[str, np.ndarray]]:
    """Noise of every kind, `(n, 66150)`, of any strength.

    Args:
        clean: `(n, 66150)` the segments.
        change: what the attack adds to each.
        seeds: one of each segment's noise.
        masked: whether the attack stays below the masking threshold.
    """
    from detune.sound.masking import masking_thresholds  # noqa: PLC0415
    from detune.sound.noise import KINDS  # noqa: PLC0415
    from detune.sound.spectra import samples_of, spectra  # noqa: PLC0415
    from detune.waveform.balls import masking_ball, noise_below  # noqa: PLC0415

    drawn = [np.random.default_rng(seed) for seed in seeds]
    for kind, noise in KINDS.items():
        yield kind, np.stack([noise(one, rng) for one, rng in zip(clean, drawn, strict=True)])
    magnitudes = np.abs(spectra(change))
    phases = np.stack([rng.uniform(0, 2 * np.pi, magnitudes.shape[1:]) for rng in drawn])
    yield "attack's magnitudes, random phases", samples_of(magnitudes * np.exp(1j * phases))
    if masked:
        ball = masking_ball(masking_thresholds(clean))
        yield "threshold's magnitudes, random phases", noise_below(ball, clean, seeds) - clean


def compare_noise(level: str, predict: Predict) -> None:
    """Print what one level's attack and noise of the same energy leave correct."""
    from detune.collection.dataset import load_split  # noqa: PLC0415
    from detune.sound.level import from_16_bit, snr_db  # noqa: PLC0415
    from detune.sound.segment_audio import read_segment_audio  # noqa: PLC0415
    from detune.support.files import read_npz  # noqa: PLC0415

    test = load_split(Path("data/segments"), "test")
    cell = read_npz(Path(f"data/waveform/{level}.npz"))
    attacked = from_16_bit(cell["examples"])
    rows, labels = cell["row"][: len(attacked)], cell["label"][: len(attacked)]
    clean = read_segment_audio(test, rows, Path("data/tracks"))
    change = attacked - clean
    length = np.linalg.norm(change, axis=1, keepdims=True)
    shares: dict[str, list[float]] = {"attack": [(predict(attacked) == labels).mean()]}
    for draw in range(DRAWS):
        seeds = [(draw, int(row)) for row in rows]
        for kind, noise in noises(clean, change, seeds, level == "masked"):
            scale = length / np.linalg.norm(noise, axis=1, keepdims=True)
            noisy = np.clip(clean + noise * scale, -1, 1).astype(np.float32)
            shares.setdefault(kind, []).append((predict(noisy) == labels).mean())
    snr = np.median(snr_db(clean, attacked))
    line = ", ".join(f"{kind} {np.mean(one):.2f}" for kind, one in shares.items())
    print(f"{level}, SNR {snr:.1f} dB: {line}")


def main() -> None:
    """Print both controls."""
    from detune.network.model_file import load_model  # noqa: PLC0415
    from detune.sound.waveform_classifier import waveform_classifier  # noqa: PLC0415

    classifier = waveform_classifier(load_model(Path("data/model"))[0])

    def predict(samples: np.ndarray) -> np.ndarray:
        return np.asarray(classifier.predict(samples).argmax(axis=1))

    search_longer(predict)
    params = yaml.safe_load(Path("params.yaml").read_text(encoding="utf-8"))
    for level in params["attack"]["waveform"]["levels"]:
        compare_noise(str(level), predict)


if __name__ == "__main__":
    if not Path("data/waveform").is_dir():
        sys.exit("bench: no attacks on sound there: run `make repro` first")
    main()
