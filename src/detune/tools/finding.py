"""Print the finding of the last run: five sentences, and whether each is shown."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from detune.summary.finding import REMARK, text
from detune.support.files import read_json

PATH = Path("metrics/finding.json")


def main() -> None:
    """Print the finding in `metrics/finding.json`."""
    argparse.ArgumentParser(
        prog="python -m detune.tools.finding", description=(__doc__ or "").split("\n")[0]
    ).parse_args()
    if not PATH.is_file():
        sys.exit(f"finding: error: {PATH}: no finding there: run `make repro` to get one")
    print(*text(read_json(PATH)["sentences"]), sep="\n")
    print(REMARK)


if __name__ == "__main__":
    main()
