from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.fuzz.archives import examine_archive
from tests.fuzz.audio import FORMATS, examine_audio, fault_of, original
from tests.fuzz.campaign import run
from tests.fuzz.lengths import examine_length


@pytest.mark.parametrize(
    ("examine", "count"), [(examine_audio, 600), (examine_archive, 120), (examine_length, 45)]
)
def test_nothing_harmful_is_accepted(
    examine: Callable[[Path, int], str], count: int, tmp_path: Path
) -> None:
    found, wrong = run(examine, tmp_path, range(count))
    assert wrong == []
    assert found["refused"] > count / 20
    assert found["accepted"] > count / 10


@pytest.mark.parametrize("case", [738, 924, 1035, 1134])
def test_joined_files_over_which_decoders_stumble_are_taken(case: int, tmp_path: Path) -> None:
    """Another number of channels, or padding, where one MP3 without a header ends."""
    assert examine_length(tmp_path, case) == "accepted"


@pytest.mark.parametrize("name", FORMATS)
def test_samples_that_are_not_in_a_file_are_noticed(name: str) -> None:
    data, samples = original(name)
    assert fault_of(name, data, samples) == ""
    zeroed = samples.copy()
    zeroed[5_000:12_000] = 0
    longer = np.concatenate([samples, samples[::-1], samples])
    for wrong in (zeroed, longer):
        if name == "wav-adpcm" and wrong is zeroed:
            continue  # the second reader knows how long such a file is, not how it sounds
        assert fault_of(name, data, wrong)
