"""Every kind of corruption, and the unit of its severity."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from detune.corruptions.coding import mp3
from detune.corruptions.dynamics import clipping, compression, gain
from detune.corruptions.filters import band_pass, low_pass, resampling
from detune.corruptions.material import Material
from detune.corruptions.noise import other_music, pink_noise, white_noise
from detune.corruptions.room import reverberation
from detune.corruptions.time_and_pitch import pitch, tempo


@dataclass(frozen=True)
class Kind:
    """A kind of corruption.

    Attributes:
        corrupt: from what a segment is corrupted with, and a severity, to samples `(66150,)`.
        unit: of the severity.
    """

    corrupt: Callable[[Material, Any], np.ndarray]
    unit: str


KINDS = {
    "white_noise": Kind(white_noise, "dB SNR"),
    "pink_noise": Kind(pink_noise, "dB SNR"),
    "other_music": Kind(other_music, "dB SNR"),
    "mp3": Kind(mp3, "kbit/s"),
    "resampling": Kind(resampling, "Hz sample rate"),
    "low_pass": Kind(low_pass, "Hz"),
    "band_pass": Kind(band_pass, "Hz"),
    "reverberation": Kind(reverberation, "s RT60"),
    "clipping": Kind(clipping, "dB below the peak"),
    "compression": Kind(compression, "to 1"),
    "gain": Kind(gain, "dB"),
    "tempo": Kind(tempo, "%"),
    "pitch": Kind(pitch, "semitones"),
}
"""By name, which is that of the parameter with its severities."""


def severity_name(severity: Any) -> str:
    """A severity as it stands in tables: a number, or the ends of a band."""
    return "-".join(map(str, severity)) if isinstance(severity, tuple) else str(severity)
