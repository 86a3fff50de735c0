"""Which of many fingerprints have a passage in common, without comparing each with each.

An inverted index finds the pairs to compare: a word of 32 bits that is in two tracks votes
for that pair at that offset. Few pairs of different music collect more than a vote or two. The
pairs with votes are then compared bit by bit. A word is paired with a fixed number of its
neighbours in the index, so the work grows with the number of words and not with that of pairs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from detune.audio.constants import SEGMENT_SECONDS
from detune.ingest.fingerprints import BITS, FRAME_SECONDS, HOP_SECONDS, Fingerprint, frames_in

WINDOW = frames_in(SEGMENT_SECONDS)
"""Words that must agree in a row: the sound of a segment, for a shared segment is a leak."""

STRETCH = 22
"""Words over which bit errors are averaged: half a second."""

BIT_ERRORS = 0.25
"""Share of the bits of a stretch that may differ. In different music half of them do, and over 3 s
no fewer than 0.37 in each stretch, even with the same drums; in a copy through noise, gain and
codec at once 0.15 (measured on 80 real tracks and on the embedded corpus)."""

VOTES = 4
"""Words that must agree before a pair is compared bit by bit."""

NEIGHBOURS = 16
"""Entries of one word that each of them is paired with."""

INDEXED = 1 << 22
"""Words in the index at a time, about: 40 bytes each, whatever the size of the collection."""

OFFSETS = 3
"""Offsets at which a pair is compared, those with the most votes."""

# Offsets in a key, in words, are below this in size: a fortnight of music.
REACH = 1 << 26


class Match(NamedTuple):
    """Two tracks with a passage in common, by their places in the list of fingerprints.

    Attributes:
        first: place of the one.
        second: place of the other, after `first`.
        offset: the sound at t in the one is at `t + offset` in the other, s.
        shared: how much of either is in the other, s.
        errors: share of the bits of the passage that differ, 0 to 1.
    """

    first: int
    second: int
    offset: float
    shared: float
    errors: float


def find_matches(fingerprints: Sequence[Fingerprint]) -> list[Match]:
    """Find the pairs of tracks that share the sound of a segment or more, in order.

    In a large set of copies not each pair is listed, but each copy is paired with another.
    """
    best: dict[tuple[int, int], Match] = {}
    for first, second, lag in _candidates(fingerprints):
        match = _compare(fingerprints[first], fingerprints[second], first, second, lag)
        if match and ((first, second) not in best or match.shared > best[first, second].shared):
            best[first, second] = match
    return [best[pair] for pair in sorted(best)]


def _candidates(fingerprints: Sequence[Fingerprint]) -> Iterator[tuple[int, int, int]]:
    """Pairs and offsets, in words, for which enough words vote; at most `OFFSETS` a pair."""
    keys, votes = np.unique(_votes_by_word(fingerprints), return_counts=True)
    if not keys.size:
        return
    # A copy that lies between two frames splits its votes over neighbouring offsets.
    adjacent = np.diff(keys) == 1
    total = votes.copy()
    total[:-1] += np.where(adjacent, votes[1:], 0)
    total[1:] += np.where(adjacent, votes[:-1], 0)
    chosen = total >= VOTES
    keys, votes = keys[chosen], votes[chosen]
    pairs, lags = keys // (2 * REACH), keys % (2 * REACH) - REACH
    order = np.lexsort((lags, -votes, pairs))
    starts = np.flatnonzero(np.diff(pairs[order], prepend=-1))
    rank = np.arange(len(order)) - np.repeat(starts, np.diff(starts, append=len(order)))
    for place in order[rank < OFFSETS]:
        first, second = divmod(int(pairs[place]), len(fingerprints))
        yield first, second, int(lags[place])


def _votes_by_word(fingerprints: Sequence[Fingerprint]) -> np.ndarray:
    """A key of pair and offset for each word that two tracks have in common, `(votes,)`."""
    parts = 1 + sum(len(words) for words, _ in fingerprints) // INDEXED
    keys = [np.zeros(0, np.int64)]
    for part in range(parts):
        words, tracks, places = _index(fingerprints, part, parts)
        for step in range(1, min(NEIGHBOURS + 1, len(words))):
            near = (words[step:] == words[:-step]) & (tracks[step:] != tracks[:-step])
            here = np.flatnonzero(near)
            there = here + step
            pairs = tracks[here].astype(np.int64) * len(fingerprints) + tracks[there]
            keys.append(pairs * (2 * REACH) + (places[there] - places[here]) + REACH)
    return np.concatenate(keys)


def _index(
    fingerprints: Sequence[Fingerprint], part: int, parts: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A part of the informative words with their tracks and places, by word, then by track.

    Equal words are in the same part, so that parts together have the votes of the whole.
    """
    words, tracks, places = [], [], []
    for track, (word, informative) in enumerate(fingerprints):
        # Of a word that is repeated, the first frame is enough.
        chosen = informative & (np.diff(word, prepend=~word[:1]) != 0)
        place = np.flatnonzero(chosen & (word % np.uint32(parts) == part))
        words.append(word[place])
        places.append(place.astype(np.int32))
        tracks.append(np.full(len(place), track, np.int32))
    if not words:
        return np.zeros(0, np.uint32), np.zeros(0, np.int32), np.zeros(0, np.int32)
    # Tracks come in order and the sort is stable, so they stay in order within a word.
    order = np.argsort(np.concatenate(words), kind="stable")
    return (
        np.concatenate(words)[order],
        np.concatenate(tracks)[order],
        np.concatenate(places)[order],
    )


def _compare(
    one: Fingerprint, other: Fingerprint, first: int, second: int, lag: int
) -> Match | None:
    """Compare two fingerprints, the other `lag` words later, or None where they agree nowhere."""
    start, end = max(0, -lag), min(len(one.words), len(other.words) - lag)
    if end - start < WINDOW:
        return None
    here, there = slice(start, end), slice(start + lag, end + lag)
    wrong = np.bitwise_count(one.words[here] ^ other.words[there]).astype(np.int64)
    # A frame without information counts as half wrong, as by chance.
    wrong[~(one.informative[here] & other.informative[there])] = BITS // 2
    sums = np.cumsum(np.concatenate([[0], wrong]))
    near = sums[STRETCH:] - sums[:-STRETCH] < BIT_ERRORS * BITS * STRETCH
    agreeing = np.convolve(near, np.ones(WINDOW - STRETCH + 1), "valid") > WINDOW - STRETCH + 0.5
    if not agreeing.any():
        return None
    passage = np.convolve(agreeing, np.ones(WINDOW)) > 0.5
    shared = int(passage.sum()) * HOP_SECONDS + FRAME_SECONDS
    errors = float(wrong[passage].mean() / BITS)
    return Match(first, second, lag * HOP_SECONDS, shared, errors)
