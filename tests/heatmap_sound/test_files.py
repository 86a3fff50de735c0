from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile

from detune.collection.dataset import load_split
from detune.heatmap_sound.files import write_parts
from detune.sound.segment_audio import read_segment_audio


def test_the_two_parts_of_a_sound_are_stored_beside_it(
    folders: tuple[Path, Path], tmp_path: Path
) -> None:
    test = load_split(folders[1], "test")
    rows = np.array([1])
    samples = read_segment_audio(test, rows, folders[0])
    heat = np.zeros((1, 128, 130))
    heat[:, :64] = 0.5
    write_parts(test, rows, samples, heat, tmp_path / "sounds")
    row = test.index[1]
    read = {}
    for name in ("clean", "marked", "rest"):
        path = tmp_path / f"sounds/{row.track}-{row.segment:02d}-{name}.flac"
        assert soundfile.info(path).subtype == "PCM_16"
        read[name], rate = soundfile.read(path)
        assert (rate, len(read[name])) == (22_050, 66_150)
    np.testing.assert_allclose(read["marked"] + read["rest"], read["clean"], atol=1e-4)
    write_parts(test, rows[:0], samples[:0], heat[:0], tmp_path / "none")
    assert list((tmp_path / "none").iterdir()) == []
