from __future__ import annotations

import io
import stat
import struct
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

import pytest

from detune.ingest import unpacking_limits
from detune.ingest.archives import is_archive, list_archive, member_path, unpack
from detune.support.errors import UserError

FILES = {
    "genres/blues/a.wav": b"first" * 100,
    "genres/rock/é 日本.AU": b"second" * 100,
    "genres/rock/notes.txt": b"no audio",
}


def make_zip(path: Path, files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name), data, method)
    return path


def make_tar(path: Path, files: Mapping[str, bytes], *infos: tarfile.TarInfo) -> Path:
    packed = path.suffix in (".gz", ".tgz")
    with tarfile.open(path, "w:gz" if packed else "w") as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
        for info in infos:
            archive.addfile(info)
    return path


MAKERS: dict[str, Callable[[Path, Mapping[str, bytes]], Path]] = {
    "music.zip": make_zip,
    "music.ZIP": make_zip,
    "music.tar": make_tar,
    "music.tar.gz": make_tar,
    "music.tgz": make_tar,
}
KINDS = pytest.mark.parametrize("name", MAKERS)


def unpacked(path: Path, folder: Path) -> tuple[dict[str, bytes], dict[str, str]]:
    """What was unpacked, by the member's name, and the faults."""
    folder.mkdir()
    faults = unpack(path, folder)
    listed = {name: member_path(folder, name) for name in list_archive(path)}
    found = {name: file.read_bytes() for name, file in listed.items() if file.exists()}
    assert sorted(folder.iterdir()) == sorted(member_path(folder, name) for name in found)
    return found, faults


def error_of(path: Path, folder: Path) -> str:
    folder.mkdir(exist_ok=True)
    messages = []
    for call in (lambda: list_archive(path), lambda: unpack(path, folder)):
        with pytest.raises(UserError) as caught:
            call()
        messages.append(str(caught.value))
    assert messages[0].startswith(str(path))
    assert "\n" not in messages[1]
    return messages[1]


@KINDS
def test_audio_is_listed_and_unpacked(name: str, tmp_path: Path) -> None:
    path = MAKERS[name](tmp_path / name, FILES)
    assert is_archive(path)
    assert list_archive(path) == list(FILES)[:2]
    found, faults = unpacked(path, tmp_path / "out")
    assert found == {name: FILES[name] for name in list(FILES)[:2]}
    assert faults == {}


def test_other_endings_are_no_archives() -> None:
    others = ("a", "a.wav", "a.gz", "a.tar.bz2", "a.tar.xz", "zip")
    assert not any(map(is_archive, map(Path, others)))


@KINDS
def test_nothing_is_written_outside(name: str, tmp_path: Path) -> None:
    hostile = ["../out.wav", "/tmp/detune-outside.wav", "a/../../../out.wav", "..\\out.wav"]
    path = MAKERS[name](tmp_path / name, dict.fromkeys(hostile, b"harm"))
    unpacked(path, tmp_path / "out")
    assert sorted(entry.name for entry in tmp_path.iterdir()) == sorted([name, "out"])
    assert not Path("/tmp/detune-outside.wav").exists()


def test_strokes_of_windows_part_folders_in_a_zip(tmp_path: Path) -> None:
    assert list_archive(make_zip(tmp_path / "a.zip", {"genres\\rock\\a.wav": b""})) == [
        "genres/rock/a.wav"
    ]


@pytest.mark.parametrize("suffix", [".tar", ".tar.gz"])
@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE]
)
def test_links_and_devices_in_a_tar_are_never_made(
    kind: bytes, suffix: str, tmp_path: Path
) -> None:
    info = tarfile.TarInfo("rock/link.wav")
    info.type, info.linkname = kind, "/etc/passwd"
    path = make_tar(tmp_path / f"a{suffix}", FILES, info)
    found, faults = unpacked(path, tmp_path / "out")
    assert faults == {"rock/link.wav": "a link, a device or a sparse file"}
    assert len(found) == 2


def test_links_in_a_zip_are_never_made(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        info = zipfile.ZipInfo("rock/link.wav")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
    assert unpacked(path, tmp_path / "out") == ({}, {"rock/link.wav": "a link or a device"})


def test_members_that_need_a_password_are_told(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.zip", FILES)
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    found, faults = unpacked(path, tmp_path / "out")
    assert faults == {"genres/blues/a.wav": "encrypted"}
    assert list(found) == ["genres/rock/é 日本.AU"]


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
@pytest.mark.parametrize("damaged", [False, True])
def test_what_a_zip_packs_otherwise_is_told_and_never_unpacked(
    method: int, damaged: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A few hundred bytes of it could fill the memory before any of them is counted."""
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("rock/bomb.wav", bytes(20 << 20), method)
        archive.writestr("rock/fine.wav", b"fine" * 100, zipfile.ZIP_DEFLATED)
    if damaged:
        data = bytearray(path.read_bytes())
        at = data.index(b"bomb.wav") + 24
        data[at : at + 8] = bytes(8)
        path.write_bytes(data)
    monkeypatch.setattr(unpacking_limits, "FREE_BYTES", 1 << 16)
    found, faults = unpacked(path, tmp_path / "out")
    assert faults == {"rock/bomb.wav": "packed by another method than deflate"}
    assert found == {"rock/fine.wav": b"fine" * 100}


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_damaged_member_of_a_zip_costs_only_itself(method: int, tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.zip", FILES, method)
    data = bytearray(path.read_bytes())
    data[data.index(b"a.wav") + 8] ^= 0xFF
    path.write_bytes(data)
    found, faults = unpacked(path, tmp_path / "out")
    assert list(faults) == ["genres/blues/a.wav"]
    assert faults["genres/blues/a.wav"].startswith("damaged (")
    assert list(found) == ["genres/rock/é 日本.AU"]


@KINDS
def test_a_member_that_is_there_twice_is_read_once_and_told(name: str, tmp_path: Path) -> None:
    if name.lower().endswith("zip"):
        with pytest.warns(UserWarning, match="Duplicate"):
            path = tmp_path / name
            with zipfile.ZipFile(path, "w") as archive:
                archive.writestr("a.wav", "first")
                archive.writestr("a.wav", "second")
    else:
        info = tarfile.TarInfo("a.wav")
        path = make_tar(tmp_path / name, {"a.wav": b"first"}, info)
    assert list_archive(path) == ["a.wav"]
    assert unpacked(path, tmp_path / "out") == ({}, {"a.wav": "there twice"})


@KINDS
@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9])
def test_a_cut_archive_is_told_in_one_line(name: str, share: float, tmp_path: Path) -> None:
    path = MAKERS[name](tmp_path / name, FILES)
    data = path.read_bytes()
    used = len(data.rstrip(b"\0")) if path.suffix == ".tar" else len(data)
    path.write_bytes(data[: int(share * used)])
    assert "is damaged (" in error_of(path, tmp_path / "out")


@pytest.mark.parametrize("name", ["music.tar", "music.tar.gz"])
@pytest.mark.parametrize("mode", ["w:bz2", "w:xz"])
def test_a_tar_that_is_packed_otherwise_is_told(
    mode: Literal["w:bz2", "w:xz"], name: str, tmp_path: Path
) -> None:
    with tarfile.open(tmp_path / name, mode) as archive:
        archive.addfile(tarfile.TarInfo("rock/a.wav"))
    assert "is damaged (" in error_of(tmp_path / name, tmp_path / "out")


@KINDS
def test_what_is_no_archive_is_told(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"RIFF, or anything else" * 100)
    assert "is damaged (" in error_of(tmp_path / name, tmp_path / "out")


def test_a_gzip_whose_checksum_differs_is_told(tmp_path: Path) -> None:
    path = make_tar(tmp_path / "a.tar.gz", FILES)
    data = bytearray(path.read_bytes())
    data[-8] ^= 1
    path.write_bytes(data)
    assert "is damaged (" in error_of(path, tmp_path / "out")


def test_a_zip_that_lies_about_sizes_gives_no_other_bytes(tmp_path: Path) -> None:
    """The header's smaller size makes zipfile stop early, and its checksum tells."""
    path = make_zip(tmp_path / "a.zip", {"a.wav": b"0123456789" * 50})
    data = bytearray(path.read_bytes())
    struct.pack_into("<I", data, data.index(b"PK\x01\x02") + 24, 100)
    path.write_bytes(data)
    found, faults = unpacked(path, tmp_path / "out")
    assert found == {}
    assert faults["a.wav"].startswith("damaged (")
