from __future__ import annotations

from importlib.metadata import version

from detune.support.cluster.environment import CODE, difference, environment


def test_they_hold_code_python_and_packages() -> None:
    found = environment()
    assert found == environment()
    assert found["numpy"] == version("numpy")
    assert {CODE, "Python"} < set(found)


def test_a_difference_is_of_what_both_have() -> None:
    mine = {CODE: "1", "numpy": "2.2.6", "mine": "1"}
    assert difference(mine, mine | {"theirs": "1"}) is None
    assert difference(mine, {CODE: "1", "numpy": "2.2.6"}) is None
    assert difference(mine, mine | {"numpy": "2.3.0"}) == "numpy 2.3.0, not 2.2.6"
    assert difference(mine, mine | {CODE: "2"}) == "another code of this project"
