from __future__ import annotations

from detune.params.method_options import METHODS, PICTURED, Pgd
from detune.params.parsing import parse_params
from tests.params.changes import changed


def test_each_method_has_options_by_the_name_it_has_in_files() -> None:
    attack = parse_params(changed("attack.pgd-margin.steps", 7)).attack
    assert all(attack.options(method) is not None for method in METHODS)
    margin = attack.options("pgd-margin")
    assert isinstance(margin, Pgd) and margin.steps == 7
    assert attack.options("pgd_margin_2") is None
    assert set(PICTURED) <= set(METHODS)
