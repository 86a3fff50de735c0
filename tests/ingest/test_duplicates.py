from __future__ import annotations

import numpy as np
import pytest

from detune.audio.constants import SAMPLE_RATE
from detune.ingest.duplicates import (
    DUPLICATE_COLUMNS,
    find_duplicates,
    grouped,
)
from detune.ingest.fingerprints import fingerprint
from detune.ingest.matching import find_matches
from detune.ingest.tracks import Stored, Track
from tests.benchmarks.duplicates import PLANTS
from tests.music import music

AUDIO = music(1, 12)
OTHER = music(2, 12)
COLLECTION = {
    "blues.0": AUDIO,
    "blues.1": OTHER,
    "blues.2": AUDIO / 2,
    "rock.0": AUDIO[4 * SAMPLE_RATE :],
    "rock.1": OTHER,
    "rock.2": music(3, 12),
}


def stored() -> list[Stored]:
    return [
        Stored(
            Track(
                track=name,
                genre=name.split(".")[0],
                seconds=audio.size / SAMPLE_RATE,
                sha256=str(hash(audio.tobytes())),
                source=f"{name}.wav",
                group=name,
            ),
            fingerprint(audio),
        )
        for name, audio in COLLECTION.items()
    ]


def test_identical_tracks_copies_and_excerpts_are_told_apart() -> None:
    found = {(pair.track, pair.other): pair for pair in find_duplicates(stored())}
    assert {names: pair.kind for names, pair in found.items()} == {
        ("blues.0", "blues.2"): "copy",
        ("blues.0", "rock.0"): "excerpt",
        ("blues.1", "rock.1"): "identical",
        ("blues.2", "rock.0"): "excerpt",
    }
    excerpt = found["blues.0", "rock.0"]
    assert (excerpt.genre, excerpt.other_genre) == ("blues", "rock")
    assert abs(excerpt.offset_seconds + 4) < 0.025
    assert abs(excerpt.shared_seconds - 8) < 0.2
    assert found["blues.1", "rock.1"].shared_seconds == 12
    assert list(vars(excerpt)) == list(DUPLICATE_COLUMNS)


def test_a_set_of_duplicates_is_one_group_named_after_its_first_track() -> None:
    entries = stored()
    tracks = grouped([entry.track for entry in entries], find_duplicates(entries))
    assert [track.track for track in tracks] == list(COLLECTION)
    assert [track.group for track in tracks] == [
        *("blues.0", "blues.1", "blues.0", "blues.0", "blues.1", "rock.2")
    ]


def test_without_duplicates_each_track_is_a_group_of_its_own() -> None:
    tracks = [stored()[place].track for place in (0, 1, 5)]
    assert grouped(tracks, []) == tracks
    assert find_duplicates([]) == []


@pytest.mark.parametrize("plant", PLANTS)
def test_planted_duplicates_are_found_and_nothing_else(plant: str) -> None:
    """As `tests.benchmarks.duplicates` does with a folder of real tracks."""
    songs = [music(seed, 30) for seed in range(4)]
    copy = PLANTS[plant](songs[2], np.random.default_rng(5)).astype(np.float32)
    found = find_matches([fingerprint(audio) for audio in (*songs, copy)])
    assert [match[:2] for match in found] == [(2, 4)]
    assert found[0].shared > 4
