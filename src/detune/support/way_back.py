"""How results come back that DVC cleared before a stage refused to run."""

from __future__ import annotations

from pathlib import Path

import yaml

LOCK = Path("dvc.lock")

RUNS = Path(".dvc/cache/runs")
"""DVC's run cache; a fresh clone has none."""


def way_back(stage: str, arguments: tuple[str, ...] = ()) -> str:
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
    made = lock.get("stages", {}).get(name, {}).get("outs", [])
    if all(Path(out["path"]).exists() for out in made):
        return ""
    if RUNS.is_dir():
        return "; when that is undone, `dvc repro` restores the earlier results from its cache"
    return "; `git checkout metrics plots` restores those that were committed"
