from __future__ import annotations

from typing import Any

from detune.figures.listen import draw_listen


def told(method: str, epsilon: float, snr: float, correct: float) -> dict[str, Any]:
    return {
        "domain": "spectrogram",
        "method": method,
        "level": str(epsilon),
        "treatment": "16 bit",
        "snr_db": snr,
        "correct": correct,
    }


def cell(level: str, correct: float) -> dict[str, Any]:
    masked = level == "masked"
    noise = {"noise_masked": 0.9} if masked else {"noise_white": 0.8, "noise_shaped": 1.0}
    return {
        "level": level,
        "correct": correct,
        "correct_low": correct - 0.05,
        "correct_high": correct + 0.05,
    } | noise


TOLD = [told("pgd", 0.1, 4, 0.1), told("pgd", 0.01, 23, 0.6), told("fgsm", 0.1, 3, 0.2)]
TOLD += [told("pgd", 0.01, 23, 0.9) | {"treatment": "-3 dB"}]
TOLD += [told("pgd", 0, 14, 0.1) | {"domain": "waveform", "level": "masked"}]
BY_SNR = [cell("20", 0.1), cell("60", 0.8), cell("masked", 0.15)]


def test_it_is_a_picture(check_picture) -> None:
    check_picture(lambda path: draw_listen(TOLD, BY_SNR, path, chance=0.1))


def test_attacks_and_noise_share_one_axis_of_decibels(sketched) -> None:
    ax = sketched(lambda path: draw_listen(TOLD, BY_SNR, path, chance=0.1)).axes[0]
    lines = {str(line.get_label()): line for line in ax.lines}
    left, right = ax.get_xlim()
    assert left > right
    assert list(lines["attack on the sound (PGD, L2)"].get_xdata()) == [20, 60]
    assert list(lines["PGD on the spectrogram, as sound"].get_xdata()) == [23, 4]
    assert list(lines["attack below the masking threshold"].get_xdata()) == [14]
    assert list(lines["white noise"].get_ydata()) == [0.8, 0.8]
    texts = [text.get_text() for text in ax.texts]
    assert {"ε 0.1", "ε 0.01"} <= set(texts)
