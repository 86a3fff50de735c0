"""What every stage script shares: its parameters in, one closing line or one error line out."""

from __future__ import annotations

import atexit
import errno
import os
import signal
import sys
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from zlib import crc32

from detune.support.end_with_dvc import command_of, end_with_dvc


def stop_quietly(*_: object) -> None:
    """End at Ctrl-C with a line, while libraries are imported: there is nothing to tidy up yet."""
    sys.stderr.write(f"{Path(sys.argv[0]).stem}: interrupted\n")
    sys.stderr.flush()
    os._exit(1)


DVC: int | None = None
"""The process that runs this stage; it may end while libraries are imported, for seconds."""

if Path(sys.argv[0]).parent.name == "stages":
    signal.signal(signal.SIGINT, stop_quietly)
    DVC = end_with_dvc()

PACKAGES = (
    *("art", "av", "dvc", "filelock", "jinja2", "keras", "librosa", "matplotlib", "midirenderer"),
    *("numpy", "PIL", "pretty_midi", "pydantic", "yaml", "sklearn", "scipy", "soundfile", "soxr"),
    *("ruamel.yaml", "threadpoolctl", "tqdm", "tensorflow"),
)
"""What pyproject.toml asks for, by the names to import."""

if lacking := next((name for name in PACKAGES if not find_spec(name)), None):
    # DVC may be installed apart from the project, and then starts whatever python is found.
    sys.exit(
        f"{Path(sys.argv[0]).stem}: error: {sys.executable} has no {lacking}, so it is not the "
        "project's environment, or not its newest: run `make setup`, then `source "
        ".venv/bin/activate`, in this shell"
    )

from detune.support.cell_store import take_cell  # noqa: E402


def leave_if_kept(name: str, cell: list[str]) -> None:
    """End at once where an earlier process of this run has computed this cell already."""
    try:
        closing = take_cell(name, cell)
    except OSError:
        return  # it is computed again, and told of then
    if closing is not None:
        print(f"{name}: {closing}", flush=True)
        os._exit(0)


if Path(sys.argv[0]).parent.name == "stages" and sys.argv[1:]:
    leave_if_kept(Path(sys.argv[0]).stem, sys.argv[1:])

# After that, what takes longer to import.
from detune.params.reading import read_params  # noqa: E402
from detune.params.sections import Params  # noqa: E402
from detune.support.cell_batch import Compute, compute_cells  # noqa: E402
from detune.support.cell_spread import spread_cells  # noqa: E402
from detune.support.errors import UserError  # noqa: E402
from detune.support.intact_inputs import require_intact  # noqa: E402
from detune.support.pool import on_cluster  # noqa: E402
from detune.support.restore_hint import restore_hint  # noqa: E402
from detune.support.stage_lock import stage_lock  # noqa: E402
from detune.support.yaml_size import require_small_yaml  # noqa: E402

PARAMS = Path("params.yaml")

STORAGE_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EACCES, errno.EPERM, errno.EROFS)


def run(stage: Callable[[Params], str]) -> None:
    """Run `stage` with the checked parameters, and print the line that it returns.

    A mistake of the user, a full disk or a forbidden folder becomes one line on standard error
    and exit status 1.
    """
    name = Path(sys.argv[0]).stem
    if signal.getsignal(signal.SIGINT) is stop_quietly:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        require_small_yaml(PARAMS)
        if DVC is not None:
            require_intact(name)
        with stage_lock(name, [*sys.argv[1:], *own_machine(name)]):
            closing = stage(read_params(PARAMS))
    except UserError as error:
        sys.exit(f"{name}: error: {error}{restore_hint(name, tuple(sys.argv[1:]))}")
    except OSError as error:
        if error.errno not in STORAGE_ERRORS:
            raise
        sys.exit(
            f"{name}: error: {error.filename or 'output'}: {error.strerror}: free disk space or "
            "fix permissions, then run `dvc repro` again"
        )
    except KeyboardInterrupt:
        sys.exit(f"{name}: interrupted")
    print(f"{name}: {closing}", flush=True)
    sys.stderr.flush()
    leave()


def own_machine(name: str) -> list[str]:
    """What a machine that helps another to train locks beside the stage: one lock each."""
    config = os.environ.get("TF_CONFIG", "")
    return [f"{crc32(config.encode()):08x}"] if name == "train" and DVC is None and config else []


def run_cells(prepare: Callable[[Params], Compute]) -> None:
    """Run the cell of a matrix that the script's arguments name, and those that DVC runs next.

    Args:
        prepare: from the checked parameters to what computes any cell.
    """

    def stage(params: Params) -> str:
        name, own = Path(sys.argv[0]).stem, tuple(sys.argv[1:])
        if DVC is None:
            return prepare(params)(*own, Path())
        from detune.support.stale_cells import stale_cells  # noqa: PLC0415  DVC itself: most need not

        matrix = stale_cells(name, own, command_of(DVC))
        if matrix.stale and on_cluster():
            return spread_cells(name, own, matrix, partial(prepare, params))
        return compute_cells(name, own, matrix, prepare(params))

    run(stage)


def leave() -> None:
    """End the process at once, when all is written, and let libraries remove temporary files.

    TensorFlow would take most of a second to take itself apart.
    """
    atexit._run_exitfuncs()
    os._exit(0)
