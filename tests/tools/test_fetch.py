from __future__ import annotations

import hashlib
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock

from detune.tools import fetch as module
from detune.tools.download import RemoteFile
from detune.tools.fetch import COLLECTIONS, fetch, main
from tests.full_disk import fill
from tests.mirror import Mirror, mirror

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def archive() -> bytes:
    return np.random.default_rng(1).bytes(200_000)


@pytest.fixture
def server(archive: bytes, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mirror]:
    """A mirror of a small archive, which GTZAN is for the time being."""
    with mirror(archive) as started:
        small = RemoteFile(
            (started.url("/404/genres.tar.gz"), started.url("/genres.tar.gz")),
            "sha256",
            hashlib.sha256(archive).hexdigest(),
            len(archive),
        )
        monkeypatch.setitem(COLLECTIONS, "gtzan", small)
        yield started


def message_of(data: Path, name: str = "gtzan") -> str:
    """The one line with which the program gives up."""
    with pytest.raises(SystemExit) as caught:
        main(name, data)
    message = str(caught.value.code)
    assert message.startswith("fetch: ")
    assert "\n" not in message
    return message


def visible(data: Path) -> list[str]:
    """What is there but for the lock."""
    return sorted(path.name for path in data.iterdir() if path.suffix != ".lock")


def test_a_collection_comes_from_the_second_mirror(
    server: Mirror, archive: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "data"
    main("gtzan", data)
    assert (data / "gtzan.tar.gz").read_bytes() == archive
    assert visible(data) == ["gtzan.tar.gz"]
    captured = capsys.readouterr()
    assert captured.out.endswith(f"dvc exp run -S data.path={data / 'gtzan.tar.gz'}\n")
    assert "gtzan.tar.gz" in captured.err


def test_a_second_run_downloads_nothing(server: Mirror, tmp_path: Path) -> None:
    fetch("gtzan", tmp_path)
    asked = list(server.asked)
    assert fetch("gtzan", tmp_path) == tmp_path / "gtzan.tar.gz"
    assert server.asked == asked


KILLED = """
import os, signal, sys
from pathlib import Path
from detune.tools import download, fetch
from detune.tools.download import RemoteFile

def killed(owner, name, call):
    usual, calls = getattr(owner, name), []
    def counted(*arguments, **more):
        calls.append(None)
        if len(calls) == call:
            os.kill(os.getpid(), signal.SIGKILL)
        return usual(*arguments, **more)
    setattr(owner, name, counted)

fetch.COLLECTIONS["gtzan"] = eval(sys.argv[1])
killed(eval(sys.argv[3]), sys.argv[4], int(sys.argv[5]))
fetch.main("gtzan", Path(sys.argv[2]))
"""


@pytest.mark.parametrize(
    ("where", "left", "asked"),
    [
        ("download _read 3", ["gtzan.tar.gz.part"], [None, "bytes=131072-"]),
        ("Path replace 1", ["gtzan.tar.gz.part"], [None]),
    ],
)
def test_killed_at_any_moment_it_goes_on_there(
    where: str, left: list[str], asked: list[str | None], server: Mirror, tmp_path: Path
) -> None:
    small = COLLECTIONS["gtzan"]
    COLLECTIONS["gtzan"] = replace(small, urls=small.urls[1:])
    command = [sys.executable, "-c", KILLED, repr(COLLECTIONS["gtzan"]), str(tmp_path)]
    done = subprocess.run([*command, *where.split()], check=False)
    assert done.returncode == -signal.SIGKILL
    assert visible(tmp_path) == left
    fetch("gtzan", tmp_path)
    assert visible(tmp_path) == ["gtzan.tar.gz"]
    assert server.asked == asked


def test_wrong_bytes_are_not_kept(server: Mirror, tmp_path: Path) -> None:
    small = COLLECTIONS["gtzan"]
    COLLECTIONS["gtzan"] = replace(small, urls=[server.url("/wrong")])
    assert "another file: its sha256 differs" in message_of(tmp_path)
    assert visible(tmp_path) == []


def test_a_full_disk_is_reported_and_what_came_is_kept(
    server: Mirror, archive: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        fill(patch, "gtzan.tar.gz.part", 1000)
        message = message_of(tmp_path)
    assert "gtzan.tar.gz.part" in message
    assert "No space left on device: free disk space" in message
    server.asked.clear()
    assert fetch("gtzan", tmp_path).read_bytes() == archive
    assert None not in server.asked


def test_an_archive_put_there_by_hand_is_verified(
    server: Mirror, archive: bytes, tmp_path: Path
) -> None:
    by_hand = tmp_path / "gtzan.tar.gz"
    by_hand.write_bytes(archive[:-1])
    assert f"{by_hand}: not the file that was published: remove it" in message_of(tmp_path)
    by_hand.write_bytes(archive)
    assert fetch("gtzan", tmp_path) == by_hand
    assert server.asked == []


def test_two_at_a_time_do_not_meet(server: Mirror, tmp_path: Path) -> None:
    with FileLock(tmp_path / ".gtzan.lock"):
        assert "another process downloads it" in message_of(tmp_path)
    assert server.asked == []


def test_an_unknown_collection_is_told_the_known_ones(tmp_path: Path) -> None:
    assert "'fma' is not known: choose gtzan or gtzan-mini" in message_of(tmp_path, "fma")


def test_a_data_folder_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    assert f"{tmp_path / 'data'}: File exists" in message_of(tmp_path / "data")


def test_an_interruption_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "download", interrupted)
    assert "continues where it stopped" in message_of(tmp_path)


@pytest.mark.parametrize("name", COLLECTIONS)
def test_make_fetches_into_what_git_ignores(name: str) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert f"\n{name}: $(STAMP) ##" in makefile
    assert f"python -m detune.tools.fetch {name}\n" in makefile
    ignored = (ROOT / "data" / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert {"/gtzan*", "/.gtzan*"} <= set(ignored)
    assert name.startswith("gtzan")


@pytest.mark.parametrize("file", COLLECTIONS.values())
def test_what_is_known_of_a_collection_is_well_formed(file: RemoteFile) -> None:
    assert len(bytes.fromhex(file.checksum)) == hashlib.new(file.algorithm).digest_size
    assert all(url.startswith(("https://", "http://")) for url in file.urls)
