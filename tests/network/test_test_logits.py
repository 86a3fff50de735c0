from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from detune.network.test_logits import load_test_logits, require_agreement, save_test_logits
from detune.support.errors import UserError

LOGITS = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)


def test_answers_come_back_as_they_were(tmp_path: Path) -> None:
    save_test_logits(LOGITS, tmp_path)
    found = load_test_logits(tmp_path, 5, 3)
    assert np.array_equal(found, LOGITS)
    assert found.dtype == np.float32


@pytest.mark.parametrize(("segments", "genres"), [(4, 3), (5, 2)])
def test_answers_to_other_segments_are_told(segments: int, genres: int, tmp_path: Path) -> None:
    save_test_logits(LOGITS, tmp_path)
    with pytest.raises(UserError, match=rf"expected \({segments}, {genres}\): run `dvc repro tr"):
        load_test_logits(tmp_path, segments, genres)


def test_missing_answers_are_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="not there: run `dvc repro train`"):
        load_test_logits(tmp_path, 5, 3)


@pytest.mark.parametrize("spoil", [0.01, np.nan])
def test_answers_of_another_model_are_told(spoil: float) -> None:
    require_agreement(LOGITS, LOGITS + 1e-5)
    other = LOGITS.copy()
    other[2, 1] += spoil
    for pair in ((LOGITS, other), (other, LOGITS)):
        with pytest.raises(UserError, match="otherwise than when it was tested"):
            require_agreement(*pair)
    require_agreement(other, other)
