from __future__ import annotations

import json

import pytest

from detune.support.errors import UserError
from detune.train.tf_config import cluster_of

TWO = {"worker": ["one:2345", "two:2345"]}


def config(cluster: object, kind: str = "worker", index: int = 0) -> str:
    return json.dumps({"cluster": cluster, "task": {"type": kind, "index": index}})


def test_the_chief_is_the_first_worker_where_none_is_named() -> None:
    first, second = (cluster_of(config(TWO, index=index)) for index in (0, 1))
    assert first and second
    assert (first.chief, second.chief, second.index) == (True, False, 1)
    named = cluster_of(config({"chief": ["a:1"], "worker": ["b:1"]}, "worker", 0))
    assert named and named.addresses == ("a:1", "b:1") and not named.chief


@pytest.mark.parametrize("text", ["", " ", config({"worker": ["one:2345"]})])
def test_one_machine_needs_no_others(text: str) -> None:
    assert cluster_of(text) is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not JSON"),
        ("[]", "not JSON"),
        ('{"cluster": {}}', "not JSON with cluster and task"),
        (config(TWO, "ps"), "names 'ps'"),
        (config({**TWO, "evaluator": ["c:1"]}), "names 'evaluator'"),
        (config(TWO, index=2), "has no worker 2"),
        (config({"worker": ["one:1", "one:1"]}), "twice"),
        (config({"worker": ["one", "two:1"]}), "'one', which is not host:port"),
    ],
)
def test_a_wrong_configuration_is_one_line(text: str, message: str) -> None:
    with pytest.raises(UserError, match=message) as caught:
        cluster_of(text)
    assert "\n" not in str(caught.value)
