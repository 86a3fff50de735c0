import numpy as np
import pretty_midi

from detune.corpus.render import render

RATE = 22_050


def score_of(pitch: int, start: float) -> pretty_midi.PrettyMIDI:
    score = pretty_midi.PrettyMIDI()
    flute = pretty_midi.Instrument(73)
    flute.notes.append(pretty_midi.Note(110, pitch, start, start + 1.0))
    score.instruments.append(flute)
    return score


def test_a_note_sounds_at_its_time_and_pitch() -> None:
    sound = render(score_of(69, 0.5), RATE)
    assert sound.ndim == 2
    assert sound.shape[1] == 2
    assert sound.dtype == np.float32
    mono = sound.mean(axis=1)
    assert np.abs(mono[: int(0.45 * RATE)]).max() < 1e-3
    tone = mono[int(0.7 * RATE) : int(1.4 * RATE)]
    assert np.sqrt(np.mean(tone**2)) > 1e-3
    spectrum = np.abs(np.fft.rfft(tone * np.hanning(len(tone))))
    peak = np.argmax(spectrum) * RATE / len(tone)
    assert min(abs(peak - partial * 440.0) for partial in (1, 2)) < 12


def test_the_same_score_gives_the_same_samples() -> None:
    assert np.array_equal(render(score_of(60, 0.0), RATE), render(score_of(60, 0.0), RATE))
