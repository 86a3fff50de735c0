"""A score to sound, with the General MIDI sound font that `pretty_midi` brings along."""

from __future__ import annotations

import io
from functools import lru_cache
from pathlib import Path

import midirenderer
import numpy as np
import numpy.typing as npt
import pretty_midi
import soundfile
import soxr

SOUND_FONT = "TimGM6mb.sf2"


@lru_cache(maxsize=1)
def _sound_font() -> bytes:
    return (Path(pretty_midi.__file__).parent / SOUND_FONT).read_bytes()


def render(score: pretty_midi.PrettyMIDI, sample_rate: int) -> npt.NDArray[np.float32]:
    """Play a score.

    Args:
        score: the music.
        sample_rate: of the result, in Hz.

    Returns:
        Stereo samples of shape (samples, 2), from time 0 to the last tone's decay.
    """
    midi = io.BytesIO()
    score.write(midi)
    wave = midirenderer.render_wave_from(_sound_font(), midi.getvalue())
    samples, rendered_rate = soundfile.read(io.BytesIO(wave), dtype="float32")
    resampled: npt.NDArray[np.float32] = soxr.resample(samples, rendered_rate, sample_rate)
    return resampled
