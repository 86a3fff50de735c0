"""The feature table: 57 numbers a track, named as in the table published with GTZAN."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import median_filter

from detune.audio.constants import FFT_SIZE, HOP, SAMPLE_RATE
from detune.support.compiled import COMPILING

with COMPILING:
    import librosa
    import librosa.beat

MFCCS = 20
"""Mel-frequency cepstral coefficients of the table."""

MEDIAN_SIZE = 31
"""Frames or bins in the window of a median when harmonic and percussive parts are separated."""

_DESCRIPTORS = (
    "chroma_stft",
    "rms",
    "spectral_centroid",
    "spectral_bandwidth",
    "rolloff",
    "zero_crossing_rate",
    "harmony",
    "perceptr",
)


FEATURES = (
    *(f"{name}_{moment}" for name in _DESCRIPTORS for moment in ("mean", "var")),
    "tempo",
    *(f"mfcc{n}_{moment}" for n in range(1, MFCCS + 1) for moment in ("mean", "var")),
)
"""Names of the 57 features, in the table's order."""

FEATURE_COLUMNS = ("filename", "length", *FEATURES, "label")


def track_features(audio: np.ndarray) -> dict[str, float]:
    """Compute the 57 features of `audio` `(n,)` at 22,050 Hz, by their names.

    Each is the mean or variance over the track of one of librosa's descriptors at their usual
    settings (FFT 2048, hop 512); `harmony` and `perceptr` are the samples of the harmonic and the
    percussive part, `tempo` is in beats a minute. All descriptors share one Fourier transform.
    """
    spectrum = librosa.stft(audio, n_fft=FFT_SIZE, hop_length=HOP)
    magnitude = np.abs(spectrum)
    mel = librosa.feature.melspectrogram(S=magnitude**2, sr=SAMPLE_RATE)
    decibels = librosa.power_to_db(mel)
    descriptors = _descriptors(audio, magnitude)
    descriptors["harmony"], descriptors["perceptr"] = separate(spectrum, audio.size)
    features: dict[str, float] = {}
    for name in _DESCRIPTORS:
        features |= _mean_and_variance(name, descriptors[name])
    features["tempo"] = _tempo(decibels)
    for number, row in enumerate(librosa.feature.mfcc(S=decibels, n_mfcc=MFCCS), start=1):
        features |= _mean_and_variance(f"mfcc{number}", row)
    return features


def separate(spectrum: np.ndarray, samples: int) -> tuple[np.ndarray, np.ndarray]:
    """Split a complex spectrum `(1025, frames)` into its harmonic and percussive audio.

    The same as `librosa.effects.hpss` (median filters over 31 frames and 31 bins, Fitzgerald
    2010), with the filters run along one axis: SciPy's one-dimensional median is ten times
    faster than its two-dimensional one.

    Returns:
        Two arrays `(samples,)`.
    """
    magnitude = np.abs(spectrum)
    harmonic = _median_along_rows(magnitude)
    percussive = _median_along_rows(magnitude.T).T
    masks = (
        librosa.util.softmask(harmonic, percussive, power=2, split_zeros=True),
        librosa.util.softmask(percussive, harmonic, power=2, split_zeros=True),
    )
    parts = [librosa.istft(spectrum * mask, hop_length=HOP, length=samples) for mask in masks]
    return parts[0], parts[1]


def _median_along_rows(values: np.ndarray) -> np.ndarray:
    """Median over 31 neighbours in each row of `(rows, columns)`, mirrored at the ends."""
    half = MEDIAN_SIZE // 2
    padded = np.pad(values, ((0, 0), (half, half)), mode="symmetric")
    filtered = median_filter(padded.ravel(), size=MEDIAN_SIZE).reshape(padded.shape)
    return np.asarray(filtered[:, half:-half])


def _descriptors(audio: np.ndarray, magnitude: np.ndarray) -> dict[str, np.ndarray]:
    """The descriptors by frame that come straight from librosa."""
    feature = librosa.feature
    return {
        "chroma_stft": feature.chroma_stft(S=magnitude**2, sr=SAMPLE_RATE),
        "rms": feature.rms(y=audio),
        "spectral_centroid": feature.spectral_centroid(S=magnitude, sr=SAMPLE_RATE),
        "spectral_bandwidth": feature.spectral_bandwidth(S=magnitude, sr=SAMPLE_RATE),
        "rolloff": feature.spectral_rolloff(S=magnitude, sr=SAMPLE_RATE),
        "zero_crossing_rate": feature.zero_crossing_rate(audio),
    }


def _tempo(decibels: np.ndarray) -> float:
    """Beats a minute of a mel spectrogram `(128, frames)` in dB; 0 where there is no rhythm."""
    onsets = librosa.onset.onset_strength(S=decibels, sr=SAMPLE_RATE)
    if not onsets.any():
        return 0.0
    tempo, _ = librosa.beat.beat_track(onset_envelope=onsets, sr=SAMPLE_RATE, hop_length=HOP)
    return float(np.atleast_1d(tempo)[0])


def _mean_and_variance(name: str, values: np.ndarray) -> dict[str, float]:
    """The two columns of one descriptor."""
    return {f"{name}_mean": float(np.mean(values)), f"{name}_var": float(np.var(values))}
