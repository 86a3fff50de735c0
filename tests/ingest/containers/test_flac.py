from __future__ import annotations

import io

import numpy as np
import pytest
import soundfile

from detune.audio.reading import UnusableTrackError
from detune.ingest.containers.flac import flac_checksum, require_flac
from tests.encoded import encoded, noise

SAMPLES = noise(0.5, 16_000, channels=2)
KINDS = pytest.mark.parametrize("name", ["flac", "flac of 8 bits", "flac of 24 bits"])


def decoded(data: bytes) -> np.ndarray:
    return soundfile.read(io.BytesIO(data), dtype="float32", always_2d=True)[0]


@KINDS
def test_the_decoded_samples_have_the_checksum(name: str) -> None:
    data = encoded(name, SAMPLES)
    for tagged in (data, b"ID3\4\0\0\0\0\0\5" + bytes(5) + data):
        checksum = flac_checksum(tagged)
        assert checksum is not None
        for block in np.array_split(decoded(data), 7):
            checksum.add(block)
        checksum.require_equal()


@KINDS
def test_one_other_sample_is_noticed(name: str) -> None:
    data = encoded(name, SAMPLES)
    checksum, samples = flac_checksum(data), decoded(data)
    samples[1234, 1] += 2.0**-7
    assert checksum is not None
    checksum.add(samples)
    with pytest.raises(UnusableTrackError, match="its samples differ"):
        checksum.require_equal()


def test_there_is_nothing_to_compare_without_a_checksum() -> None:
    data = encoded("flac", SAMPLES)
    assert flac_checksum(data[:26] + bytes(16) + data[42:]) is None
    assert flac_checksum(data[:30]) is None
    assert flac_checksum(encoded("wav", SAMPLES)) is None


def test_a_cut_header_is_truncated() -> None:
    require_flac(encoded("flac", SAMPLES))
    with pytest.raises(UnusableTrackError, match="truncated: "):
        require_flac(encoded("flac", SAMPLES)[:41])
