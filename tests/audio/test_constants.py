from __future__ import annotations

from detune.audio.constants import FRAMES, SEGMENT_SAMPLES, SHAPE


def test_a_segment_is_3_s_of_128_bands_and_130_frames() -> None:
    assert SEGMENT_SAMPLES == 66_150
    assert FRAMES == 130
    assert SHAPE == (128, 130)
