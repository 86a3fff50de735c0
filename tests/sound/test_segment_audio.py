from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from detune.audio.constants import SAMPLE_RATE
from detune.collection.dataset import load_split
from detune.collection.tracks import track_path
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


def test_a_track_that_is_gone_or_was_changed_is_named(
    folders: tuple[Path, Path], tmp_path: Path
) -> None:
    test = load_split(folders[1], "test")
    with pytest.raises(UserError, match=r"flac: unreadable: store it again with `dvc repro -f"):
        read_segment_audio(test, [0], tmp_path)
    row = ROWS[0]
    path = track_path(tmp_path, row.genre, row.track)
    path.parent.mkdir()
    soundfile.write(path, 0.1 * np.random.default_rng(0).normal(size=200_000), SAMPLE_RATE)
    changed = next(place for place, one in enumerate(test.index) if one.track == row.track)
    with pytest.raises(UserError, match="not what its segments were made of: run `dvc repro"):
        read_segment_audio(test, [changed], tmp_path)
