from __future__ import annotations

import librosa
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from detune.audio.mel_filters import apply_mel_filters, mel_filters


def test_the_filters_are_librosas() -> None:
    expected = librosa.filters.mel(sr=22_050, n_fft=2048, n_mels=128)
    assert mel_filters().dtype == np.float32
    assert np.abs(mel_filters() - expected).max() < 1e-8  # theirs are rounded twice


@given(frames=st.integers(1, 140), seed=st.integers(0, 9))
def test_in_blocks_they_do_what_they_do_at_once(frames: int, seed: int) -> None:
    power = np.random.default_rng(seed).exponential(size=(frames, 1025)).astype(np.float32)
    bands = apply_mel_filters(power)
    assert bands.shape == (128, frames)
    assert bands.dtype == np.float32
    assert np.allclose(bands, mel_filters() @ power.T, rtol=1e-5)
