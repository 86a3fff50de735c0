"""Graphs over many segments: in chunks of one size, one chunk a core at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from detune.support.pool import available_cores

CHUNK = 4
"""Segments a graph takes at once: with fewer, each costs more; with more, a few idle a core."""

WORKERS = min(available_cores(), 8)
"""Chunks in work at once: one a core keeps it busier than sharing every operation out."""


def map_chunks(graph: Callable[..., Any], *arrays: np.ndarray) -> Iterator[tuple[np.ndarray, ...]]:
    """Yield what `graph` makes of each chunk of `arrays`, in order, without the padding.

    Args:
        graph: from arrays of `CHUNK` rows to tensors of as many rows.
        arrays: `(n, ...)`, all of the same length.
    """
    count = len(arrays[0])
    starts = range(0, count, CHUNK)

    def work(at: int) -> tuple[np.ndarray, ...]:
        outputs = graph(*(_padded(values[at : at + CHUNK]) for values in arrays))
        return tuple(tensor.numpy()[: count - at] for tensor in outputs)

    with ThreadPoolExecutor(WORKERS) as threads:
        yield from threads.map(work, starts)


def _padded(values: np.ndarray) -> np.ndarray:
    """`values` filled up to a whole chunk with copies of the first."""
    missing = CHUNK - len(values)
    return np.concatenate([values, np.repeat(values[:1], missing, axis=0)]) if missing else values
