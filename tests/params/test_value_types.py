from __future__ import annotations

from typing import Any

import pytest
import yaml

from detune.attack.grid import cell_name
from detune.params.parsing import parse_params
from tests.params.changes import SHIPPED, changed


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("explore.example_track", 0),
        ("explore.example_track", 2**32 - 1),
        ("train.batch_size", 2),
        ("train.crop_frames", 16),
        ("train.crop_frames", 130),
        ("train.learning_rate", 1),
        ("train.weight_decay", 0),
        ("train.spatial_dropout", 0.999),
        ("attack.epsilons", [0.1, 1]),
        ("attack.pgd.steps", 1),
        ("attack.pgd.relative_step", 2),
        ("gradcam.correct_per_genre", 0),
        ("gradcam.failures", 0),
        ("gradcam.attacked", 0),
        ("gradcam.layer", "block1a_norm"),
        ("train.precision", "bfloat16"),
    ],
)
def test_the_ends_of_the_ranges_are_allowed(key: str, value: Any) -> None:
    found: Any = parse_params(changed(key, value))
    for name in key.split("."):
        found = getattr(found, name)
    assert found == (tuple(value) if isinstance(value, list) else value)


def test_a_whole_number_does_for_a_share_and_stays_one() -> None:
    decay = parse_params(changed("train.weight_decay", 0)).train.weight_decay
    assert (decay, type(decay)) == (0, int)


def test_an_epsilon_of_one_keeps_the_name_that_dvc_gives_it() -> None:
    raw = yaml.safe_load(SHIPPED.read_text())
    raw["attack"]["epsilons"] = [0.1, 1]
    assert [cell_name("pgd", e) for e in parse_params(raw).attack.epsilons] == ["pgd-0.1", "pgd-1"]


@pytest.mark.parametrize(("given", "meant"), [(True, "true"), (80, "80"), ("80s", "80s")])
def test_names_that_yaml_takes_for_something_else_are_as_they_were_typed(
    given: Any, meant: str
) -> None:
    assert parse_params(changed("gradcam.target", given)).gradcam.target == meant
    assert parse_params(changed("data.path", given)).data.path == meant
