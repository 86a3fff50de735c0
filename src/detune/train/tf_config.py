"""The machines of one training, as TensorFlow's `TF_CONFIG` names them."""

from __future__ import annotations

import json
from dataclasses import dataclass

from detune.support.errors import UserError

VARIABLE = "TF_CONFIG"

EXAMPLE = (
    '{"cluster": {"worker": ["one:2345", "two:2345"]}, "task": {"type": "worker", "index": 0}}'
)


@dataclass(frozen=True)
class Cluster:
    """The machines of one training.

    Attributes:
        addresses: `host:port` of each, that of the chief first.
        index: which of them this is.
        job: what TensorFlow calls this one's kind, and its number among these.
        jobs: addresses by kind.
    """

    addresses: tuple[str, ...]
    index: int
    job: tuple[str, int]
    jobs: dict[str, list[str]]

    @property
    def chief(self) -> bool:
        """Whether this machine writes what the training leaves."""
        return self.index == 0


def cluster_of(text: str) -> Cluster | None:
    """The machines that `TF_CONFIG` names; None where it names one or none.

    Raises:
        UserError: it is not what TensorFlow understands as machines that train together.
    """
    if not text.strip():
        return None
    try:
        config = json.loads(text)
        jobs = {name: [str(one) for one in config["cluster"][name]] for name in config["cluster"]}
        kind, number = config["task"]["type"], int(config["task"]["index"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _wrong("is not JSON with cluster and task") from error
    if unknown := sorted({*jobs, kind} - {"chief", "worker"}):
        raise _wrong(f"names {unknown[0]!r}; only chief and worker train")
    addresses = [*jobs.get("chief", []), *jobs.get("worker", [])]
    if not 0 <= number < len(jobs.get(kind, [])):
        raise _wrong(f"has no {kind} {number}")
    if len(jobs.get("chief", [])) > 1 or len(set(addresses)) < len(addresses):
        raise _wrong("has two chiefs, or an address twice")
    for address in addresses:
        host, _, port = address.rpartition(":")
        if not host or not port.isdecimal() or not 0 < int(port) < 65536:
            raise _wrong(f"has {address!r}, which is not host:port")
    if len(addresses) == 1:
        return None
    index = number + (len(jobs.get("chief", [])) if kind == "worker" else 0)
    return Cluster(tuple(addresses), index, (kind, number), jobs)


def _wrong(what: str) -> UserError:
    return UserError(f"{VARIABLE} {what}: it reads like {EXAMPLE}, with its own index on each")
