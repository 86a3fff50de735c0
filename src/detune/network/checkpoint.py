"""Results kept beside the outputs, of use only while all that they come from is the same."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from detune.network.precision import fastest_precision
from detune.network.runtime import gpus, keras, tf
from detune.support.files import replacing
from detune.support.import_closure import LIBRARY, import_closure, module_file

PLUMBING = ("support/", "params/")
"""Code that shapes no result: the values of parameters are in a key themselves."""


def digest(parts: Iterable[bytes | np.ndarray | str]) -> str:
    """SHA-256 over what must be the same for a checkpoint to be of use, in hexadecimal.

    Args:
        parts: data, parameters, code, versions, in a fixed order.
    """
    hashed = hashlib.sha256()
    for part in parts:
        if isinstance(part, np.ndarray):
            hashed.update(f"{part.dtype}{part.shape}".encode())
            hashed.update(np.ascontiguousarray(part).data)
        else:
            hashed.update(part.encode() if isinstance(part, str) else part)
        hashed.update(b"\0")
    return hashed.hexdigest()


def made_by(modules: Sequence[str]) -> str:
    """What makes a result: code, libraries, and what the machine computes with.

    Args:
        modules: the modules that compute it, such as `detune.train.fit`; all that they import
            counts too, but for what only reads parameters and reports.
    """
    closure = import_closure(module_file(module) for module in modules)
    files = {path.relative_to(LIBRARY).as_posix(): path for path in closure}
    code = [files[name].read_bytes() for name in sorted(files) if not name.startswith(PLUMBING)]
    machine = f"{fastest_precision()} {gpus()}"
    return digest([*code, keras.__version__, tf.__version__, np.__version__, machine])


class Checkpoint:
    """Arrays in a file, of use only to those who come with the same key."""

    def __init__(self, path: Path, key: str) -> None:
        """Name the checkpoint.

        Args:
            path: an `.npz` file, which need not exist.
            key: a digest of all that they come from.
        """
        self._path = path
        self.key = key

    def load(self) -> dict[str, np.ndarray] | None:
        """Return the arrays, or None where there are none, or of another key, or broken."""
        try:
            with np.load(self._path, allow_pickle=False) as archive:
                arrays = {name: archive[name] for name in archive.files}
        except (OSError, ValueError, EOFError, zipfile.BadZipFile):
            return None
        return arrays if str(arrays.pop("key", "")) == self.key else None

    def save(self, arrays: dict[str, np.ndarray]) -> None:
        """Write the arrays; a kill meanwhile leaves the earlier ones.

        Raises:
            OSError: the file cannot be written.
        """
        with replacing(self._path) as temporary:
            np.savez(temporary, key=np.asarray(self.key), **arrays)  # type: ignore[arg-type]

    def remove(self) -> None:
        """Remove the file, once what it led to is safe."""
        self._path.unlink(missing_ok=True)
