"""One process at a time may compile: two that fill numba's cache at once break it for good.

Each would store half of a function, the halves do not fit, and every later call ends in a
segmentation fault (numba issue 10128). librosa compiles when one of its modules is first imported,
and by itself puts that off to the module's first use, in a worker process perhaps. So a module of
this package imports, at its head, what it uses of librosa, while it holds `COMPILING`.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from filelock import FileLock

COMPILING = FileLock(Path(tempfile.gettempdir()) / f"detune-compiling-{os.getuid()}.lock")
"""Held by at most one process of this user."""
