from __future__ import annotations

import io
import stat
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detune.errors import UserError
from detune.ingest import archives
from detune.ingest.unpacking import unpack_tree
from tests.full_disk import fill

FILES = {
    "genres/blues/blues.00000.au": np.random.default_rng(1).bytes(200_000),
    "genres/rock/Björk ✓.au": b"rock",
    "genres/empty.au": b"",
}


def zipped(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.mkdir("genres") if hasattr(archive, "mkdir") else None
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def tarred(path: Path, files: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w:gz" if path.suffix == ".gz" else "w") as archive:
        folder = tarfile.TarInfo("genres")
        folder.type = tarfile.DIRTYPE
        archive.addfile(folder)
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


MAKE: dict[str, Callable[[Path, dict[str, bytes]], Path]] = {
    "a.zip": zipped,
    "a.tar": tarred,
    "a.tar.gz": tarred,
}


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def refused(archive: Path, folder: Path) -> str:
    """The one line, after making sure that nothing was left anywhere."""
    before = contents(folder.parent)
    with pytest.raises(UserError) as caught:
        unpack_tree(archive, folder)
    assert contents(folder.parent) == before
    assert not any(path.is_dir() for path in folder.parent.iterdir())
    message = str(caught.value)
    assert message.startswith(str(archive))
    assert "\n" not in message
    return message


@pytest.mark.parametrize("kind", MAKE)
def test_what_was_packed_comes_out(kind: str, tmp_path: Path) -> None:
    archive = MAKE[kind](tmp_path / kind, FILES)
    assert unpack_tree(archive, tmp_path / "out") == len(FILES)
    assert contents(tmp_path / "out") == FILES
    assert sorted(path.name for path in tmp_path.iterdir()) == [kind, "out"]


@pytest.mark.parametrize("kind", MAKE)
@pytest.mark.parametrize(
    "name", ["../out.au", "genres/../../out.au", "/tmp/out.au", "C:/out.au", "genres\\..\\out.au"]
)
def test_a_path_that_leads_outside_is_refused(kind: str, name: str, tmp_path: Path) -> None:
    archive = MAKE[kind](tmp_path / kind, FILES | {name: b"outside"})
    assert "leads outside" in refused(archive, tmp_path / "out")


@pytest.mark.parametrize(
    "kind",
    [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE],
)
def test_a_link_or_device_in_a_tar_is_refused(kind: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    with tarfile.open(path, "w") as archive:
        info = tarfile.TarInfo("genres/blues.au")
        info.type, info.linkname = kind, "/etc/passwd"
        archive.addfile(info)
    assert "a link" in refused(path, tmp_path / "out")


def test_a_link_in_a_zip_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        info = zipfile.ZipInfo("genres/blues.au")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
    assert "a link" in refused(path, tmp_path / "out")


@pytest.mark.parametrize("kind", MAKE)
def test_an_archive_beyond_the_limits_is_refused(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = MAKE[kind](tmp_path / kind, FILES)
    monkeypatch.setattr(archives, "MOST_MEMBERS", 2)
    assert "more than 2 members" in refused(archive, tmp_path / "out")


def test_only_audio_is_unpacked(tmp_path: Path) -> None:
    archive = tarred(tmp_path / "a.tar", FILES | {"genres/bad.mf": b"list", "../run.sh": b"rm"})
    assert unpack_tree(archive, tmp_path / "out") == len(FILES)
    assert contents(tmp_path / "out") == FILES


@given(kind=st.sampled_from(sorted(MAKE)), at=st.floats(0, 1), flip=st.integers(0, 255))
def test_a_damaged_archive_is_refused_or_gives_what_was_in_it(
    kind: str, at: float, flip: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Cut off where `flip` is 0, else with one byte changed."""
    folder = tmp_path_factory.mktemp("damaged")
    archive = MAKE[kind](folder / kind, FILES)
    whole = bytearray(archive.read_bytes())
    place = int(at * (len(whole) - 1))
    whole[place] ^= flip
    archive.write_bytes(whole if flip else whole[:place])
    try:
        unpack_tree(archive, folder / "out")
    except UserError as error:
        assert "\n" not in str(error)
        assert [path.name for path in folder.iterdir()] == [kind]
    assert {path.name for path in folder.iterdir()} <= {kind, "out"}


def test_a_full_disk_leaves_no_half_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = tarred(tmp_path / "a.tar.gz", FILES)
    fill(monkeypatch, "blues.00000.au", 100)
    with pytest.raises(OSError, match="No space left"):
        unpack_tree(archive, tmp_path / "out")
    assert list(tmp_path.iterdir()) == [archive]


def test_what_a_killed_run_left_is_cleared_away(tmp_path: Path) -> None:
    left = tmp_path / ".out.unpacking" / "genres"
    left.mkdir(parents=True)
    (left / "half.au").write_bytes(b"half")
    unpack_tree(zipped(tmp_path / "a.zip", FILES), tmp_path / "out")
    assert contents(tmp_path / "out") == FILES
