from __future__ import annotations

import io
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from detune.audio.constants import SAMPLE_RATE, SEGMENT_SECONDS
from detune.audio.reading import MAX_SECONDS, Stream, UnusableTrackError, read_audio
from detune.ingest import validation
from detune.ingest.containers import walk_file
from detune.ingest.containers.walk import NO_END
from detune.ingest.validation import (
    INVERTED,
    LOUDEST,
    MAX_CLIPPED_SHARE,
    MISSING_MS,
    SILENCE_DBFS,
    Clipping,
    require_usable,
    validate_audio,
)
from tests.encoded import (
    BY_FFMPEG,
    ENCODINGS,
    LOSSLESS,
    by_ffmpeg,
    encoded,
    noise,
    without_tag,
)

BARE_MP3 = "mp3 without a tag"


def reason(path: Path) -> str:
    with pytest.raises(UnusableTrackError) as caught:
        validate_audio(path)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def reason_of(data: bytes, folder: Path) -> str:
    path = folder / "doubted.wav"
    path.write_bytes(data)
    return reason(path)


@pytest.mark.parametrize("name", LOSSLESS)
def test_lossless_files_give_identical_samples(name: str, tmp_path: Path) -> None:
    samples = noise(1.0, SAMPLE_RATE)
    path = tmp_path / "a.ending does not matter"
    path.write_bytes(encoded(name, samples, SAMPLE_RATE))
    assert np.array_equal(validate_audio(path).audio, samples[:, 0])


@pytest.mark.parametrize("name", ENCODINGS)
@pytest.mark.parametrize("rate", [8_000, 48_000])
def test_every_container_is_read_in_full(name: str, rate: int, tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(encoded(name, noise(2.0, rate, channels=2), rate))
    audio = validate_audio(path).audio
    # ADPCM fills its last block up.
    assert audio.size == pytest.approx(2 * SAMPLE_RATE, abs=SAMPLE_RATE // 5)
    assert audio.size >= 2 * SAMPLE_RATE - 1
    assert np.std(audio) > 0.05


KINDS = [*ENCODINGS, *BY_FFMPEG, BARE_MP3]
"""Every kind of file, and an MP3 whose length only its frames tell."""

OPEN = ("aac", "mp2", BARE_MP3)
"""Those of frames that nothing counts: any whole frame is all there is."""

RATE = 44_100


@cache
def file_of(name: str) -> bytes:
    samples = noise(4.0, 48_000 if name in ("webm", "opus") else RATE)
    rate = 48_000 if name in ("webm", "opus") else RATE
    if name == BARE_MP3:
        return without_tag(encoded("mp3", samples, rate))
    return (by_ffmpeg if name in BY_FFMPEG else encoded)(name, samples, rate)


@cache
def length_of(name: str) -> float:
    """How long a whole file is, s."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "whole"
        path.write_bytes(file_of(name))
        return validate_audio(path).audio.size / SAMPLE_RATE


@pytest.mark.parametrize("name", KINDS)
@given(share=st.floats(0.0, 0.999))
@settings(max_examples=12, deadline=None, derandomize=True)
def test_a_split_file_is_refused_or_gives_all_that_is_there(name: str, share: float) -> None:
    """At most what may be missing is, of what is promised or of what so many bytes hold."""
    data, whole = file_of(name), length_of(name)
    kept = int(share * len(data))
    with TemporaryDirectory() as folder:
        path = Path(folder) / "split"
        path.write_bytes(data[:kept])
        try:
            audio, notes = validate_audio(path)
        except UnusableTrackError as error:
            assert str(error).startswith(
                ("truncated: ", "unreadable: ", "not read", "empty", "damaged: its samples")
            )
            return
    seconds = audio.size / SAMPLE_RATE
    if name in OPEN:
        assert seconds == pytest.approx(whole * kept / len(data), abs=0.12)
    elif notes == (NO_END,):  # Ogg that ends with a page: its positions tell
        assert seconds == pytest.approx(walk_file(data[:kept]).seconds, abs=0.01)
    else:
        assert whole - seconds <= MISSING_MS / 1000 + 0.03
        assert notes or whole - seconds < 0.01  # of an m4a, what follows its table


@pytest.mark.parametrize("name", ["wav", "flac", "ogg", "opus", "mp3", *OPEN])
@given(start=st.one_of(st.just(0.0), st.floats(0.0, 0.999)), share=st.floats(0.0, 0.999))
@settings(max_examples=25, deadline=None, derandomize=True)
def test_a_file_that_lost_a_piece_is_refused_or_gives_all_that_is_left(
    name: str, start: float, share: float
) -> None:
    """The second part of a split file, where the piece is its beginning, or one with a hole."""
    data, whole = file_of(name), length_of(name)
    first = int(start * len(data))
    left = data[:first] + data[first + max(1, int(share * (len(data) - first))) :]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "left"
        path.write_bytes(left)
        try:
            audio, _ = validate_audio(path)
        except UnusableTrackError as error:
            assert str(error).startswith(
                ("truncated: ", "unreadable: ", "not read", "empty", "damaged: ", "no recording: ")
            )
            return
    seconds = audio.size / SAMPLE_RATE
    assert seconds == pytest.approx(walk_file(left).seconds, abs=MISSING_MS / 1000)
    # What tells the length of an MP3 is in its first frame. Frames on both sides of a joint are
    # lost, and up to two before an early one.
    tag = len(data) - len(without_tag(data)) if name == "mp3" else 0
    if name in OPEN or first < tag:
        share = len(left) / len(data)
        everything = length_of(BARE_MP3 if tag else name)
        assert seconds == pytest.approx(share * everything, abs=0.25 if first else 0.12)
    else:
        assert whole - seconds <= MISSING_MS / 1000 + 0.03


def seconds_of(data: bytes, folder: Path, missing_ms: float = MISSING_MS) -> float:
    (folder / "doubted").write_bytes(data)
    return validate_audio(folder / "doubted", missing_ms).audio.size / SAMPLE_RATE


def variable(rate: int) -> bytes:
    """An MP3 of variable bit rate that gets denser, without the tag that counts its frames."""
    stream, samples = io.BytesIO(), noise(8.0, rate, channels=2)
    samples[: 4 * rate] *= 0.001
    samples[: 4 * rate, :] = np.round(samples[: 4 * rate] * 64) / 64
    how = {"bitrate_mode": "VARIABLE", "compression_level": 0.2}
    soundfile.write(stream, samples, rate, format="MP3", **how)
    return without_tag(stream.getvalue())


@pytest.mark.parametrize("rate", [44_100, 22_050, 11_025])
def test_an_mp3_without_a_tag_is_read_in_full(rate: int, tmp_path: Path) -> None:
    data = variable(rate)
    frame = (1152 if rate == 44_100 else 576) / rate
    assert 8.0 <= seconds_of(data, tmp_path) <= 8.0 + 5 * frame
    constant = without_tag(encoded("mp3", noise(4.0, rate), rate))
    assert 4.0 <= seconds_of(constant, tmp_path) <= 4.0 + 5 * frame


@pytest.mark.parametrize("name", ["wav", "flac", "ogg", "opus", "mp3", BARE_MP3])
def test_files_that_were_joined_are_read_in_full(name: str, tmp_path: Path) -> None:
    other = encoded("mp3", noise(1.0, 22_050), 22_050) if "mp3" in name else b""
    assert seconds_of(file_of(name) * 2 + other, tmp_path) == pytest.approx(
        2 * length_of(name) + bool(other), abs=1e-3
    )


def test_a_second_chain_of_another_rate_follows_in_tune(tone: Any, tmp_path: Path) -> None:
    links = [
        encoded("ogg", tone(2.0, 600.0, rate=rate)[:, None], rate) for rate in (16_000, 44_100)
    ]
    (tmp_path / "chain.ogg").write_bytes(b"".join(links))
    audio, notes = validate_audio(tmp_path / "chain.ogg")
    assert audio.size == 4 * SAMPLE_RATE
    assert notes == ("joined: 2 recordings in one file",)
    for half in np.split(audio, 2):
        spectrum = np.abs(np.fft.rfft(half[4_096:36_864]))
        assert spectrum.argmax() * SAMPLE_RATE / 32_768 == pytest.approx(600, abs=1)


@pytest.mark.parametrize(
    "size", [0, 0x7FFFF000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0xFFFFFFDB, 2 * 16_000 + 16]
)
def test_a_wav_of_any_size_is_taken_whole(size: int, tmp_path: Path) -> None:
    samples = noise(1.0, SAMPLE_RATE)
    data = encoded("wav", samples, SAMPLE_RATE)
    at = data.index(b"data") + 4
    size += 0 if size & 0xF0000000 or not size else 2 * SAMPLE_RATE - 2 * 16_000
    (tmp_path / "a.wav").write_bytes(
        data[:4] + bytes(4) + data[8:at] + struct.pack("<I", size) + data[at + 4 :]
    )
    audio, notes = validate_audio(tmp_path / "a.wav")
    assert np.array_equal(audio, samples[:, 0])
    assert len(notes) == 1


def test_how_much_may_be_missing_is_a_parameter(tmp_path: Path) -> None:
    data = encoded("wav", noise(1.0, SAMPLE_RATE), SAMPLE_RATE)[: -2 * 2_205]
    assert seconds_of(data, tmp_path, 101) == 0.9
    with pytest.raises(UnusableTrackError, match=r"^truncated: 0\.10 s of 1\.00 s are missing"):
        seconds_of(data, tmp_path, 99)


def test_what_the_decoders_do_not_read_in_full_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def short(_: Path, container: str = "") -> Iterator[Stream]:
        yield Stream(SAMPLE_RATE, iter([np.zeros((SAMPLE_RATE, 1), np.float32)]))

    monkeypatch.setattr(validation, "libsndfile", short)
    monkeypatch.setattr(validation, "decoded", short)
    told = "not read in full: the decoder reads 1.00 s of 4.00 s"
    assert reason_of(file_of("wav"), tmp_path) == told


@pytest.mark.parametrize("shared", [0.0, 0.05])
def test_music_in_channels_that_cancel_is_kept(shared: float, tone: Any, tmp_path: Path) -> None:
    music, other = tone(4.0, 440.0, peak=0.4), shared * tone(4.0, 997.0)
    path = tmp_path / "a.wav"
    soundfile.write(path, np.stack([music + other, other - music], axis=1), SAMPLE_RATE, "FLOAT")
    audio, notes = validate_audio(path)
    assert np.allclose(audio, music, atol=1e-6)
    assert notes == (INVERTED,)
    soundfile.write(path, np.stack([music, -2 * music, music], axis=1), SAMPLE_RATE, "FLOAT")
    audio, notes = validate_audio(path)
    assert np.allclose(audio, -2 * music, atol=1e-6)
    assert notes == (LOUDEST,)


def test_a_flac_cut_between_frames_is_truncated(tmp_path: Path) -> None:
    """What is left decodes without an error; only its length tells."""
    data = encoded("flac", noise(2.0, 16_000))
    shorter = encoded("flac", noise(2.0, 16_000)[: 4096 * 2])
    assert data[90:4000] == shorter[90:4000]
    told = "truncated: 1.49 s of 2.00 s are missing at its end"
    assert reason_of(data[:90] + shorter[90:], tmp_path) == told


def test_a_flac_with_other_samples_than_were_encoded_is_damaged(tmp_path: Path) -> None:
    data = encoded("flac", noise(2.0, 16_000))
    assert reason_of(data[:26] + bytes([data[26] ^ 1]) + data[27:], tmp_path) == (
        "damaged: its samples differ from their checksum"
    )


def wav(rate: int = 16_000, channels: int = 1, frames: int = 1_000) -> bytes:
    """A WAV file of 8 bits with any header."""
    head = struct.pack("<HHIIHH", 1, channels, rate, rate * channels, channels, 8)
    body = b"WAVEfmt " + struct.pack("<I", 16) + head + b"data"
    body += struct.pack("<I", frames * channels) + bytes(frames * channels)
    return b"RIFF" + struct.pack("<I", len(body)) + body


@pytest.mark.parametrize("rate", [1, 3_999, 768_001, 10_000_000])
def test_an_absurd_rate_is_refused(rate: int, tmp_path: Path) -> None:
    assert reason_of(wav(rate=rate), tmp_path).startswith(f"no recording: {rate} Hz")


def test_absurdly_many_channels_are_refused(tmp_path: Path) -> None:
    assert reason_of(wav(channels=1_000), tmp_path) == "no recording: 1000 channels of at most 32"


@pytest.mark.parametrize("frames", [0, 2**36 - 1, 16_000 * (MAX_SECONDS + 1)])
def test_hours_that_a_header_claims_cost_no_memory(frames: int, tmp_path: Path) -> None:
    data = bytearray(encoded("flac", noise(1.0, 16_000)))
    (packed,) = struct.unpack_from(">Q", data, 18)
    struct.pack_into(">Q", data, 18, packed >> 36 << 36 | frames)
    path = tmp_path / "a.flac"
    path.write_bytes(data)
    if frames:
        assert reason(path).startswith("truncated: ")
    else:
        assert validate_audio(path).audio.size == SAMPLE_RATE  # no claim: what is there counts


def test_more_than_an_hour_is_refused_however_small_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.flac"
    soundfile.write(path, np.zeros(4_000 * (MAX_SECONDS + 1), np.int16), 4_000)
    data = bytearray(path.read_bytes())
    (packed,) = struct.unpack_from(">Q", data, 18)
    struct.pack_into(">Q", data, 18, packed >> 36 << 36)  # no claim: found out by reading
    assert reason_of(bytes(data), tmp_path).startswith("too long: ")


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("name", ["wav of floats", "wav of doubles", "aiff of floats"])
def test_samples_that_are_not_numbers_are_refused(name: str, value: float, tmp_path: Path) -> None:
    samples = noise(1.0, 16_000, channels=2)
    samples[777, 1] = value
    assert reason_of(encoded(name, samples), tmp_path) == "samples that are not numbers"


@pytest.mark.parametrize(("share", "refused"), [(0.19, False), (0.21, True), (1.0, True)])
@pytest.mark.parametrize("sign", [-1.0, 1.0])
def test_a_track_is_clipped_beyond_use_above_a_share(
    share: float, refused: bool, sign: float, tmp_path: Path
) -> None:
    samples = noise(1.0, 16_000)
    samples[: round(share * samples.size)] = sign
    path = tmp_path / "a.wav"
    path.write_bytes(encoded("wav", samples))
    if refused:
        assert (
            reason(path)
            == f"clipped: {share:.0%} of its samples, more than {MAX_CLIPPED_SHARE:.0%}"
        )
    else:
        validate_audio(path)


def test_clipping_counts_every_channel_of_every_block() -> None:
    clipping = Clipping()
    for _ in range(3):
        clipping.add(np.array([[1.0, 0.0], [-1.0, 0.0], [0.5, -0.995]]))
    with pytest.raises(UnusableTrackError, match="clipped: 50% of its samples"):
        clipping.require_unclipped()


def test_what_is_no_file_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.wav")
    (tmp_path / "link.wav").symlink_to("/dev/zero")
    (tmp_path / "broken.wav").symlink_to("nowhere")
    (tmp_path / "empty.wav").touch()
    assert reason(tmp_path / "pipe.wav") == "unreadable: not a file"
    assert reason(tmp_path / "link.wav") == "unreadable: not a file"
    assert reason(tmp_path / "broken.wav") == "unreadable: No such file or directory"
    assert reason(tmp_path / "empty.wav") == "empty: a file of 0 bytes"
    assert reason(tmp_path) == "unreadable: not a file"


@pytest.mark.parametrize("name", ["VOC", "PAF", "NIST", "IRCAM", "SVX", "MAT5"])
def test_other_containers_never_reach_the_decoder(name: str, tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, noise(1.0, 16_000), 16_000, format=name, subtype="PCM_16")
    read_audio(path)
    assert reason(path).startswith(("unreadable: no audio of a kind that is read", "truncated: "))


LEAST = round(SEGMENT_SECONDS * SAMPLE_RATE)


def square(level: float) -> np.ndarray:
    """A square wave of a level in dBFS, just long enough."""
    return np.resize(np.float32([1, -1]) * np.float32(10 ** (level / 20)), LEAST)


@pytest.mark.parametrize(
    ("audio", "reason"),
    [
        (np.empty(0, np.float32), "empty"),
        (np.array([0.1] * LEAST + [np.nan], np.float32), "samples that are not numbers"),
        (np.array([0.1] * LEAST + [-np.inf], np.float32), "samples that are not numbers"),
        (np.full(LEAST - 1, 0.1, np.float32), "too short: 3.00 s of at least 3 s"),
        (np.full(LEAST // 2, 0.1, np.float32), "too short: 1.50 s of at least 3 s"),
        (np.zeros(LEAST, np.float32), "silent: below -70 dBFS"),
        (square(-70.1), "silent: below -70 dBFS"),
        (square(-70.1) + 0.25, "silent: below -70 dBFS"),
        (np.full(LEAST, 0.25, np.float32), "silent: below -70 dBFS"),
    ],
)
def test_unusable_audio_is_named_with_its_reason(audio: np.ndarray, reason: str) -> None:
    with pytest.raises(UnusableTrackError) as caught:
        require_usable(audio)
    assert str(caught.value) == reason


@pytest.mark.parametrize("level", [SILENCE_DBFS + 0.1, -20.0, 0.0])
def test_a_segment_just_long_and_loud_enough_is_usable(level: float) -> None:
    require_usable(square(level))
