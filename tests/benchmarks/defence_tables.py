"""Tables and the picture of what `tests.benchmarks.defences` measured, a group of seeds a row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

Record = dict[str, Any]
Group = list[Record]

SEED = 42
"""Of the intervals."""

AT = "0.02"
"""Where all attacks were tried."""

ATTACKS = ("fgsm", "pgd", "pgd-margin", "apgd")


def groups(records: Sequence[Record]) -> dict[tuple[str, float], Group]:
    """Networks that differ by their seed alone, by method and training epsilon."""
    found: dict[tuple[str, float], Group] = {}
    for record in records:
        found.setdefault((record["method"], record["epsilon"]), []).append(record)
    return found


def right(group: Group, attack: str = "clean", epsilon: str = "") -> np.ndarray:
    """How often each segment is right, `(n,)`: the mean over the seeds of a group."""
    return np.mean([one[attack][epsilon] if epsilon else one[attack] for one in group], axis=0)


def share(values: np.ndarray, tracks: Sequence[str]) -> str:
    """A mean in percent with its interval over songs."""
    from detune.statistics.bootstrap import Bootstrap  # noqa: PLC0415

    low, high = (100 * end for end in Bootstrap(tracks, SEED).interval(values))
    mean = 100 * values.mean()
    return f"{mean:.0f}" if low == high else f"{mean:.0f} ({low:.0f} to {high:.0f})"


def over_seeds(group: Group, attack: str = "clean", epsilon: str = "") -> str:
    """The range of a group's seeds, where there are several."""
    shares = [100 * right([one], attack, epsilon).mean() for one in group]
    return f", seeds {min(shares):.0f} to {max(shares):.0f}" if len(group) > 1 else ""


def accuracies(found: dict[tuple[str, float], Group]) -> Iterator[list[str]]:
    """Clean accuracy and that under PGD at each epsilon."""
    for (method, trained_at), group in found.items():
        tracks, epsilons = group[0]["tracks"], list(group[0]["pgd"])
        cells = [("clean", ""), *(("pgd", epsilon) for epsilon in epsilons)]
        shares = [share(right(group, *one), tracks) + over_seeds(group, *one) for one in cells]
        yield [f"`{method}`", f"{trained_at:g}" if trained_at else "", str(len(group)), *shares]


def differences(found: dict[tuple[str, float], Group]) -> Iterator[list[str]]:
    """The same minus that of the networks without a defence, segment by segment, same seeds."""
    plain = {record["seed"]: record for record in found["none", 0.0]}
    for (method, trained_at), group in found.items():
        if method == "none":
            continue
        both = [one for one in group if one["seed"] in plain]
        beside = [plain[one["seed"]] for one in both]
        cells = [("clean", ""), *(("pgd", epsilon) for epsilon in group[0]["pgd"])]
        shares = [
            share(right(both, *one) - right(beside, *one), group[0]["tracks"]) for one in cells
        ]
        yield [f"`{method}`", f"{trained_at:g}", *shares]


def strongest(found: dict[tuple[str, float], Group]) -> Iterator[list[str]]:
    """What each attack leaves at one epsilon, what all of them leave, and the verdicts."""
    for (method, trained_at), seeds in found.items():
        group = [one for one in seeds if "failed" in one]
        if not group:
            continue
        tracks = group[0]["tracks"]
        left = [right(group, attack, AT) for attack in ATTACKS]
        union = np.mean(
            [np.min([one[attack][AT] for attack in ATTACKS], axis=0) for one in group], axis=0
        )
        trusted = sum(not one["failed"] for one in group)
        failed = sorted({f"`{name}`" for one in group for name in one["failed"]})
        verdict = f"{trusted} of {len(group)} trustworthy" + (
            f"; {', '.join(failed)}" if failed else ""
        )
        epochs = {one["training"]["exported_epoch"] for one in group}
        yield [
            f"`{method}`",
            f"{trained_at:g}" if trained_at else "",
            *(share(values, tracks) for values in (*left, union)),
            verdict,
            ", ".join(map(str, sorted(epochs))),
        ]


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
            }


def table(head: Sequence[str], rows: Iterator[list[str]]) -> str:
    """A table as Markdown."""
    lines = [list(head), ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def show(records: Sequence[Record], picture: Path | None) -> None:
    """Print three tables, and draw the trade-off where a file is named."""
    found = groups(records)
    epsilons = list(records[0]["pgd"])
    print(table(("method", "trained at", "seeds", "clean", *epsilons), accuracies(found)))
    print()
    print(table(("method", "trained at", "clean", *epsilons), differences(found)))
    print()
    head = ("method", "trained at", *ATTACKS, "all", "verdict", "exported epoch")
    print(table(head, strongest(found)))
    if picture:
        from detune.figures.tradeoff import draw_tradeoff  # noqa: PLC0415

        draw_tradeoff(list(points(found)), picture)
