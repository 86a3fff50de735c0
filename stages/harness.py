"""What every stage script shares: its parameters in, one closing line or one error line out."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable
from pathlib import Path

import dvc.api

from detune.support.errors import UserError
from detune.support.params import Params, parse_params

STORAGE_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EACCES, errno.EPERM, errno.EROFS)


def run(stage: Callable[[Params], str]) -> None:
    """Run `stage` with the checked parameters, and print the line that it returns.

    A mistake of the user, a full disk or a forbidden folder becomes one line on standard error
    and exit status 1.
    """
    name = Path(sys.argv[0]).stem
    try:
        closing = stage(parse_params(dvc.api.params_show("params.yaml")))
    except UserError as error:
        sys.exit(f"{name}: error: {error}")
    except OSError as error:
        if error.errno not in STORAGE_ERRORS:
            raise
        # DVC clears a stage's outputs away before it runs; Git and its cache keep the earlier ones.
        sys.exit(
            f"{name}: error: {error.filename or 'output'}: {error.strerror}: free disk space or "
            "fix permissions; `git checkout metrics plots` and `dvc checkout` restore the earlier "
            "results"
        )
    except KeyboardInterrupt:
        sys.exit(f"{name}: interrupted")
    print(f"{name}: {closing}", flush=True)
    sys.stderr.flush()
    # All is written, and TensorFlow would take most of a second to take itself apart.
    os._exit(0)
