from __future__ import annotations

import hashlib
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from detune.support.errors import UserError
from detune.tools import download as module
from detune.tools.download import RemoteFile, download, is_intact
from tests.full_disk import fill
from tests.mirror import Mirror, mirror

CONTENT = np.random.default_rng(0).bytes(300_000)
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def server() -> Iterator[Mirror]:
    with mirror(CONTENT) as started:
        yield started


def remote(*urls: str, size: int | None = len(CONTENT)) -> RemoteFile:
    return RemoteFile(urls, "sha256", SHA256, size)


def refused(file: RemoteFile, target: Path) -> str:
    with pytest.raises(UserError) as caught:
        download(file, target)
    message = str(caught.value)
    assert message.startswith(f"{target}: could not be downloaded (")
    assert "\n" not in message
    assert not target.exists()
    return message


@pytest.mark.parametrize("path", ["/file", "/nolength", "/norange"])
@pytest.mark.parametrize("size", [len(CONTENT), None])
def test_a_file_comes_whole_with_progress(
    path: str, size: int | None, server: Mirror, tmp_path: Path, capsys: Any
) -> None:
    target = tmp_path / "deep" / "file.bin"
    download(remote(server.url(path), size=size), target)
    assert target.read_bytes() == CONTENT
    assert list(target.parent.iterdir()) == [target]
    assert server.asked == [None]
    told = capsys.readouterr().err
    assert "file.bin" in told
    assert "300k" in told


@pytest.mark.parametrize("size", [len(CONTENT), None])
def test_a_transfer_that_breaks_off_goes_on_where_it_was(
    size: int | None, server: Mirror, tmp_path: Path
) -> None:
    target = tmp_path / "file"
    download(remote(server.url("/cut/120000"), size=size), target)
    assert target.read_bytes() == CONTENT
    assert server.asked == [None, "bytes=120000-", "bytes=240000-"]


@pytest.mark.parametrize("size", [len(CONTENT), None])
def test_an_earlier_part_is_gone_on_with_at_the_next_mirror(
    size: int | None, server: Mirror, tmp_path: Path
) -> None:
    target = tmp_path / "file"
    urls = server.url("/norange/cut/120000"), server.url()
    message = refused(remote(urls[0], size=size), target)
    assert "broke off after 120000 of 300000 bytes" in message
    assert (tmp_path / "file.part").read_bytes() == CONTENT[:120_000]
    server.asked.clear()
    download(remote(*urls, size=size), target)
    assert target.read_bytes() == CONTENT
    assert server.asked == ["bytes=120000-"] * 2
    assert list(tmp_path.iterdir()) == [target]


def test_a_server_that_ignores_ranges_gives_it_anew(server: Mirror, tmp_path: Path) -> None:
    (tmp_path / "file.part").write_bytes(CONTENT[:1000])
    download(remote(server.url("/norange")), tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == CONTENT


@settings(max_examples=25)
@example(done=len(CONTENT), known=False, wrong=False)
@given(done=st.integers(0, len(CONTENT) + 5), known=st.booleans(), wrong=st.booleans())
def test_whatever_the_part_the_file_is_right_in_the_end(
    done: int, known: bool, wrong: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("part")
    earlier = CONTENT[::-1] if wrong else CONTENT
    (folder / "file.part").write_bytes((earlier + b"longer")[:done])
    with mirror(CONTENT) as server:
        download(remote(server.url(), size=len(CONTENT) if known else None), folder / "file")
    assert (folder / "file").read_bytes() == CONTENT
    # Right bytes are not asked for twice, wrong ones once more from the start.
    right = not wrong and done <= len(CONTENT)
    assert len(server.asked) <= (1 if right or not done else 2)


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/404", "404 Not Found"),
        ("/wrong", "another file: its sha256 differs"),
        ("/longer", "another file: 300004 bytes instead of 300000"),
        ("/longer/nolength", "another file"),
    ],
)
def test_a_mirror_without_the_file_is_named_and_the_next_one_tried(
    path: str, told: str, server: Mirror, tmp_path: Path
) -> None:
    message = refused(remote(server.url(path)), tmp_path / "file")
    assert f"127.0.0.1:{server.server_port}: {told}" in message
    download(remote(server.url(path), server.url()), tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == CONTENT


def test_another_range_than_asked_for_is_refused(server: Mirror, tmp_path: Path) -> None:
    (tmp_path / "file.part").write_bytes(CONTENT[:1000])
    assert "another range" in refused(remote(server.url("/offrange")), tmp_path / "file")
    assert (tmp_path / "file.part").read_bytes() == CONTENT[:1000]


def test_an_endless_file_of_unknown_size_is_given_up(
    server: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_BYTES", 100_000)
    file = remote(server.url("/nolength"), size=None)
    assert "more than 100000 bytes" in refused(file, tmp_path / "file")


def test_no_network_is_told_in_one_line_with_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        message = refused(remote(f"http://127.0.0.1:{deaf.getsockname()[1]}/"), tmp_path / "file")
    assert "Connection refused" in message

    def nameless(*_: Any, **__: Any) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nameless)
    message = refused(remote("http://a.org/file", "http://b.org/file"), tmp_path / "file")
    assert re.search(
        r"\(a\.org: Name or service not known; b\.org: Name.*\): run this again", message
    )


def test_a_silent_server_is_not_waited_for_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(*_: Any, timeout: float, **__: Any) -> None:
        assert timeout == module.TIMEOUT
        raise TimeoutError("timed out")

    monkeypatch.setattr(module, "urlopen", silent)
    assert "timed out" in refused(remote("http://127.0.0.1/file"), tmp_path / "file")


def test_a_full_disk_is_no_fault_of_the_mirror_and_keeps_the_part(
    server: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(monkeypatch, "file.part", 150_000)
    with pytest.raises(OSError, match="No space left"):
        download(remote(server.url(), server.url()), tmp_path / "file")
    assert server.asked == [None]
    assert (tmp_path / "file.part").read_bytes() == CONTENT[:150_000]
    monkeypatch.undo()
    download(remote(server.url()), tmp_path / "file")
    assert server.asked[1:] == ["bytes=150000-"]


@pytest.mark.parametrize(
    ("content", "size", "intact"),
    [
        (CONTENT, len(CONTENT), True),
        (CONTENT, None, True),
        (CONTENT, 7, False),
        (CONTENT[:-1], None, False),
        (b"", None, False),
    ],
)
def test_a_file_is_intact_by_size_and_checksum(
    content: bytes, size: int | None, intact: bool, tmp_path: Path
) -> None:
    (tmp_path / "file").write_bytes(content)
    assert is_intact(remote(size=size), tmp_path / "file") is intact
