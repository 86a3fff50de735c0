from __future__ import annotations

from threading import Barrier

import numpy as np
import pytest

from detune.network.chunks import CHUNK, WORKERS, map_chunks
from detune.network.runtime import tf


@pytest.mark.parametrize("count", [0, 1, CHUNK, 3 * CHUNK + 1])
def test_rows_come_back_in_order_without_padding(count: int) -> None:
    values = np.arange(count, dtype=np.float32)
    seen = []

    def double(chunk: np.ndarray, other: np.ndarray) -> tuple[object, ...]:
        seen.append(len(chunk))
        return tf.constant(2 * chunk), tf.constant(chunk + other)

    parts = list(map_chunks(double, values, values))
    for place, factor in ((0, 2), (1, 2)):
        found = np.concatenate([part[place] for part in parts]) if parts else values
        np.testing.assert_array_equal(found, factor * values)
    assert set(seen) <= {CHUNK}


def test_as_many_chunks_are_in_work_as_there_are_workers() -> None:
    together = Barrier(WORKERS)

    def meet(chunk: np.ndarray) -> tuple[object]:
        together.wait(timeout=20)
        return (tf.constant(chunk),)

    assert len(list(map_chunks(meet, np.zeros(CHUNK * WORKERS)))) == WORKERS


def test_an_error_in_a_chunk_is_not_swallowed() -> None:
    def fail(chunk: np.ndarray) -> tuple[object]:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        list(map_chunks(fail, np.zeros(9)))
