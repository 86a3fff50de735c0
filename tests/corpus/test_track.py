import hashlib
import subprocess
import sys
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from detune.audio.constants import SAMPLE_RATE
from detune.corpus import Recipe, compose_track, load_recipe
from detune.corpus.styles import STYLES
from detune.sound.level import to_16_bit

RECIPE = Recipe(seed=3, seconds=6.3, tracks_per_genre=2, crossover=0.3, genres=("jazz", "metal"))

IN_ANOTHER_PROCESS = """
import hashlib
from detune.corpus import Recipe, compose_track, load_recipe
recipe = Recipe(3, 6.3, 2, 0.3, ("jazz", "metal"))
print(hashlib.sha256(compose_track(recipe, "jazz", 1).tobytes()).hexdigest())
"""


@lru_cache
def track(genre: str, index: int = 0) -> npt.NDArray[np.float32]:
    return compose_track(RECIPE, genre, index)


@pytest.mark.parametrize("genre", STYLES)
def test_a_track_has_its_length_and_level_and_no_silence(genre: str) -> None:
    samples = track(genre)
    assert samples.shape == (round(6.3 * SAMPLE_RATE),)
    assert samples.dtype == np.float32
    assert np.isfinite(samples).all()
    assert np.abs(samples).max() < 1.0
    level = 20 * np.log10(np.sqrt(np.mean(samples**2)))
    assert -32 < level < -10
    for segment in np.array_split(samples, 2):
        assert np.std(segment) > 0.2 * np.std(samples)


def test_another_process_makes_the_same_bytes() -> None:
    source = Path(__file__).parents[2] / "src"
    answer = subprocess.run(
        [sys.executable, "-c", IN_ANOTHER_PROCESS],
        env={"PYTHONPATH": str(source), "PYTHONHASHSEED": "7"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert answer.stdout.strip() == hashlib.sha256(track("jazz", 1).tobytes()).hexdigest()


def test_further_tracks_and_genres_change_none() -> None:
    larger = replace(RECIPE, tracks_per_genre=50, genres=("rock", "jazz"))
    assert np.array_equal(compose_track(larger, "jazz", 1), track("jazz", 1))


def test_seed_genre_and_index_each_make_another_track() -> None:
    others = [
        compose_track(replace(RECIPE, seed=4), "jazz", 1),
        track("jazz", 0),
        track("metal", 1),
    ]
    assert not any(np.array_equal(other, track("jazz", 1)) for other in others)


@pytest.mark.parametrize(
    ("genre", "index", "digest"),
    [
        ("blues", 0, "0d40a62acac03649066c51479250dfd77af667966f287297eb2b886e029d2762"),
        ("metal", 9, "dda32726021dbc31e3b3bc4ddbdea4a407701592ed71056323803ff37f606018"),
    ],
)
def test_the_default_corpus_stays_what_it_is(genre: str, index: int, digest: str) -> None:
    """Byte for byte as stored, on every processor so far: results are compared across versions."""
    recipe = load_recipe(Path(__file__).parents[2] / "data/embedded.yaml")
    stored = to_16_bit(compose_track(recipe, genre, index))
    assert hashlib.sha256(stored.tobytes()).hexdigest() == digest
