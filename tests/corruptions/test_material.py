from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from detune.audio.constants import SEGMENT_SAMPLES
from detune.collection.dataset import load_split
from detune.corruptions.material import AFTER, BEFORE, SHORTEST, read_materials
from detune.sound.segment_audio import read_segment_audio
from detune.support.errors import UserError

Folders = tuple[Path, Path]


def test_the_segment_is_known_with_what_is_around_it(folders: Folders) -> None:
    audio, segments = folders
    test = load_split(segments, "test")
    rows, materials = read_materials(test, np.arange(len(test.index)), audio, 42)
    alone = read_segment_audio(test, rows, audio)
    for own, material in zip(alone, materials, strict=True):
        np.testing.assert_array_equal(material.segment, own)
        assert SHORTEST <= len(material.excerpt.samples) <= BEFORE + SEGMENT_SAMPLES + AFTER
    assert materials[0].excerpt.begin == 0
    assert materials[1].excerpt.begin == BEFORE


def test_tracks_that_could_not_be_played_faster_are_left_out(folders: Folders) -> None:
    audio, segments = folders
    train = load_split(segments, "validation")  # tracks of 3.1 and 6 s
    rows, materials = read_materials(train, np.arange(len(train.index)), audio, 42)
    left = {train.tracks[row] for row in range(len(train.index))} - {train.tracks[r] for r in rows}
    assert len(left) == 1
    assert len(rows) == len(materials) == 2


def test_other_music_is_of_another_genre_and_the_sample_does_not_decide_it(
    folders: Folders,
) -> None:
    audio, segments = folders
    test = load_split(segments, "test")
    every = read_segment_audio(test, range(len(test.index)), audio)
    rows, materials = read_materials(test, np.arange(len(test.index)), audio, 42)
    for row, material in zip(rows, materials, strict=True):
        source = int(np.abs(every - material.other).max(axis=1).argmin())
        assert test.labels[source] != test.labels[row]
        alone = read_materials(test, np.array([row]), audio, 42)[1][0]
        np.testing.assert_array_equal(alone.other, material.other)
        assert alone.seed == material.seed


def test_audio_that_is_gone_is_named(folders: Folders, tmp_path: Path) -> None:
    test = load_split(folders[1], "test")
    with pytest.raises(UserError, match=r"flac: unreadable: store it again"):
        read_materials(test, np.array([0]), tmp_path, 42)
