from __future__ import annotations

import numpy as np
import pytest

from detune.train.crops import Crops


def coordinates(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Segments whose values tell their row and frame, and labels that tell the row."""
    rows, frames = np.arange(count)[:, None, None], np.arange(130)[None, None]
    values = np.broadcast_to(1000.0 * rows + frames, (count, 128, 130))
    return values.astype(np.float32), np.arange(count)


@pytest.mark.parametrize(
    ("count", "sizes"), [(7, [7]), (8, [8]), (9, [8]), (15, [8]), (16, [8, 8]), (17, [8, 8])]
)
def test_an_epoch_has_whole_batches_and_takes_no_segment_twice(
    count: int, sizes: list[int]
) -> None:
    crops = Crops(coordinates(count), 32, 8, seed=1)
    batches = list(crops.epoch(0))
    assert [len(labels) for _, labels in batches] == sizes
    assert (crops.batches, crops.batch_size) == (len(sizes), sizes[0])
    seen = np.concatenate([labels for _, labels in batches])
    assert len(set(seen)) == len(seen) == sum(sizes)


def test_segments_that_fill_no_batch_have_their_turn_in_another_epoch() -> None:
    crops = Crops(coordinates(11), 32, 8, seed=1)
    seen = {label for number in range(20) for _, labels in crops.epoch(number) for label in labels}
    assert seen == set(range(11))


@pytest.mark.parametrize("frames", [16, 32, 129])
def test_a_crop_is_an_unbroken_piece_of_its_own_segment(frames: int) -> None:
    crops = Crops(coordinates(40), frames, 8, seed=2)
    starts = []
    for number in range(10):
        for values, labels in crops.epoch(number):
            assert values.shape == (8, 128, frames, 1)
            assert values.dtype == np.float32
            for crop, label in zip(values[..., 0], labels, strict=True):
                start = int(crop[0, 0]) - 1000 * label
                assert (crop == 1000 * label + start + np.arange(frames)).all()
                starts.append(start)
    # Every start that leaves room for a whole crop may come up.
    assert min(starts) == 0
    assert max(starts) >= (130 - frames) * 0.95
    assert len(set(starts)) > 0.8 * (131 - frames)


@pytest.mark.parametrize("frames", [130, 131, 500])
def test_a_crop_of_all_frames_is_the_segment(frames: int) -> None:
    values, labels = coordinates(8)
    ((cut, order),) = Crops((values, labels), frames, 8, seed=0).epoch(0)
    assert np.array_equal(cut[..., 0], values[order])


def test_crops_are_new_each_epoch_and_follow_the_seed() -> None:
    def epochs(seed: int) -> list[np.ndarray]:
        crops = Crops(coordinates(16), 32, 8, seed)
        return [np.concatenate([v for v, _ in crops.epoch(number)]) for number in (0, 1)]

    first, second = epochs(1)
    assert not np.array_equal(first, second)
    assert np.array_equal([first, second], epochs(1))
    assert not np.array_equal(first, epochs(2)[0])
