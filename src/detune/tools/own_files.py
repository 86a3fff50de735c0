"""Files that DVC writes in place, so that a full disk or a kill can leave half of one.

DVC then stops at every command, and says neither why nor what helps.
"""

from __future__ import annotations

import json
from pathlib import Path

from dvc.exceptions import DvcException
from dvc.schema import COMPILED_LOCKFILE_SCHEMA
from dvc.utils.strictyaml import load

from detune.support.errors import UserError

LOCK, RWLOCK = Path("dvc.lock"), Path(".dvc/tmp/rwlock")
"""What the results came of, and which files are in use."""

DAMAGED = "damaged, as where the disk was full or DVC was killed: remove it"


def require_whole() -> None:
    """Make sure that DVC can read what it wrote itself.

    Raises:
        UserError: a file is cut off.
    """
    if LOCK.is_file():
        try:
            load(str(LOCK), COMPILED_LOCKFILE_SCHEMA)
        except DvcException as error:
            raise UserError(
                f"{LOCK}: {DAMAGED}, and `dvc repro` takes what it can from its cache"
            ) from error
    if RWLOCK.is_file():
        try:
            json.loads(RWLOCK.read_bytes())
        except ValueError as error:
            raise UserError(f"{RWLOCK}: {DAMAGED}, once no other DVC runs here") from error
