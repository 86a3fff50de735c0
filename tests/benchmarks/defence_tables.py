"""Tables and the picture of what `tests.benchmarks.defences` measured, a row a group of seeds."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from tests.markdown import number, table

Record = dict[str, Any]
Group = list[Record]

RECORDS = Path(__file__).with_name("records")
"""Files with a line of JSON for each network."""

RECORDED = ("embedded", "embedded_20_epochs")
"""What is in the docs: trained for six epochs, as a table of seven methods can be, and for 20."""

SEED = 42
"""Of the intervals."""

AT = "0.02"
"""Where all attacks were tried."""

ATTACKS = ("fgsm", "pgd", "pgd-margin", "apgd")


def read(path: Path) -> list[Record]:
    """The records, in order; none where there is no file."""
    if not path.is_file():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def groups(records: Sequence[Record]) -> dict[tuple[str, float], Group]:
    """Networks that differ by their seed or processor alone, by method and training epsilon."""
    found: dict[tuple[str, float], Group] = {}
    for record in records:
        found.setdefault((record["method"], record["epsilon"]), []).append(record)
    return found


def right(group: Group, attack: str = "clean", epsilon: str = "") -> np.ndarray:
    """How often each segment is right, `(n,)`: the mean over the networks of a group."""
    return np.mean([one[attack][epsilon] if epsilon else one[attack] for one in group], axis=0)


def share(values: np.ndarray, tracks: Sequence[str]) -> str:
    """A mean in percent with its interval over songs."""
    from detune.statistics.bootstrap import Bootstrap  # noqa: PLC0415

    low, high = (100 * end for end in Bootstrap(tracks, SEED).interval(values))
    mean = number(100 * values.mean(), 0)
    return mean if low == high else f"{mean} ({number(low, 0)} to {number(high, 0)})"


def cells(group: Group) -> list[tuple[str, str]]:
    """What the columns are of: clean segments, then PGD at each epsilon."""
    return [("clean", ""), *(("pgd", epsilon) for epsilon in group[0]["pgd"])]


def name(method: str, trained_at: float) -> list[str]:
    """The first two columns."""
    return [f"`{method}`", f"{trained_at:g}" if trained_at else ""]


def accuracies(found: dict[tuple[str, float], Group]) -> Iterator[list[str]]:
    """Clean accuracy and that under PGD at each epsilon, means over the networks."""
    for which, group in found.items():
        shares = [share(right(group, *one), group[0]["tracks"]) for one in cells(group)]
        yield [*name(*which), str(len(group)), *shares]


def by_seed(found: dict[tuple[str, float], Group]) -> Iterator[list[str]]:
    """The same of each seed by itself, in the order of the records."""
    for which, group in found.items():
        columns = [[100 * right([seed], *one).mean() for seed in group] for one in cells(group)]
        yield [*name(*which), *(", ".join(f"{each:.0f}" for each in column) for column in columns)]


def beyond_plain(
    found: dict[tuple[str, float], Group], which: tuple[str, float]
) -> list[np.ndarray]:
    """By how much a group is right more often than plain networks, `(n,)` for each column.

    Of the same seed and processor: on another one, the same seed gives another network.
    """
    plain = {(record["seed"], record["processor"]): record for record in found["none", 0.0]}
    group = found[which]
    beside = [plain[one["seed"], one["processor"]] for one in group]
    return [right(group, *one) - right(beside, *one) for one in cells(group)]


def differences(found: dict[tuple[str, float], Group]) -> Iterator[list[str]]:
    """Accuracies minus those of the networks without a defence, segment by segment."""
    for which, group in found.items():
        if which[0] != "none":
            gained = beyond_plain(found, which)
            yield [*name(*which), *(share(values, group[0]["tracks"]) for values in gained)]


def strongest(found: dict[tuple[str, float], Group]) -> Iterator[list[str]]:
    """What each attack leaves at one epsilon, what all of them leave, and the verdicts."""
    for which, group in found.items():
        for one in group:
            if "failed" not in one:
                continue
            left = [np.asarray(one[attack][AT]) for attack in ATTACKS]
            failed = ", ".join(f"`{name}`" for name in sorted(one["failed"]))
            yield [
                *name(*which),
                *(share(values, one["tracks"]) for values in (*left, np.min(left, axis=0))),
                f"not trustworthy: {failed}" if failed else "trustworthy",
                str(one["training"]["exported_epoch"]),
                f"{100 * one['training']['history'][-1]['accuracy']:.0f}",
            ]


def lengths() -> str:
    """The differences to `none` after six and twenty epochs of one seed, and by how much more."""
    short, long = (
        groups([record for record in read(RECORDS / f"{name}.jsonl") if record["seed"] == SEED])
        for name in RECORDED
    )
    rows = []
    for which in [which for which in long if which in short and which[0] != "none"]:
        six, twenty = beyond_plain(short, which), beyond_plain(long, which)
        more = [after - before for before, after in zip(six, twenty, strict=True)]
        for label, gained in (("six", six), ("twenty", twenty), ("twenty less six", more)):
            shares = (share(values, long[which][0]["tracks"]) for values in gained)
            rows.append([*name(*which), label, *shares])
    head = ("method", "trained at", "epochs", "clean", *next(iter(long.values()))[0]["pgd"])
    return table(head, rows)


def points(found: dict[tuple[str, float], Group]) -> Iterator[dict[str, Any]]:
    """Rows for the picture."""
    from detune.statistics.bootstrap import Bootstrap  # noqa: PLC0415

    for (method, trained_at), group in found.items():
        bootstrap = Bootstrap(group[0]["tracks"], SEED)
        for epsilon in group[0]["pgd"]:
            yield {
                "method": method,
                "trained_at": trained_at,
                "epsilon": float(epsilon),
                **bootstrap.share("clean", right(group)),
                **bootstrap.share("robust", right(group, "pgd", epsilon)),
                "seeds": [
                    (right([one]).mean(), right([one], "pgd", epsilon).mean()) for one in group
                ],
            }


def _made(kind: str, recorded: str) -> str:
    """One of the tables of a file of records."""
    found = groups(read(RECORDS / f"{recorded}.jsonl"))
    which, columns = ("method", "trained at"), ("clean", *next(iter(found.values()))[0]["pgd"])
    beside = ("all", "verdict", "exported epoch", "training accuracy, %")
    head, rows = {
        "accuracy": (("networks", *columns), accuracies),
        "seeds": (columns, by_seed),
        "difference": (columns, differences),
        "attacks": ((*ATTACKS, *beside), strongest),
    }[kind]
    return table((*which, *head), rows(found))


TABLES: dict[str, Callable[[], str]] = {
    f"{recorded}_{kind}": partial(_made, kind, recorded)
    for recorded in RECORDED
    for kind in ("accuracy", "seeds", "difference", "attacks")
} | {"embedded_lengths": lengths}
"""Every table, by the name that a page gives."""


def draw(records: Sequence[Record], picture: Path) -> None:
    """Draw the trade-off."""
    from detune.figures.tradeoff import draw_tradeoff  # noqa: PLC0415

    draw_tradeoff(list(points(groups(records))), picture)
