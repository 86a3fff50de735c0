from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detune.audio.constants import SAMPLE_RATE
from detune.ingest import matching
from detune.ingest.fingerprints import Fingerprint, fingerprint
from detune.ingest.matching import WINDOW, find_matches
from tests.music import music


def seconds(audio: np.ndarray, start: float, end: float) -> np.ndarray:
    return audio[round(start * SAMPLE_RATE) : round(end * SAMPLE_RATE)]


def pairs(*tracks: np.ndarray) -> list[tuple[int, int]]:
    return [match[:2] for match in find_matches([fingerprint(track) for track in tracks])]


@pytest.fixture(scope="module")
def songs() -> list[np.ndarray]:
    return [music(seed, 20) for seed in range(5)]


def test_different_music_does_not_match(songs: list[np.ndarray]) -> None:
    assert pairs(*songs) == []


@pytest.mark.parametrize("start", [0.5, 4.2, 11.1117])
def test_an_excerpt_is_found_with_its_offset_and_length(
    start: float, songs: list[np.ndarray]
) -> None:
    excerpt = seconds(songs[1], start, 20)
    (match,) = find_matches([fingerprint(track) for track in (*songs, excerpt)])
    assert match[:2] == (1, 5)
    assert match.offset == pytest.approx(-start, abs=0.025)
    assert match.shared == pytest.approx(20 - start, abs=0.1)
    assert match.errors < 0.15


def test_an_excerpt_amid_other_music_is_found(songs: list[np.ndarray]) -> None:
    amid = np.concatenate(
        [seconds(songs[2], 0, 5), seconds(songs[0], 3, 8), seconds(songs[3], 0, 5)]
    )
    found = {match[:2]: match for match in find_matches([fingerprint(songs[0]), fingerprint(amid)])}
    assert found[0, 1].offset == pytest.approx(2.0, abs=0.025)
    assert found[0, 1].shared == pytest.approx(5.0, abs=1.5)


def test_two_seconds_in_common_are_too_few(songs: list[np.ndarray]) -> None:
    amid = np.concatenate([seconds(songs[2], 0, 9), seconds(songs[0], 3, 5)])
    assert pairs(songs[0], amid) == []


def test_a_loop_under_other_music_is_no_duplicate(songs: list[np.ndarray]) -> None:
    loop = np.tile(seconds(songs[0], 0, 2), 10)
    assert pairs(loop + songs[1], loop + songs[2]) == []


def test_a_track_of_loops_matches_its_excerpt_and_not_itself(songs: list[np.ndarray]) -> None:
    loop = np.tile(seconds(songs[0], 0, 2), 10)
    assert pairs(loop) == []
    assert pairs(loop, songs[1], seconds(loop, 3.3, 14)) == [(0, 2)]


@pytest.mark.parametrize(
    "nothing", [lambda: np.zeros(10 * SAMPLE_RATE), lambda: np.sin(np.arange(220_500) / 9)]
)
def test_silence_and_steady_tones_in_common_do_not_match(
    nothing: Callable[[], np.ndarray], songs: list[np.ndarray]
) -> None:
    quiet = nothing().astype(np.float32)
    assert pairs(quiet, quiet, np.r_[quiet, songs[0]], np.r_[quiet, songs[1]]) == []


def test_silence_does_not_lengthen_what_is_in_common(songs: list[np.ndarray]) -> None:
    silence = np.zeros(4 * SAMPLE_RATE, np.float32)
    assert pairs(np.r_[songs[0][:110_250], silence], np.r_[songs[0][66_150:110_250], silence]) == []


@pytest.mark.parametrize(("share", "found"), [(0.2, False), (0.4, False), (0.65, True)])
def test_a_few_words_in_common_are_no_passage(share: float, found: bool) -> None:
    rng = np.random.default_rng(0)
    one, other = rng.integers(2**32, size=(2, 400), dtype=np.uint32)
    mixed = np.where(np.arange(400) % 20 < 20 * share, one, other)
    everywhere = np.ones(400, bool)
    matches = find_matches([Fingerprint(one, everywhere), Fingerprint(mixed, everywhere)])
    assert bool(matches) == found


def test_no_fingerprints_and_empty_ones_do_not_match() -> None:
    empty = fingerprint(np.zeros(0, np.float32))
    assert find_matches([]) == find_matches([empty]) == find_matches([empty, empty]) == []


def test_every_copy_in_a_large_set_is_paired(songs: list[np.ndarray]) -> None:
    copies = 3 * matching.NEIGHBOURS
    found = pairs(*songs[1:], *[songs[0] / (1 + place) for place in range(copies)])
    assert {place for pair in found for place in pair} == set(range(4, 4 + copies))


@settings(max_examples=25)
@given(
    seed=st.integers(0, 2**32 - 1),
    lag=st.integers(-80, 80),
    errors=st.floats(0, 0.08),
    others=st.integers(0, 5),
)
def test_random_words_match_only_their_copy(
    seed: int, lag: int, errors: float, others: int
) -> None:
    rng = np.random.default_rng(seed)
    tracks = rng.integers(2**32, size=(others + 1, 400), dtype=np.uint32)
    flips = np.packbits(rng.random((400, 32)) < errors, axis=1).view(np.uint32).ravel()
    copy = np.roll(tracks[-1] ^ flips, lag)
    found = find_matches([Fingerprint(words, np.ones(400, bool)) for words in (*tracks, copy)])
    assert [match[:2] for match in found] == [(others, others + 1)]
    assert round(found[0].offset / matching.HOP_SECONDS) == lag
    assert found[0].errors == pytest.approx(errors, abs=0.03)


def test_the_work_grows_with_the_words_and_not_with_their_square() -> None:
    """Tracks of one word each, the worst there is: everything pairs with everything."""
    words = np.tile(np.array([3, 5], np.uint32), 2 * WINDOW)
    for count in (50, 100):
        tracks = [Fingerprint(words, np.ones(len(words), bool))] * count
        ballots = matching._votes_by_word(tracks)
        assert len(ballots) <= matching.NEIGHBOURS * count * len(words)


def test_an_index_in_parts_gives_the_votes_of_the_whole(
    songs: list[np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> None:
    tracks = [*songs, *(seconds(song, 2, 15) for song in songs), songs[0]]
    fingerprints = [fingerprint(track) for track in tracks]
    whole, found = np.sort(matching._votes_by_word(fingerprints)), find_matches(fingerprints)
    assert len(found) >= 6
    indexed: list[int] = []
    index = matching._index

    def counted(*arguments: Any) -> Any:
        words, *rest = index(*arguments)
        indexed.append(len(words))
        return words, *rest

    monkeypatch.setattr(matching, "_index", counted)
    monkeypatch.setattr(matching, "INDEXED", 1_000)
    assert np.array_equal(np.sort(matching._votes_by_word(fingerprints)), whole)
    assert len(indexed) > 5
    assert max(indexed) < 1_500
    assert find_matches(fingerprints) == found
