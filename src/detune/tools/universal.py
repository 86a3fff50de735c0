"""How many segments does one perturbation a genre turn? python -m detune.tools.universal."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import yaml

from detune.attack.attacked_model import load_attacked
from detune.collection.dataset import load_split
from detune.support.errors import UserError
from detune.support.files import write_csv
from detune.support.params import parse_params
from detune.universal.study import ALL, BEYOND, COLUMNS, KINDS, Row, Study

HEAD = ("epsilon", "genre", "training segments", "turned of them, %", "test segments", "songs")


def main(arguments: Sequence[str]) -> None:
    """Print the table that `arguments` ask for, as Markdown."""
    options = parsed(arguments)
    raw = yaml.safe_load(Path("params.yaml").read_text(encoding="utf-8"))
    attack = parse_params(raw).attack
    model, genres = load_attacked(Path("data/model"), attack.defence)
    train, test = (load_split(Path("data/segments"), name, genres) for name in ("train", "test"))
    study = Study(model, train, test, segments=options.segments, seed=attack.seed)
    rows: list[Row] = []
    for number, epsilon in enumerate(options.epsilons or attack.epsilons):
        new = study.rows(epsilon, options.steps)
        for line in as_markdown(new, head=number == 0, genres=options.genres):
            print(line, flush=True)
        rows += new
    if options.csv:
        write_csv(options.csv, COLUMNS, rows)


def parsed(arguments: Sequence[str]) -> argparse.Namespace:
    """The options on the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m detune.tools.universal",
        description="For each genre find one perturbation that turns its training segments, and "
        "say how many of its test segments it turns too: beside random signs of the same size, "
        "its own values at other places, and the perturbations of other genres. Needs data/model "
        "and data/segments.",
    )
    parser.add_argument(
        "--epsilons", type=radius, nargs="+", metavar="E", help="default: attack.epsilons"
    )
    parser.add_argument(
        "--segments", type=count, default=20, help="training segments a genre; default: 20"
    )
    parser.add_argument("--steps", type=count, default=20, help="gradient steps; default: 20")
    parser.add_argument("--genres", action="store_true", help="print a line for each genre too")
    parser.add_argument("--csv", type=Path, metavar="FILE", help="write the table there too")
    return parser.parse_args(arguments)


def radius(text: str) -> float:
    """An epsilon above 0, at most 1."""
    value = float(text)
    if not 0 < value <= 1:
        raise argparse.ArgumentTypeError(f"{text} is not above 0 and at most 1")
    return value


def count(text: str) -> int:
    """A number of at least 1."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not at least 1")
    return value


def as_markdown(rows: Sequence[Row], *, head: bool, genres: bool) -> Iterator[str]:
    """Lines of the table, a row each; those of single genres where they are asked for."""
    if head:
        titles = (*HEAD, *(kind.replace("_", " ") for kind in KINDS), "own beyond other genres")
        yield f"| {' | '.join(titles)} |"
        yield f"|{' --- |' * len(titles)}"
    for row in rows:
        if genres or row["genre"] == ALL:
            turned = f"{100 * row['training_turned']:.0f}"
            first = (row["genre"], row["training_segments"], turned, row["segments"], row["songs"])
            names = (*KINDS, BEYOND)
            shares = (_share(row, name) for name in names)
            yield f"| {row['epsilon']:g} | {' | '.join(map(str, (*first, *shares)))} |"


def _share(row: Row, name: str) -> str:
    """A share in percent; its interval over songs where all genres are together."""
    value, low, high = (100 * row[f"{name}{end}"] for end in ("", "_low", "_high"))
    return f"{value:.0f} ({low:.0f} to {high:.0f})" if row["genre"] == ALL else f"{value:.0f}"


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except (UserError, OSError) as error:
        sys.exit(f"universal: error: {error}")
