from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from detune.audio.constants import SEGMENT_SAMPLES
from detune.corruptions.kinds import KINDS, severity_name
from detune.corruptions.material import LARGEST_TEMPO
from detune.params.parsing import parse_params
from detune.params.severities import CORRUPTIONS
from detune.support.errors import UserError
from tests.corruptions.materials import hiss, material

PARAMS = yaml.safe_load((Path(__file__).parents[2] / "params.yaml").read_text(encoding="utf-8"))
SHIPPED = parse_params(PARAMS).corruptions


def test_every_kind_has_severities_and_the_default_runs_all() -> None:
    assert tuple(KINDS) == CORRUPTIONS == SHIPPED.kinds
    assert all(len(SHIPPED.options(kind)) >= 5 for kind in KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_each_changes_the_segment_the_same_way_each_time(kind: str) -> None:
    given = material(hiss())
    before = given.excerpt.samples.copy()
    for severity in SHIPPED.options(kind):
        corrupted = KINDS[kind].corrupt(given, severity)
        assert corrupted.shape == (SEGMENT_SAMPLES,)
        assert corrupted.dtype == np.float32
        assert np.isfinite(corrupted).all()
        assert np.abs(corrupted - given.segment).max() > 1e-3
        np.testing.assert_array_equal(corrupted, KINDS[kind].corrupt(given, severity))
    np.testing.assert_array_equal(given.excerpt.samples, before)


@pytest.mark.parametrize(
    ("severity", "name"), [(40, "40"), (0.2, "0.2"), ((300, 3400), "300-3400"), (-12, "-12")]
)
def test_severities_have_names_for_tables(severity: Any, name: str) -> None:
    assert severity_name(severity) == name


def test_no_tempo_is_faster_than_a_short_track_can_fill() -> None:
    tempos = {"corruptions": PARAMS["corruptions"] | {"tempo": [LARGEST_TEMPO]}}
    assert parse_params(PARAMS | tempos).corruptions.tempo == (LARGEST_TEMPO,)
    tempos["corruptions"]["tempo"] = [LARGEST_TEMPO + 0.1]
    with pytest.raises(UserError, match=r"corruptions\.tempo"):
        parse_params(PARAMS | tempos)
