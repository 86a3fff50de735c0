from __future__ import annotations

import numpy as np

from detune.heatmap_sound.masks import HEATMAP, IN_TIME, LOUDEST, MOVED, masks, parts
from detune.sound.front_end import to_segments
from tests.sounding import chords

SAMPLES = chords(2)
SEGMENTS = to_segments(SAMPLES)
HEAT = np.zeros((2, 128, 130))
HEAT[:, 30:60, 40:90] = np.linspace(0.1, 1, 50)
SEEDS = [(1, 0), (1, 1)]


def test_every_mask_has_the_same_values_at_other_places() -> None:
    made = masks(HEAT, SEGMENTS, SEEDS)
    for mask in made.values():
        np.testing.assert_array_equal(np.sort(mask.ravel()), np.sort(HEAT.ravel()))
    assert np.array_equal(made[HEATMAP], HEAT)
    assert not np.array_equal(made[MOVED][0], HEAT[0])
    assert not np.array_equal(made[IN_TIME][0], HEAT[0])
    np.testing.assert_allclose(made[IN_TIME].sum(axis=2), HEAT.sum(axis=2))  # band by band
    assert np.array_equal(made[MOVED], masks(HEAT, SEGMENTS, SEEDS)[MOVED])
    marked = made[LOUDEST] > 0
    for segment, chosen in zip(SEGMENTS, marked, strict=True):
        assert segment[chosen].min() >= segment[~chosen].max()


def test_what_is_marked_and_the_rest_add_up_to_the_sound() -> None:
    marked, rest = parts(SAMPLES, HEAT)
    np.testing.assert_allclose(marked + rest, SAMPLES, atol=1e-5)
    nothing, whole = parts(SAMPLES, np.zeros_like(HEAT))
    assert not nothing.any()
    np.testing.assert_allclose(whole, SAMPLES, atol=1e-5)


def test_only_what_is_marked_sounds() -> None:
    band = np.zeros((2, 128, 130))
    band[:, 40:50] = 1
    marked, _ = parts(SAMPLES, band)
    power = np.square(np.abs(np.fft.rfft(marked, axis=1)))
    total, peak = power.sum(axis=1), power.argmax(axis=1) / 3
    low, high = 700, 1500  # the bands 40 to 50 lie between, in Hz
    inside = power[:, 3 * low : 3 * high].sum(axis=1)
    assert (inside / total > 0.95).all()
    assert ((low < peak) & (peak < high)).all()
