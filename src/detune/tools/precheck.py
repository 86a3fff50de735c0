"""Look at what DVC reads before any stage runs; `make repro` begins with it.

DVC itself writes out every alias of `params.yaml`, and opens pipes and devices, which never end.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import yaml

from detune.ingest.hashable import require_hashable
from detune.support.errors import UserError
from detune.support.yaml_size import require_small_yaml
from detune.tools.own_files import require_whole

PARAMS = Path("params.yaml")
INPUTS = ("path", "partition", "labels")
"""Parameters of the section `data` that name what DVC hashes."""


def precheck() -> None:
    """Make sure that DVC gets through its inputs; all else is checked by the stage `validate`.

    Raises:
        UserError: `params.yaml` is too large, a file of DVC's own is cut off, or an input can't be
            hashed.
    """
    require_small_yaml(PARAMS)
    require_whole()
    try:
        data = yaml.safe_load(PARAMS.read_text(encoding="utf-8"))["data"]
        inputs = {key: data.get(key) for key in INPUTS}
    except (OSError, ValueError, yaml.YAMLError, KeyError, TypeError, AttributeError):
        return  # DVC or `validate` says what is wrong
    for key, value in inputs.items():
        if isinstance(value, str):
            require_hashable(Path(value), f"data.{key}")


if __name__ == "__main__":
    argparse.ArgumentParser(
        prog=f"python -m {__spec__.name}", description="Look at what DVC reads before any stage."
    ).parse_args()
    try:
        precheck()
    except UserError as error:
        sys.exit(f"repro: error: {error}")
