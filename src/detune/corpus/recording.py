"""How a performance was recorded: the nuisances of a collection from many sources and decades."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import signal

Samples = npt.NDArray[np.float32]

PEAK = 0.98
LEVEL_DB = (-25.0, -13.0)
TILT_DB = (-1.5, 1.5)
TILT_PIVOT_HZ = 1000.0
HUM_PARTIALS = {1: 1.0, 2: 0.5, 3: 0.3, 5: 0.12}
CLICKS_PER_SECOND = 12.0


@dataclass(frozen=True)
class Medium:
    """What a carrier does to the sound; each range is drawn from evenly.

    Attributes:
        low_hz: range of the lower band limit.
        high_hz: range of the upper band limit; above half the sample rate it has no effect.
        hiss_db: range of the level of the noise floor, relative to the music.
        drive: range of the gain into the soft saturation, 0 for none.
        hum: probability of mains hum.
        crackle: probability of clicks.
    """

    low_hz: tuple[float, float]
    high_hz: tuple[float, float]
    hiss_db: tuple[float, float]
    drive: tuple[float, float]
    hum: float
    crackle: float


MEDIA: dict[str, Medium] = {
    "studio": Medium((20, 40), (10_500, 20_000), (-85, -65), (0.0, 0.4), 0.0, 0.0),
    "compressed": Medium((20, 40), (8_000, 10_500), (-80, -65), (0.0, 0.8), 0.0, 0.0),
    "cassette": Medium((35, 70), (7_000, 10_000), (-64, -50), (0.4, 1.4), 0.15, 0.0),
    "vinyl": Medium((30, 70), (8_000, 10_500), (-68, -55), (0.2, 0.9), 0.25, 1.0),
    "radio": Medium((80, 180), (4_500, 7_000), (-60, -47), (0.6, 1.8), 0.3, 0.1),
}

# Shares of the media, in the order of MEDIA, among genres of age 0 and of age 1.
SHARES_YOUNG = (0.66, 0.20, 0.06, 0.06, 0.02)
SHARES_OLD = (0.50, 0.20, 0.13, 0.13, 0.04)


@dataclass(frozen=True)
class Recording:
    """How one track was recorded.

    Attributes:
        level_db: loudness as RMS, in dB re full scale.
        left: share of the left channel in the fold-down to mono, 0 to 1.
        tilt_db: rise of the treble over the bass, in dB.
        room_seconds: reverberation time (to -60 dB).
        room_share: level of the reverberation relative to the direct sound, 0 to 1.
        low_hz: lower band limit.
        high_hz: upper band limit.
        hiss_db: noise floor relative to the music, in dB.
        drive: gain into the soft saturation, 0 for none.
        hum_hz: mains frequency of the hum, or 0 for none.
        crackle: whether there are clicks.
    """

    level_db: float
    left: float
    tilt_db: float
    room_seconds: float
    room_share: float
    low_hz: float
    high_hz: float
    hiss_db: float
    drive: float
    hum_hz: float
    crackle: bool


def draw_recording(age: float, rng: np.random.Generator) -> Recording:
    """Draw a recording; old genres (`age` towards 1) are a little more often on old media."""
    shares = (1.0 - age) * np.array(SHARES_YOUNG) + age * np.array(SHARES_OLD)
    medium = MEDIA[str(rng.choice(list(MEDIA), p=shares / shares.sum()))]
    return Recording(
        level_db=float(rng.uniform(*LEVEL_DB)),
        left=float(rng.uniform(0.35, 0.65)),
        tilt_db=float(rng.uniform(*TILT_DB)),
        room_seconds=float(rng.uniform(0.15, 0.9)),
        room_share=float(rng.uniform(0.0, 0.2)),
        low_hz=float(rng.uniform(*medium.low_hz)),
        high_hz=float(rng.uniform(*medium.high_hz)),
        hiss_db=float(rng.uniform(*medium.hiss_db)),
        drive=float(rng.uniform(*medium.drive)),
        hum_hz=float(rng.choice([50.0, 60.0])) if rng.random() < medium.hum else 0.0,
        crackle=bool(rng.random() < medium.crackle),
    )


def record(
    sound: Samples, recording: Recording, samples: int, sample_rate: int, rng: np.random.Generator
) -> Samples:
    """Record a performance.

    Args:
        sound: stereo performance, shape (any, 2).
        recording: how.
        samples: length of the result; a shorter performance is followed by the medium's noise.
        sample_rate: of both, in Hz.
        rng: source of the noises.

    Returns:
        Mono samples, shape (samples,), at the level of the recording or, where that would clip,
        at a peak of `PEAK`.
    """
    return record_takes([sound], recording, samples, sample_rate, rng)[0]


def record_takes(
    sounds: Sequence[Samples],
    recording: Recording,
    samples: int,
    sample_rate: int,
    rng: np.random.Generator,
) -> list[Samples]:
    """Record several performances, with everything set for the first of them.

    Room, noise and every gain are the same, so that a performance in which a player is silent
    sounds as if that player had been muted. Arguments are those of `record`; the peak of a take
    after the first may be above `PEAK`.
    """
    takes = [fold_down(sound, recording, samples) for sound in sounds]
    level = _rms(takes[0])
    takes = [(take / level).astype(np.float32) for take in takes]
    takes = [_tilted(take, recording.tilt_db, sample_rate) for take in takes]
    room = _room_response(recording, sample_rate, rng)
    takes = [_in_room(take, room) for take in takes]
    takes = _saturated(takes, recording.drive)
    noise = _noise(recording, samples, sample_rate, rng)
    limits = recording.low_hz, recording.high_hz
    takes = [_band_limited(take + noise, *limits, sample_rate) for take in takes]
    level = _rms(takes[0])
    takes = [take * (_gain(recording.level_db) / level) for take in takes]
    peak = float(np.abs(takes[0]).max())
    return [(take * min(1.0, PEAK / peak)).astype(np.float32) for take in takes]


def fold_down(sound: Samples, recording: Recording, samples: int) -> Samples:
    """The first `samples` of a stereo performance `(any, 2)` as mono, `(samples,)`."""
    take = np.zeros((samples, 2), dtype=np.float32)
    take[: len(sound)] = sound[:samples]
    mono: Samples = take[:, 0] * recording.left + take[:, 1] * (1.0 - recording.left)
    return mono


def _gain(decibels: float) -> float:
    return float(10.0 ** (decibels / 20.0))


def _rms(samples: Samples) -> float:
    """Root of the mean square, never 0."""
    return float(np.sqrt(np.mean(np.square(samples, dtype=np.float64)))) + 1e-9


def _tilted(mono: Samples, tilt_db: float, sample_rate: int) -> Samples:
    """Raise everything above `TILT_PIVOT_HZ` by half of `tilt_db`, lower the rest by as much."""
    low = signal.butter(1, TILT_PIVOT_HZ, fs=sample_rate, output="sos")
    bass = signal.sosfilt(low, mono)
    tilted: Samples = bass * _gain(-tilt_db / 2) + (mono - bass) * _gain(tilt_db / 2)
    return tilted


def _room_response(recording: Recording, sample_rate: int, rng: np.random.Generator) -> Samples:
    """The impulse response of a room: decaying noise."""
    times = np.arange(int(recording.room_seconds * sample_rate)) / sample_rate
    decay = np.exp(-np.log(1000.0) * times / recording.room_seconds)
    response: Samples = (rng.normal(size=len(times)) * decay).astype(np.float32)
    response *= recording.room_share / np.sqrt(np.sum(response**2))
    return response


def _in_room(mono: Samples, response: Samples) -> Samples:
    """Add the reverberation of a room."""
    wet: Samples = signal.oaconvolve(mono, response)[: len(mono)]
    return mono + wet


def _saturated(takes: list[Samples], drive: float) -> list[Samples]:
    """Bend the peaks like tape or a valve stage, keeping the loudness of the first take."""
    if drive == 0.0:
        return takes
    bent: list[Samples] = [np.tanh(take * np.float32(drive)) for take in takes]
    gain = np.float32(_rms(takes[0]) / _rms(bent[0]))
    return [take * gain for take in bent]


def _noise(
    recording: Recording, samples: int, sample_rate: int, rng: np.random.Generator
) -> Samples:
    """Hiss, hum and clicks of a recording whose music has an RMS of about 1."""
    floor = _gain(recording.hiss_db)
    noise = rng.normal(0.0, floor, size=samples)
    if recording.hum_hz:
        times = np.arange(samples) / sample_rate
        for partial, share in HUM_PARTIALS.items():
            tone = np.sin(2.0 * np.pi * partial * recording.hum_hz * times)
            noise += 4.0 * floor * share * tone
    if recording.crackle:
        clicks = rng.random(samples) < CLICKS_PER_SECOND / sample_rate
        noise += clicks * rng.exponential(0.6, size=samples) * rng.choice([-1.0, 1.0], samples)
    return noise.astype(np.float32)


def _band_limited(mono: Samples, low_hz: float, high_hz: float, sample_rate: int) -> Samples:
    """Cut what the medium cannot carry."""
    high_pass = signal.butter(2, low_hz, "highpass", fs=sample_rate, output="sos")
    limited: Samples = signal.sosfilt(high_pass, mono)
    if high_hz < 0.48 * sample_rate:
        low_pass = signal.butter(6, high_hz, fs=sample_rate, output="sos")
        limited = signal.sosfilt(low_pass, limited)
    return limited
