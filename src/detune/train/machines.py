"""Several machines that train one network together, as TensorFlow's `TF_CONFIG` names them."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from detune.network.runtime import quiet_standard_error, tf
from detune.support.errors import UserError
from detune.train.rendezvous import meet
from detune.train.tf_config import VARIABLE, Cluster, cluster_of

JOINING, STUCK = 120, 1800
"""Seconds to wait for machines that have not started, and for one step of a machine."""

HEARTBEAT = 20
"""Seconds without a sign of life after which a machine counts as lost."""


Machines = tuple[Cluster, Any] | None
"""The machines and TensorFlow's strategy for them; None where one machine trains."""


def join_cluster() -> Machines:
    """Meet the machines of `TF_CONFIG`, and return TensorFlow's strategy for them.

    To be called before TensorFlow's first operation.

    Raises:
        UserError: `TF_CONFIG` is wrong, the port is taken, or a machine does not come.
    """
    cluster = cluster_of(os.environ.get(VARIABLE, ""))
    if cluster is None:
        return None
    meet(cluster, JOINING)
    _set_waiting_times(cluster)
    options = tf.distribute.experimental.CommunicationOptions(timeout_seconds=float(STUCK))
    try:
        with quiet_standard_error():
            strategy = tf.distribute.MultiWorkerMirroredStrategy(communication_options=options)
    except (tf.errors.OpError, RuntimeError, ValueError) as error:
        missing = [address for address in cluster.addresses if not _answers(address)]
        raise UserError(
            f"no training together: {' and '.join(missing) or 'a machine'} did not come within "
            f"{JOINING} s: start all machines of {VARIABLE}, and open their ports"
        ) from error
    return cluster, strategy


@contextmanager
def lost_machines_told(cluster: Cluster) -> Iterator[None]:
    """Turn TensorFlow's error about a machine that is gone into one line."""
    try:
        yield
    except tf.errors.OpError as error:
        kinds = (
            *(tf.errors.UnavailableError, tf.errors.AbortedError, tf.errors.CancelledError),
            *(tf.errors.DeadlineExceededError, tf.errors.InternalError),
        )
        if not isinstance(error, kinds):
            raise
        others = [one for one in cluster.addresses if one != cluster.addresses[cluster.index]]
        gone = [address for address in others if not _answers(address)]
        raise UserError(
            f"{' and '.join(gone or others)} ended or cannot be reached: start the training on all "
            "machines again; it continues after the last finished epoch"
        ) from error


def _answers(address: str) -> bool:
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=3).close()
    except OSError:
        return False
    return True


def _set_waiting_times(cluster: Cluster) -> None:
    """Have TensorFlow wait for machines as long as is said here, and not for ever."""
    # Not above, where they would come before the settings of `detune.network.runtime`.
    from tensorflow.compiler.xla.tsl.protobuf import coordination_config_pb2  # noqa: PLC0415
    from tensorflow.python.eager import context  # noqa: PLC0415

    kind = next(name for name in ("chief", "worker") if name in cluster.jobs)
    context.context().configure_coordination_service(
        service_type="standalone",
        service_leader=f"/job:{kind}/replica:0/task:0",
        cluster_register_timeout_in_ms=JOINING * 1000,
        heartbeat_timeout_in_ms=HEARTBEAT * 1000,
        coordinated_jobs=[
            coordination_config_pb2.CoordinatedJob(name=name, num_tasks=len(addresses))
            for name, addresses in cluster.jobs.items()
        ],
    )
