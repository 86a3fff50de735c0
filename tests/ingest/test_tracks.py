from __future__ import annotations

import errno
import faulthandler
import os
import resource
import signal
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from detune.audio.constants import SAMPLE_RATE
from detune.audio.reading import read_audio
from detune.ingest import tracks as tracks_module
from detune.ingest.fingerprints import fingerprint
from detune.ingest.tracks import Candidate, Quarantined, Track, store_audio, store_tracks
from detune.ingest.validation import Recording
from detune.support.files import sha256


def read_below(folder: Path, candidate: Candidate) -> Recording:
    return Recording(read_audio(folder / candidate.source), ("no end: none", "joined: two"))


def stored(folder: Path, sources: list[str]) -> tuple[list[Track], list[Quarantined]]:
    """Store `<genre>/<name>.wav` below `folder/in` to `folder/out`."""
    candidates = [
        Candidate(source.replace("/", ".").removesuffix(".wav"), source.split("/")[0], source)
        for source in sources
    ]
    kept, left_out = store_tracks(candidates, partial(read_below, folder / "in"), folder / "out")
    for track, taken in kept:
        again = fingerprint(read_audio(folder / "in" / track.source))
        assert np.array_equal(taken.words, again.words)
    return [track for track, _ in kept], left_out


def write(folder: Path, source: str, samples: np.ndarray, rate: int = SAMPLE_RATE) -> str:
    path = folder / "in" / source
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, samples, rate, subtype="FLOAT")
    return source


def test_tracks_are_stored_uniformly_in_the_order_of_the_candidates(
    tone: Any, tmp_path: Path
) -> None:
    stereo = np.stack([tone(3.5, rate=44_100), tone(3.5, 660.0, rate=44_100)], axis=1)
    sources = [
        write(tmp_path, "rock/b.wav", stereo, 44_100),
        write(tmp_path, "blues/a.wav", tone(3.25)),
    ]
    tracks, quarantined = stored(tmp_path, sources)
    assert quarantined == []
    assert [(track.track, track.genre, track.source) for track in tracks] == [
        ("rock.b", "rock", "rock/b.wav"),
        ("blues.a", "blues", "blues/a.wav"),
    ]
    for track in tracks:
        path = tmp_path / "out" / track.genre / f"{track.track}.flac"
        info = soundfile.info(path)
        assert (info.format, info.subtype, info.channels) == ("FLAC", "PCM_16", 1)
        assert info.samplerate == SAMPLE_RATE
        assert track.seconds == info.frames / SAMPLE_RATE
        assert track.sha256 == sha256(path)
        assert track.group == track.track
        assert track.notes == "no end: none; joined: two"
        expected = read_audio(tmp_path / "in" / track.source)
        assert np.allclose(read_audio(path), expected, atol=1 / 32768, rtol=0)
    assert tracks[1].seconds == pytest.approx(3.25, abs=1 / SAMPLE_RATE)


def test_every_unusable_candidate_is_left_out_with_its_reason(tone: Any, tmp_path: Path) -> None:
    broken = tone(4.0)
    broken[5000] = np.nan
    sources = [
        write(tmp_path, "blues/fine.wav", tone(4.0)),
        write(tmp_path, "blues/empty.wav", np.empty(0, np.float32)),
        write(tmp_path, "blues/nan.wav", broken),
        write(tmp_path, "rock/short.wav", tone(2.9)),
        write(tmp_path, "rock/silent.wav", tone(4.0, peak=1e-5)),
        "rock/garbage.wav",
        "rock/absent.wav",
    ]
    (tmp_path / "in" / "rock" / "garbage.wav").write_bytes(b"RIFF and then nothing of the kind")
    tracks, quarantined = stored(tmp_path, sources)
    assert [track.source for track in tracks] == ["blues/fine.wav"]
    reasons = {entry.source: entry.reason for entry in quarantined}
    assert list(reasons) == sources[1:]
    assert reasons["blues/empty.wav"] == "empty"
    assert reasons["blues/nan.wav"] == "samples that are not numbers"
    assert reasons["rock/short.wav"] == "too short: 2.90 s of at least 3 s"
    assert reasons["rock/silent.wav"] == "silent: below -70 dBFS"
    assert reasons["rock/garbage.wav"].startswith("unreadable: ")
    assert reasons["rock/absent.wav"].startswith("unreadable: ")
    assert [entry.genre for entry in quarantined] == [source.split("/")[0] for source in reasons]
    found = sorted(path.name for path in (tmp_path / "out").rglob("*") if path.is_file())
    assert found == ["blues.fine.flac"]


def crash_or_hang(candidate: Candidate) -> Recording:
    if candidate.source == "crash":
        faulthandler.disable()  # it would tell of the crash on the screen
        os.kill(os.getpid(), signal.SIGSEGV)
    while candidate.source == "hang":
        time.sleep(60)
    return Recording(np.tile(np.float32([0.25, -0.25]), 2 * SAMPLE_RATE))


def test_a_file_that_crashes_or_hangs_its_reader_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tracks_module, "READ_TIMEOUT_SECONDS", 1.5)
    candidates = [Candidate(name, "dub", name) for name in ("a", "crash", "b", "hang", "c")]
    stored, quarantined = store_tracks(candidates, crash_or_hang, tmp_path)
    assert [track.track for track, _ in stored] == ["a", "b", "c"]
    assert quarantined == [
        Quarantined("crash", "dub", "unreadable: it crashes its process (SIGSEGV)"),
        Quarantined("hang", "dub", "unreadable: it takes more than 1.5 s"),
    ]


def test_a_track_is_stored_as_libsndfile_writes_a_file(tone: Any, tmp_path: Path) -> None:
    audio = tone(4.0) + np.random.default_rng(0).normal(0, 0.01, 4 * SAMPLE_RATE)
    store_audio(tmp_path / "a.flac", audio)
    level = tracks_module.COMPRESSION
    soundfile.write(tmp_path / "b.flac", audio, SAMPLE_RATE, "PCM_16", compression_level=level)
    assert (tmp_path / "a.flac").read_bytes() == (tmp_path / "b.flac").read_bytes()


def store_within(room: int, path: Path, audio: np.ndarray) -> None:
    """Store `audio` where no file may have more than `room` bytes."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))
    store_audio(path, audio)


def test_a_track_for_which_there_is_no_room_is_an_error_that_names_it(
    tone: Any, tmp_path: Path
) -> None:
    path = tmp_path / "dub.0.flac"
    store_audio(path, tone(4.0))
    earlier = path.read_bytes()
    with ProcessPoolExecutor(1) as pool:
        for room in (0, 1, len(earlier) // 2, len(earlier) - 1):
            error = pool.submit(store_within, room, path, tone(4.0)).exception()
            assert isinstance(error, OSError)
            assert (error.errno, error.filename) == (errno.EFBIG, str(path))
            assert list(tmp_path.iterdir()) == [path]
            assert path.read_bytes() == earlier
        pool.submit(store_within, len(earlier), path, tone(4.0)).result()


def fail(_: Candidate) -> Recording:
    raise RuntimeError("not the audio's fault")


def test_an_error_that_is_not_the_audios_fault_is_not_quarantined(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="not the audio's fault"):
        store_tracks([Candidate("a", "blues", "a.wav")], fail, tmp_path)
