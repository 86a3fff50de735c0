"""What docs/sharing.md says of S3, tried against a server of this machine, where its packages are.

`make test-s3` sets up an environment that has them, and runs this file.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.pipeline.clones import Project
from tests.pipeline.test_sharing import (
    look_and_add_an_epsilon,
    owner_with_remote,
)

pytestmark = pytest.mark.skipif(
    not (find_spec("dvc_s3") and find_spec("moto")),
    reason="no dvc-s3 or no moto here: sharing through S3 was not tried; `make test-s3` does it",
)

BUCKET = "detune"


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of an S3 server with an empty bucket, which ends with the test."""
    boto3 = pytest.importorskip("boto3")
    from moto.server import ThreadedMotoServer  # noqa: PLC0415

    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    boto3.client("s3", endpoint_url=address).create_bucket(Bucket=BUCKET)
    yield address
    server.stop()


def test_a_colleague_sees_results_on_s3_and_adds_an_epsilon_without_the_music(
    project: Project, endpoint: str, tmp_path: Path
) -> None:
    owner = owner_with_remote(
        project, tmp_path, f"s3://{BUCKET}/results", {"endpointurl": endpoint}
    )
    look_and_add_an_epsilon(owner, tmp_path)
