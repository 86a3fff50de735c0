from __future__ import annotations

import numpy as np
import pytest

from detune.audio.channels import Channels

RNG = np.random.default_rng(3)
MUSIC = RNG.normal(0, 0.1, 90_000).astype(np.float32)
OTHER, THIRD = RNG.normal(0, 0.1, (2, 90_000)).astype(np.float32)


def weights(*channels: np.ndarray) -> list[float] | None:
    found = Channels()
    for block in np.array_split(np.stack(channels, axis=1), 4):
        found.add(block)
    chosen = found.weights()
    return None if chosen is None else chosen.tolist()


@pytest.mark.parametrize(
    "channels",
    [
        (MUSIC,),
        (MUSIC, MUSIC),
        (MUSIC, OTHER),
        (MUSIC, np.zeros_like(MUSIC)),
        (MUSIC, 0.3 * MUSIC - 0.3 * OTHER),
        (MUSIC, OTHER, THIRD),
        (np.zeros_like(MUSIC), np.zeros_like(MUSIC)),
        (np.full_like(MUSIC, 3e38), np.full_like(MUSIC, -3e38)),
    ],
)
def test_the_mean_keeps_the_music_of_channels_that_go_together(channels: tuple) -> None:
    assert weights(*channels) is None


@pytest.mark.parametrize(
    "channels",
    [
        (MUSIC, -MUSIC),
        (MUSIC, -0.5 * MUSIC),
        (MUSIC + 0.1 * OTHER, -MUSIC + 0.1 * THIRD),
        (MUSIC + 0.3, -MUSIC + 0.3),  # an offset in common is no music in common
    ],
)
def test_of_two_that_cancel_the_second_is_inverted(channels: tuple) -> None:
    assert weights(*channels) == [0.5, -0.5]


def test_where_only_a_part_cancels_the_louder_channel_is_taken() -> None:
    """No inversion is right for the whole recording."""
    turned = np.where(np.arange(MUSIC.size) < 45_000, MUSIC, -MUSIC)
    assert weights(MUSIC, 0.9 * turned) == [1.0, 0.0]
    assert weights(0.9 * turned, MUSIC) == [0.0, 1.0]


def test_of_more_channels_that_cancel_the_loudest_is_taken() -> None:
    assert weights(MUSIC, -2 * MUSIC, MUSIC) == [0.0, 1.0, 0.0]


def test_no_samples_say_nothing() -> None:
    assert weights(MUSIC[:0], MUSIC[:0]) is None
    assert Channels().weights() is None
