"""The whole table of checks; as a program, `make checks` prints it."""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from detune.robustness import checks
from detune.robustness.verdict import parse
from detune.support.metrics_file import read_metrics


def documentation(check: str) -> tuple[str, str]:
    """What a check measures, and when it fails: two paragraphs of its function's docstring."""
    function = getattr(checks, check, None)
    text = (inspect.getdoc(function) if function else None) or "no longer carried out"
    paragraphs = [" ".join(paragraph.split()) for paragraph in text.split("\n\n")]
    fails = [paragraph for paragraph in paragraphs if paragraph.startswith("Fails ")]
    return paragraphs[0], " ".join(fails)


def table(results: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Yield a line for each check, and below one that failed what that means.

    Args:
        results: the checks in `metrics/checks.json`, by name.
    """
    width = max((len(name) for name in results), default=0)
    yield f"{'check':{width}}  {'figure':>9}  {'at most':>9}  passed  what is measured"
    for name, check in results.items():
        measures, fails = documentation(name)
        figure, bound = (_number(check[key]) for key in ("figure", "bound"))
        passed = "yes" if check["passed"] else "NO"
        yield f"{name:{width}}  {figure:>9}  {bound:>9}  {passed:6}  {measures}"
        if not check["passed"]:
            yield f"{'':{width}}  {fails}"


def _number(value: float | None) -> str:
    """A figure in few characters; JSON has no word for what is not a number, and says null."""
    return "nan" if value is None else f"{value + 0.0:.3g}"  # + 0.0: never -0


def main(path: Path) -> None:
    """Print the table of the checks in the file at `path`."""
    if not path.is_file():
        sys.exit(f"checks: error: {path}: no checks there: run `make repro` to get them")
    try:
        print(*table(read_metrics(path)["checks"]), sep="\n", flush=True)
    except BrokenPipeError:  # as by `make checks | head`; nor may the interpreter flush the rest
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    description = "Print every check with its figure, its bound and what it asks."
    main(parse(sys.argv[1:], f"python -m {__spec__.name}", description))
