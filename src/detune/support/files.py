"""Read and write the pipeline's small files; a write is complete, or leaves the earlier file."""

from __future__ import annotations

import csv
import hashlib
import json
import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from detune.support.errors import UserError


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path` that takes its place when the block succeeds.

    A reader never sees half a file, and a failure leaves the earlier file as it was. Every file
    has one writer at a time; what one that was killed leaves behind, the next one writes over.

    Raises:
        OSError: the disk is full or the folder not writable; it names `path`.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # The suffix stays the last one: writers such as np.save and Keras go by it.
    temporary = path.with_name(f".{path.stem}.writing{path.suffix}")
    try:
        yield temporary
        temporary.replace(path)
    except OSError as error:
        # The error of a full disk has no name, and a temporary one means nothing to a user.
        if error.errno and error.filename in (None, str(temporary), temporary):
            raise OSError(error.errno, error.strerror, str(path)) from error
        raise
    finally:
        temporary.unlink(missing_ok=True)


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write `content` as JSON, floats to six digits so that a diff stays readable, NaN as null."""
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(_rounded(content), indent=2) + "\n", encoding="utf-8")


def read_json(path: Path) -> Any:
    """Return the contents of a JSON file."""
    return json.loads(path.read_text(encoding="utf-8"))


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """Write `rows` under a header of `columns`, floats to six digits."""
    with replacing(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(_rounded(row) for row in rows)


def read_csv(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV with a header, every value as text."""
    with path.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def write_npz(path: Path, **arrays: np.ndarray) -> None:
    """Write named arrays; the same arrays give the same bytes.

    Uncompressed: the large arrays would not become smaller.
    """
    with replacing(path) as temporary:
        np.savez(temporary, **arrays)  # type: ignore[arg-type]


def read_npz(path: Path, without: Collection[str] = ()) -> dict[str, np.ndarray]:
    """Return the arrays of an `.npz` file but those named in `without`, which are not read.

    Raises:
        UserError: the file is not there.
    """
    if not path.is_file():
        raise UserError(f"{path}: not found: run `dvc repro` to make it")
    with np.load(path, allow_pickle=False) as archive:
        return {name: archive[name] for name in archive.files if name not in without}


def sha256(path: Path) -> str:
    """Return the file's SHA-256 in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _rounded(value: Any) -> Any:
    """`value` with NumPy scalars made plain and floats rounded, at any depth."""
    if isinstance(value, Mapping):
        return {key: _rounded(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(entry) for entry in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return float(f"{value:.6g}") if math.isfinite(value) else None
    return value
