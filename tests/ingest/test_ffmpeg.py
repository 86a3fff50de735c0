from __future__ import annotations

import io
from pathlib import Path

import av
import numpy as np
import pytest

from detune.audio.constants import SAMPLE_RATE
from detune.audio.reading import UnusableTrackError, read_audio
from detune.ingest.ffmpeg import count_packets, decoded
from tests.encoded import BY_FFMPEG, by_ffmpeg, encoded, noise

LOSSLESS = {"m4a, lossless", "mka", "caf", "wavpack", "tta"}


def read(data: bytes, container: str) -> np.ndarray:
    return read_audio(io.BytesIO(data), decoder=lambda audio: decoded(audio, container))


@pytest.mark.parametrize("name", sorted(LOSSLESS))
def test_lossless_files_give_identical_samples(name: str) -> None:
    samples = noise(1.0, SAMPLE_RATE)
    assert np.array_equal(
        read(by_ffmpeg(name, samples, SAMPLE_RATE), BY_FFMPEG[name][2]), samples[:, 0]
    )


@pytest.mark.parametrize(
    ("name", "container"),
    [
        *(("wav of 8 bits", "wav"), ("wav of 24 bits", "wav"), ("wav of 32 bits", "wav")),
        *(("wav of floats", "wav"), ("wav of doubles", "wav"), ("aiff", "aiff"), ("au", "au")),
        ("flac of 24 bits", "flac"),
    ],
)
def test_any_width_of_samples_is_scaled_as_libsndfile_does(name: str, container: str) -> None:
    data = encoded(name, noise(0.5, SAMPLE_RATE, channels=2), SAMPLE_RATE)
    assert np.array_equal(read(data, container), read_audio(io.BytesIO(data)))


@pytest.mark.parametrize("name", sorted(set(BY_FFMPEG) - LOSSLESS))
def test_lossy_files_are_read_in_full(name: str, tmp_path: Path) -> None:
    data = by_ffmpeg(name, noise(2.0, 48_000, channels=2), 48_000)
    audio = read(data, BY_FFMPEG[name][2])
    assert audio.size / SAMPLE_RATE == pytest.approx(2.0, abs=0.06)
    assert np.std(audio) > 0.05
    path = tmp_path / "any name"
    path.write_bytes(data)
    assert np.array_equal(
        read_audio(path, decoder=lambda file: decoded(file, BY_FFMPEG[name][2])), audio
    )


def test_packets_end_where_decoding_does() -> None:
    data = by_ffmpeg("m4a", noise(2.0, 48_000), 48_000)
    packets = count_packets(io.BytesIO(data), "mov")
    assert packets.seconds == pytest.approx(packets.promised, abs=0.03)
    assert packets.seconds == pytest.approx(read(data, "mov").size / SAMPLE_RATE, abs=0.03)


def test_mono_and_stereo_frames_in_one_stream_are_all_read() -> None:
    mono, stereo = (by_ffmpeg("mp2", noise(1.0, 16_000, channels=n)) for n in (1, 2))
    audio = read(mono + stereo + mono, "mp3")
    assert audio.size / SAMPLE_RATE == pytest.approx(3.0, abs=0.2)


def test_another_rate_within_a_stream_is_damage() -> None:
    data = by_ffmpeg("mp2", noise(1.0, 16_000)) + by_ffmpeg("mp2", noise(1.0, 24_000), 24_000)
    with pytest.raises(UnusableTrackError, match=r"^damaged: \d+ Hz become \d+ Hz$"):
        read(data, "mp3")


def test_two_streams_of_audio_are_told() -> None:
    stream = io.BytesIO()
    with av.open(stream, "w", format="matroska") as file:
        tracks = [file.add_stream("pcm_s16le", rate=16_000, layout="mono") for _ in range(2)]
        for track in tracks:
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 1_600), np.int16), "s16", "mono")
            frame.sample_rate, frame.pts = 16_000, 0
            for packet in [*track.encode(frame), *track.encode(None)]:
                file.mux(packet)
    with pytest.raises(UnusableTrackError, match=r"^unreadable: 2 streams of audio, not one$"):
        count_packets(io.BytesIO(stream.getvalue()), "matroska")


@pytest.mark.parametrize("container", ["mov", "asf", "matroska", "caf", "wav", "mp3", "flac"])
def test_no_audio_at_all_is_told_in_a_line(container: str) -> None:
    for data in (b"", bytes(range(256)) * 20, b"#EXTM3U\nfile:///etc/passwd\n"):
        with pytest.raises(UnusableTrackError, match=r"^(unreadable: [^\n]+|empty)$"):
            read(data, container)


def test_audio_of_an_unknown_kind_is_refused_before_its_decoder_crashes() -> None:
    data = bytearray(encoded("wav", noise(0.1, 16_000), 16_000))
    data[20:22] = b"\xcd\xab"
    with pytest.raises(UnusableTrackError, match="unreadable: its audio is of an unknown kind"):
        read(bytes(data), "wav")
