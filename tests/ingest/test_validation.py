from __future__ import annotations

import os
import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile

from detune.audio.constants import SAMPLE_RATE, SEGMENT_SECONDS
from detune.audio.reading import MAX_SECONDS, UnusableTrackError, read_audio
from detune.ingest.validation import (
    MAX_CLIPPED_SHARE,
    SILENCE_DBFS,
    Clipping,
    require_usable,
    validate_audio,
)
from tests.encoded import ENCODINGS, LOSSLESS, encoded, noise


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
    assert np.array_equal(validate_audio(path), samples[:, 0])


@pytest.mark.parametrize("name", ENCODINGS)
@pytest.mark.parametrize("rate", [8_000, 48_000])
def test_every_container_is_read_in_full(name: str, rate: int, tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(encoded(name, noise(2.0, rate, channels=2), rate))
    audio = validate_audio(path)
    # ADPCM fills its last block up.
    assert audio.size == pytest.approx(2 * SAMPLE_RATE, abs=SAMPLE_RATE // 5)
    assert audio.size >= 2 * SAMPLE_RATE - 1
    assert np.std(audio) > 0.05


@pytest.mark.parametrize("name", ENCODINGS)
@pytest.mark.parametrize("share", [0.01, 0.3, 0.7, 0.99])
def test_a_cut_file_is_refused_in_every_container(name: str, share: float, tmp_path: Path) -> None:
    data = encoded(name, noise(2.0, 16_000))
    told = reason_of(data[: int(share * len(data))], tmp_path)
    assert told.startswith(("truncated: ", "unreadable: "))


def test_a_flac_cut_between_frames_is_truncated(tmp_path: Path) -> None:
    """What is left decodes without an error; only its length tells."""
    data = encoded("flac", noise(2.0, 16_000))
    shorter = encoded("flac", noise(2.0, 16_000)[: 4096 * 2])
    assert data[90:4000] == shorter[90:4000]
    assert reason_of(data[:90] + shorter[90:], tmp_path) == "truncated: 0.51 s of 2.00 s are there"


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
        assert reason(path).startswith("too long: ")
    else:
        assert validate_audio(path).size == SAMPLE_RATE  # no claim: what is there counts


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


@pytest.mark.parametrize("name", ["CAF", "VOC", "W64", "PAF", "NIST", "IRCAM", "SVX", "MAT5"])
def test_other_containers_never_reach_the_decoder(name: str, tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, noise(1.0, 16_000), 16_000, format=name, subtype="PCM_16")
    read_audio(path)
    assert reason(path).startswith(("unreadable: neither", "truncated: "))


LEAST = round(SEGMENT_SECONDS * SAMPLE_RATE)


@pytest.mark.parametrize(
    ("audio", "reason"),
    [
        (np.empty(0, np.float32), "empty"),
        (np.array([0.1] * LEAST + [np.nan], np.float32), "samples that are not numbers"),
        (np.array([0.1] * LEAST + [-np.inf], np.float32), "samples that are not numbers"),
        (np.full(LEAST - 1, 0.1, np.float32), "too short: 3.00 s of at least 3 s"),
        (np.full(LEAST // 2, 0.1, np.float32), "too short: 1.50 s of at least 3 s"),
        (np.zeros(LEAST, np.float32), "silent: below -70 dBFS"),
        (np.full(LEAST, 10 ** (-70.1 / 20), np.float32), "silent: below -70 dBFS"),
    ],
)
def test_unusable_audio_is_named_with_its_reason(audio: np.ndarray, reason: str) -> None:
    with pytest.raises(UnusableTrackError) as caught:
        require_usable(audio)
    assert str(caught.value) == reason


@pytest.mark.parametrize("level", [SILENCE_DBFS + 0.1, -20.0, 0.0])
def test_a_segment_just_long_and_loud_enough_is_usable(level: float) -> None:
    require_usable(np.full(LEAST, 10 ** (level / 20), np.float32))
