"""Duplicates planted in a folder of real tracks: how many are found; and how long 1,000 take.

python -m tests.benchmarks.duplicates [FOLDER]
"""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import soundfile

from detune.audio.constants import SAMPLE_RATE
from detune.audio.reading import read_audio
from detune.ingest.fingerprints import Fingerprint, fingerprint
from detune.ingest.matching import find_matches
from detune.support.pool import parallel_map
from tests.music import music

TRACKS = (250, 500, 1000)
SECONDS = 30.0
# What libsndfile calls 64 kbit/s for one channel at 22,050 Hz; checked below.
LEVEL_64_KBITS = 0.6


def offset(audio: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return audio[int(rng.integers(1, 15 * SAMPLE_RATE)) :]


def louder(audio: np.ndarray, _: np.random.Generator) -> np.ndarray:
    return np.clip(audio * 10 ** (6 / 20), -1, 1)


def softer(audio: np.ndarray, _: np.random.Generator) -> np.ndarray:
    return audio * 10 ** (-6 / 20)


def noisy(audio: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    level = np.sqrt(np.mean(audio**2)) * 10 ** (-30 / 20)
    return np.clip(audio + level * rng.normal(size=audio.size), -1, 1)


def recoded(audio: np.ndarray, _: np.random.Generator) -> np.ndarray:
    file = io.BytesIO()
    options = {"bitrate_mode": "CONSTANT", "compression_level": LEVEL_64_KBITS}
    soundfile.write(file, audio, SAMPLE_RATE, format="MP3", subtype="MPEG_LAYER_III", **options)
    kilobits = 8 * len(file.getvalue()) / (audio.size / SAMPLE_RATE) / 1000
    assert 60 < kilobits < 68, kilobits
    file.seek(0)
    return np.asarray(soundfile.read(file, dtype="float32")[0])


def opening(audio: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The first 5 s, then noise as loud."""
    end = 5 * SAMPLE_RATE
    return np.concatenate([audio[:end], rng.permutation(audio[end:])])


def everything(audio: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    gain = louder if rng.random() < 0.5 else softer
    return recoded(noisy(gain(offset(audio, rng), rng), rng), rng)


Plant = Callable[[np.ndarray, np.random.Generator], np.ndarray]
PLANTS: dict[str, Plant] = {
    "offset by 0 to 15 s": offset,
    "mp3 at 64 kbit/s": recoded,
    "6 dB louder, clipped": louder,
    "6 dB softer": softer,
    "noise at 30 dB": noisy,
    "only the first 5 s": opening,
    "offset, gain, noise and mp3": everything,
}


def of_file(plant: Plant | None, numbered: tuple[int, Path]) -> Fingerprint:
    number, path = numbered
    audio = read_audio(path)
    rng = np.random.default_rng(number)
    return fingerprint((plant(audio, rng) if plant else audio).astype(np.float32))


def of_seed(seed: int) -> tuple[Fingerprint, float]:
    """The fingerprint of a track made up, and the processor's seconds that it took."""
    audio = music(seed, SECONDS)
    start = time.process_time()
    return fingerprint(audio), time.process_time() - start


def planted(folder: Path) -> None:
    """Print precision and recall of each kind of duplicate, one planted for each real track."""
    files = [*enumerate(sorted(p for p in folder.rglob("*") if p.suffix in (".wav", ".flac")))]
    real = take(partial(of_file, None), files)
    print(f"{len(files)} tracks, {len(find_matches(real))} pairs among themselves")
    for name, plant in PLANTS.items():
        pairs = {m[:2] for m in find_matches(real + take(partial(of_file, plant), files))}
        right = sum(other - one == len(files) for one, other in pairs)
        precision, recall = right / max(1, len(pairs)), right / len(files)
        print(f"{name:30} precision {precision:.3f} recall {recall:.3f}")


def take(
    function: Callable[[tuple[int, Path]], Fingerprint], files: Sequence[tuple[int, Path]]
) -> list[Fingerprint]:
    return list(parallel_map(function, files, label="fingerprints", unit="tracks"))


def timed() -> None:
    """Print how long a processor works on fingerprints and on comparing all with all."""
    made = list(parallel_map(of_seed, range(max(TRACKS)), label="tracks", unit="tracks"))
    seconds = [spent for _, spent in made]
    print(f"fingerprint of {SECONDS:g} s: {1000 * np.median(seconds):.1f} ms on one core")
    for count in TRACKS:
        start = time.process_time()
        pairs = len(find_matches([taken for taken, _ in made[:count]]))
        print(f"{count} tracks compared: {time.process_time() - start:.2f} s, {pairs} pairs")


if __name__ == "__main__":
    if sys.argv[1:]:
        planted(Path(sys.argv[1]))
    else:
        timed()
