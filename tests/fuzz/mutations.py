"""Change bytes as broken disks, cut transfers and hostile hands do."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

EXTREMES = (0, 1, 2, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFF0, 0xFFFFFFFF)
HEADER = 160
"""Bytes at the beginning that are changed more often than the rest: most headers fit in."""

Rng = np.random.Generator


def flip_bits(data: bytearray, rng: Rng) -> None:
    for _ in range(int(rng.integers(1, 9))):
        data[_place(data, rng)] ^= 1 << int(rng.integers(8))


def set_bytes(data: bytearray, rng: Rng) -> None:
    at = _place(data, rng)
    data[at : at + 8] = rng.bytes(len(data[at : at + 8]))


def set_number(data: bytearray, rng: Rng) -> None:
    """A header's number becomes an extreme one, in either byte order."""
    at, width = _place(data, rng), int(rng.choice([2, 4, 8]))
    value = int(rng.choice(EXTREMES)) % (1 << 8 * width)
    order = "little" if rng.random() < 0.5 else "big"
    data[at : at + width] = value.to_bytes(width, order)[: len(data[at : at + width])]  # type: ignore[arg-type]


def cut(data: bytearray, rng: Rng) -> None:
    del data[int(rng.integers(len(data))) :]


def remove(data: bytearray, rng: Rng) -> None:
    at = _place(data, rng)
    del data[at : at + int(rng.integers(1, 2000))]


def repeat(data: bytearray, rng: Rng) -> None:
    at = _place(data, rng)
    data[at:at] = data[at : at + int(rng.integers(1, 2000))]


def blank(data: bytearray, rng: Rng) -> None:
    """A sector that was never written."""
    at = _place(data, rng)
    data[at : at + 512] = bytes(len(data[at : at + 512]))


def insert(data: bytearray, rng: Rng) -> None:
    at = _place(data, rng)
    data[at:at] = rng.bytes(int(rng.integers(1, 200)))


def append(data: bytearray, rng: Rng) -> None:
    data += rng.bytes(int(rng.integers(1, 2000)))


MUTATIONS: Sequence[Callable[[bytearray, Rng], None]] = (
    *(flip_bits, set_bytes, set_number, set_number, cut, remove, repeat, blank, insert, append),
)


def mutate(seed: bytes, rng: Rng) -> bytes:
    """Return `seed` changed once, twice or three times."""
    data = bytearray(seed)
    for _ in range(int(rng.integers(1, 4))):
        if data:
            MUTATIONS[int(rng.integers(len(MUTATIONS)))](data, rng)
    return bytes(data)


def _place(data: bytearray, rng: Rng) -> int:
    """A byte to begin at: in the header, in the tail, or anywhere."""
    where = rng.random()
    if where < 0.5:
        return int(rng.integers(min(HEADER, len(data)) or 1)) % max(1, len(data))
    if where < 0.6:
        return len(data) - 1 - int(rng.integers(min(HEADER, len(data))))
    return int(rng.integers(len(data)))
