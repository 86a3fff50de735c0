from __future__ import annotations

import gzip
import tarfile
from pathlib import Path

import pytest

from detune.ingest.archives import list_archive
from detune.ingest.strict_tar import EXTENDED_TYPES
from tests.ingest.test_archives import FILES, error_of, make_tar, unpacked


def test_a_damaged_header_within_a_tar_hides_nothing(tmp_path: Path) -> None:
    path = make_tar(tmp_path / "a.tar", FILES)
    data = bytearray(path.read_bytes())
    data[data.index(b"genres/rock/notes") + 150] ^= (
        1  # its checksum; tarfile would take it for the end
    )
    path.write_bytes(data)
    assert "is damaged (" in error_of(path, tmp_path / "out")


def test_a_tar_without_its_end_is_told(tmp_path: Path) -> None:
    path = make_tar(tmp_path / "a.tar", FILES)
    path.write_bytes(path.read_bytes()[: 512 * 2 + 512 * 3 + 512 * 2])
    assert "its end is missing" in error_of(path, tmp_path / "out")


def sparse_header(extended: bool) -> bytes:
    """A file of 16 MiB that holds nothing; its map goes on in a next block, if it is `extended`."""
    info = tarfile.TarInfo("rock/sparse.wav")
    info.type, info.size = tarfile.GNUTYPE_SPARSE, 0
    header = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    header[482:495] = bytes([extended]) + b"00100000000\0"
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    return bytes(header)


def huge_header() -> bytes:
    """A file of 10²² bytes: to skip them a block at a time would take for ever."""
    info = tarfile.TarInfo("rock/huge.wav")
    info.size = 10**22
    return info.tobuf(tarfile.GNU_FORMAT)


@pytest.mark.parametrize(
    "header", [sparse_header(extended=True), huge_header()], ids=["sparse", "huge"]
)
def test_a_tar_that_ends_where_a_header_promises_more_is_told(
    header: bytes, tmp_path: Path
) -> None:
    (tmp_path / "a.tar").write_bytes(header)
    assert "its end is missing" in error_of(tmp_path / "a.tar", tmp_path / "out")


@pytest.mark.parametrize("kind", EXTENDED_TYPES)
def test_a_header_that_would_fill_the_memory_is_told(kind: bytes, tmp_path: Path) -> None:
    info = tarfile.TarInfo("x")
    info.type, info.size = kind, 1 << 40
    path = tmp_path / "a.tar"
    path.write_bytes(info.tobuf(tarfile.GNU_FORMAT) + bytes(10240))
    assert "a header far too long" in error_of(path, tmp_path / "out")


@pytest.mark.parametrize("kind", EXTENDED_TYPES)
def test_endless_headers_of_one_member_are_told(kind: bytes, tmp_path: Path) -> None:
    """tarfile goes a call deeper for each, until Python has enough."""
    info, name = tarfile.TarInfo("x"), b"rock/a.wav" if kind in tarfile.GNU_TYPES else b""
    info.type, info.size = kind, len(name)
    header = info.tobuf(tarfile.GNU_FORMAT) + name + bytes(-len(name) % 512)
    path = tmp_path / "a.tar"
    path.write_bytes(header * 600 + bytes(10240))
    assert "too many headers of one member" in error_of(path, tmp_path / "out")
    path.write_bytes((header * 4 + tarfile.TarInfo("rock/a.wav").tobuf()) * 9 + bytes(10240))
    assert list_archive(path) == ["rock/a.wav"]


def test_a_sparse_file_is_not_filled_up(tmp_path: Path) -> None:
    path = tmp_path / "a.tar.gz"
    path.write_bytes(gzip.compress(sparse_header(extended=False) + bytes(10240)))
    assert unpacked(path, tmp_path / "out") == (
        {},
        {"rock/sparse.wav": "a link, a device or a sparse file"},
    )
