"""How results come back that DVC cleared before a stage refused to run."""

from __future__ import annotations

from pathlib import Path

import yaml

from detune.support.dvc_cache import dvc_cache

LOCK = Path("dvc.lock")

RUNS = "runs"
"""DVC's run cache, in its cache; a fresh clone has none."""

MARK = "data/validated.txt"
"""It only says that all was in order; where a parameter is refused, nothing else is cleared."""


def restore_hint(stage: str, arguments: tuple[str, ...] = ()) -> str:
    """What to do for the earlier results of a stage, to be added to an error; empty where all stay.

    DVC removes the outputs of a stage before it runs. Its run cache has them, committed or not, and
    those in `metrics` and `plots` too.

    Args:
        stage: its name.
        arguments: that name the cell.
    """
    try:
        lock = yaml.safe_load(LOCK.read_text(encoding="utf-8")) or {}
    except (OSError, yaml.YAMLError):
        return ""
    name = "@".join(filter(None, (stage, "-".join(arguments))))
    made = [out["path"] for out in lock.get("stages", {}).get(name, {}).get("outs", [])]
    if all(path == MARK or Path(path).exists() for path in made):
        return ""
    if (dvc_cache() / RUNS).is_dir():
        return "; when that is undone, `dvc repro` restores the earlier results from its cache"
    return "; `git checkout metrics plots` restores those that were committed"
