"""Where DVC's cache is: in the project, or elsewhere when it is shared or DVC runs in a copy."""

from __future__ import annotations

from pathlib import Path

from dvc.config import Config, ConfigError

FOLDER = Path(".dvc")


def dvc_cache() -> Path:
    """The folder of the cache of the project in the current folder; it need not exist."""
    try:
        set_elsewhere = Config(dvc_dir=str(FOLDER))["cache"].get("dir")
    except (ConfigError, OSError):
        set_elsewhere = None
    return Path(str(set_elsewhere)) if set_elsewhere else FOLDER / "cache"
