"""Ask whether attacks travel: python -m detune.tools.transfer REV REV ..."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from detune.figures.transfer import draw_transfer
from detune.params.method_options import METHODS
from detune.review.revision import open_revision
from detune.support.errors import UserError
from detune.support.files import write_csv
from detune.transfer.matrix import COLUMNS, transfer_matrix
from detune.transfer.sources import read_source


def main(arguments: Sequence[str]) -> None:
    """Print the matrix that `arguments` ask for, as Markdown."""
    parser = argparse.ArgumentParser(
        prog=f"python -m {__spec__.name}",
        description="Show segments attacked for one network to another one, for each pair of "
        "revisions. Their models, segments and attacks must be in DVC's cache.",
    )
    parser.add_argument(
        "revisions",
        metavar="REV",
        nargs="+",
        help="a commit, branch, tag or DVC experiment, or `workspace`: the files as they are",
    )
    parser.add_argument("--method", choices=METHODS, default="pgd")
    parser.add_argument("--epsilon", default="0.02", help="as in params.yaml; default: 0.02")
    parser.add_argument("--seed", type=int, default=42, help="of noise and intervals")
    parser.add_argument("--csv", type=Path, metavar="FILE", help="write the table there too")
    parser.add_argument("--png", type=Path, metavar="FILE", help="draw the matrix there")
    options = parser.parse_args(arguments)
    if len(set(options.revisions)) < max(2, len(options.revisions)):
        parser.error("give at least two different revisions")
    if options.png and options.png.suffix != ".png":
        parser.error(f"--png {options.png}: give a name that ends in .png")
    with TemporaryDirectory() as scratch:
        sources = [
            read_source(open_revision(name), options.method, options.epsilon, Path(scratch, str(n)))
            for n, name in enumerate(options.revisions)
        ]
        rows = transfer_matrix(sources, float(options.epsilon), options.seed)
    print(as_markdown(rows))
    if options.csv:
        write_csv(options.csv, COLUMNS, rows)
    if options.png:
        draw_transfer(rows, options.png)


def as_markdown(rows: Sequence[dict[str, Any]]) -> str:
    """The table, a row a pair."""
    lines = [
        "| attacked | asked | segments | turned, % | attacked network itself, % | survives, % | "
        "random signs, % | songs that the asked one learned from |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for row in rows:
        survives = "" if row["survives"] is None else f"{100 * row['survives']:.0f}"
        low, value, high = (100 * row[f"turned{end}"] for end in ("_low", "", "_high"))
        lines.append(
            f"| {row['attacked']} | {row['asked']} | {row['segments']} | {value:.0f} "
            f"({low:.0f} to {high:.0f}) | {100 * row['white_box']:.0f} | {survives} | "
            f"{100 * row['noise']:.0f} | {row['learned']} of {row['songs']} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except (UserError, OSError) as error:
        sys.exit(f"transfer: error: {error}")
