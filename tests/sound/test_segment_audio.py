from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from detune.audio.constants import SAMPLE_RATE
from detune.collection.dataset import load_split
from detune.collection.split_table import SplitRow
from detune.collection.tracks import track_path
from detune.preprocess.preprocessing import write_dataset
from detune.sound.segment_audio import read_segment_audio
from detune.support.errors import UserError
from tests.preprocessed import ROWS


def test_it_is_what_the_segments_were_made_of(folders: tuple[Path, Path]) -> None:
    audio, segments = folders
    test = load_split(segments, "test")
    samples = read_segment_audio(test, [1, 0], audio)
    whole, _ = soundfile.read(track_path(audio, test.index[0].genre, test.index[0].track))
    start = round(test.index[1].start_seconds * SAMPLE_RATE)
    assert start > 0
    np.testing.assert_allclose(samples[1], whole[: 3 * SAMPLE_RATE], atol=1e-6)
    np.testing.assert_allclose(samples[0], whole[start : start + 3 * SAMPLE_RATE], atol=1e-6)


def test_segments_that_moved_together_a_little_are_found_to_the_sample(tmp_path: Path) -> None:
    """GTZAN's tracks fall short of 30 s: their segments start at no whole second."""
    path = track_path(tmp_path, "rock", "rock.0")
    path.parent.mkdir()
    soundfile.write(path, 0.1 * np.random.default_rng(0).normal(size=659_001), SAMPLE_RATE)
    write_dataset([SplitRow("rock.0", "rock", "test", group="rock.0")], tmp_path, 10, tmp_path)
    test = load_split(tmp_path, "test")
    assert len(test.index) == 10
    assert read_segment_audio(test, range(10), tmp_path).any(axis=1).all()


def test_a_track_that_is_gone_or_was_changed_is_named(
    folders: tuple[Path, Path], tmp_path: Path
) -> None:
    test = load_split(folders[1], "test")
    with pytest.raises(UserError, match=r"flac: unreadable: store it again with `dvc repro -f"):
        read_segment_audio(test, [0], tmp_path)
    row = ROWS[0]
    path = track_path(tmp_path, row.genre, row.track)
    path.parent.mkdir()
    changed = next(place for place, one in enumerate(test.index) if one.track == row.track)
    for samples in (200_000, 70_000):
        soundfile.write(path, 0.1 * np.random.default_rng(0).normal(size=samples), SAMPLE_RATE)
        with pytest.raises(UserError, match="not what its segments were made of: run `dvc repro"):
            read_segment_audio(test, [changed], tmp_path)
