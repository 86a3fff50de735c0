from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from detune.collection.dataset import load_split
from detune.listen.files import RAISED_PEAK, write_sounds
from detune.listen.sounds import SPECTROGRAM, WAVEFORM, Sounds
from detune.sound.level import from_16_bit, to_16_bit
from tests.sounding import chords

CLEAN = chords(2)
STORED = to_16_bit(CLEAN + 0.01 * chords(2, seed=4))
SOUNDS = Sounds(
    SPECTROGRAM,
    "pgd",
    "0.01",
    rows=np.array([0, 3]),
    labels=np.zeros(2, np.int64),
    fooled=np.ones(2, bool),
    clean=CLEAN,
    stored=STORED,
    gains=np.ones(2),
    misses=np.zeros(2),
)


@pytest.fixture
def written(folders: tuple[Path, Path], tmp_path: Path) -> Path:
    test = load_split(folders[1], "test")
    others = [replace(SOUNDS, domain=WAVEFORM, level=level) for level in ("40", "masked")]
    assert write_sounds([SOUNDS, *others], test, 1, tmp_path) == 12
    return tmp_path


def test_files_have_stable_names_by_attack(written: Path, folders: tuple[Path, Path]) -> None:
    assert sorted(path.name for path in written.iterdir()) == ["masked", "pgd-0.01", "snr-40"]
    row = load_split(folders[1], "test").index[0]
    stem = f"{row.track}-{row.segment:02d}"
    names = {path.name for path in (written / "pgd-0.01").iterdir()}
    versions = ("clean", "attacked", "difference", "difference-raised")
    assert names == {f"{stem}-{version}.flac" for version in versions}


def test_each_is_3_s_of_16_bit_without_a_sample_cut_off(written: Path) -> None:
    for path in written.rglob("*.flac"):
        told = soundfile.info(path)
        assert (told.frames, told.samplerate) == (66_150, 22_050)
        assert (told.subtype, told.channels) == ("PCM_16", 1)
        assert np.abs(soundfile.read(path)[0]).max() < 1


def test_they_are_the_sounds_and_what_was_added(written: Path) -> None:
    sounds = {
        path.stem.split("-", 2)[2]: soundfile.read(path, dtype="float32")[0]
        for path in (written / "pgd-0.01").iterdir()
    }
    assert np.array_equal(sounds["attacked"], from_16_bit(STORED[0]))
    assert np.array_equal(sounds["clean"], CLEAN[0])
    difference = sounds["attacked"] - sounds["clean"]
    np.testing.assert_allclose(sounds["difference"], difference, atol=1e-6)
    raised = sounds["difference-raised"]
    assert np.abs(raised).max() == pytest.approx(RAISED_PEAK, abs=1e-4)
    assert np.corrcoef(raised, difference)[0, 1] > 0.999


def test_the_same_sounds_are_the_same_bytes(
    written: Path, folders: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory
) -> None:
    again = tmp_path_factory.mktemp("again")
    write_sounds([SOUNDS], load_split(folders[1], "test"), 1, again)
    for path in again.rglob("*.flac"):
        assert path.read_bytes() == (written / path.relative_to(again)).read_bytes()
