"""The tables of README and docs that show results in the repository, made from them.

`python -m tests.doc_tables` writes them where a page has `<!-- table: NAME -->`, up to the empty
line after the table. A test compares them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from detune.support.files import read_csv
from detune.support.metrics_file import read_metrics
from tests.benchmarks import defence_tables
from tests.markdown import number, table

ROOT = Path(__file__).parents[1]

Row = Mapping[str, str]

METHODS = {
    "grad-cam": "Grad-CAM",
    "grad-cam++": "Grad-CAM++",
    "ablation-cam": "Ablation-CAM",
    "hires-cam": "HiResCAM",
    "integrated-gradients": "integrated gradients",
}
BASELINES = ("loudest place", "plain gradient", "random weights")
"""Explanations in the tables, as `plots/ground_truth.csv` has them."""

MASKS = {
    "heatmap": "Grad-CAM",
    "heatmap moved in time": "moved in time",
    "moved heatmap": "moved in time and frequency",
    "loudest place": "loudest place",
}


def rows_of(name: str, **wanted: str) -> list[Row]:
    """Rows of a table in `plots/` that have the wanted values."""
    rows = read_csv(ROOT / "plots" / f"{name}.csv")
    return [row for row in rows if all(row[key] == value for key, value in wanted.items())]


def one(name: str, **wanted: str) -> Row:
    """The only row that has the wanted values."""
    (row,) = rows_of(name, **wanted)
    return row


def metrics(name: str) -> Any:
    """Content of `metrics/<name>.json`."""
    return read_metrics(ROOT / "metrics" / f"{name}.json")


def interval(row: Mapping[str, Any], key: str = "value", places: int = 2) -> str:
    """`value (low to high)`; nothing where there is none."""
    low, high = ("low", "high") if key == "value" else (f"{key}_low", f"{key}_high")
    if row[key] in ("", None):
        return ""
    value, low, high = (number(row[name], places) for name in (key, low, high))
    return f"{value} ({low} to {high})"


def percent(row: Mapping[str, Any], key: str, places: int = 0) -> str:
    """The same of shares, in %."""
    ends = {name: row[name] for name in (key, f"{key}_low", f"{key}_high")}
    if "" in ends.values():
        return ""
    return interval({name: 100 * float(value) for name, value in ends.items()}, key, places)


def points(method: str) -> list[Mapping[str, Any]]:
    """Robust accuracy by epsilon."""
    return [one for one in metrics("robustness")["curve"] if one["method"] == method]


def attention(method: str, comparison: str, epsilon: str, group: str = "all") -> str:
    """Rank correlation with the clean heatmap."""
    wanted = {"comparison": comparison, "group": group, "measure": "spearman"}
    return interval(one("attention", method=method, epsilon=epsilon, **wanted))


def summary() -> str:
    """Songs and examples by epsilon."""
    rows = []
    for fgsm, pgd in zip(points("fgsm"), points("pgd"), strict=True):
        epsilon = str(pgd["epsilon"])
        example = one("examples", method="pgd", epsilon=epsilon)
        rows.append(
            [
                epsilon,
                percent(fgsm, "song_robust_accuracy", 1),
                percent(pgd, "song_robust_accuracy", 1),
                f"{float(example['linf_mean']):.3g}",
                interval(example, "confidence"),
                attention("pgd", "target: original class", epsilon),
            ]
        )
    head = (
        "ε",
        "songs correct, FGSM, %",
        "PGD, %",
        "L∞ norm, PGD",
        "confidence",
        "heatmaps, original class",
    )
    return table(head, rows)


def robustness() -> str:
    """Segments and songs that remain correct."""
    rows = [
        [
            str(fgsm["epsilon"]),
            *(percent(one, "robust_accuracy", 1) for one in (fgsm, pgd)),
            *(percent(one, "song_robust_accuracy", 1) for one in (fgsm, pgd)),
        ]
        for fgsm, pgd in zip(points("fgsm"), points("pgd"), strict=True)
    ]
    head = ("ε", "segments, FGSM", "segments, PGD", "songs, FGSM", "songs, PGD")
    return table(head, rows)


def examples() -> str:
    """What PGD makes of a segment."""
    rows = [
        [
            row["epsilon"],
            f"{float(row['linf_mean']):.3g}",
            interval(row, "confidence"),
            attention("pgd", "target: original class", row["epsilon"]),
            attention("pgd", "control: noise, target: original class", row["epsilon"]),
        ]
        for row in rows_of("examples", method="pgd")
    ]
    head = (
        "ε",
        "mean L∞ norm",
        "confidence in the wrong or right genre",
        "rank correlation of heatmaps, original class",
        "the same after noise of the same size",
    )
    return table(head, rows)


def shift() -> str:
    """How far heatmaps move."""
    rows = [
        [
            row["epsilon"],
            attention("pgd", "attack", row["epsilon"]),
            attention("pgd", "target: original class", row["epsilon"]),
            attention("pgd", "control: noise, target: original class", row["epsilon"]),
            attention("fgsm", "target: original class", row["epsilon"]),
        ]
        for row in rows_of("examples", method="pgd")
    ]
    head = (
        "ε",
        "PGD, class predicted under attack",
        "PGD, original class",
        "noise as large as PGD's change, original class",
        "FGSM, original class",
    )
    return table(head, rows)


def marks(test: str, measure: str, method: str, versus: str = "") -> str:
    """A mark of an explanation, or by how much it is above another one."""
    wanted = {"test": test, "measure": measure, "method": method, "versus": versus}
    return " ".join(interval(row) for row in rows_of("ground_truth", group="all", **wanted))


def confined() -> str:
    """The pointing game under confined attacks."""
    against = ("", "before the attack", "noise in the window", "loudest place")
    rows = [
        [name, *(marks("confined attack", "pointing", method, versus) for versus in against)]
        for method, name in (METHODS | {one: one for one in BASELINES}).items()
    ]
    head = (
        "method",
        "pointing",
        "above `before the attack`",
        "above `noise in the window`",
        "above `loudest place`",
    )
    return table(head, rows)


def stems() -> str:
    """Rank agreement with what muting costs."""
    tests, against = ("true stems", "true stems, under attack"), ("", "chance")
    rows = [
        [name, *(marks(test, "rank agreement", method, over) for test in tests for over in against)]
        for method, name in (METHODS | {"random weights": "random weights"}).items()
    ]
    head = (
        "method",
        "as they are",
        "above evenly spread heat",
        "under attack",
        "above evenly spread heat",
    )
    return table(head, rows)


def waveform() -> str:
    """Attacks on the sound itself."""
    rows = []
    for row in rows_of("waveform"):
        if row["level"] == "masked":
            beside = ["", f"{percent(row, 'noise_masked')}, random phases"]
            rows.append(["below masking", percent(row, "correct"), *beside])
        else:
            kinds = ("correct", "noise_white", "noise_shaped")
            rows.append([row["level"], *(percent(row, kind) for kind in kinds)])
    head = ("SNR, dB", "attack", "white noise", "noise with the segment's spectrum")
    return table(head, rows)


def spectrogram_sounds() -> str:
    """Spectrogram attacks, once they are sound."""
    rows = [
        [
            row["method"].upper(),
            row["level"],
            number(100 * float(row["fooled"]), 0),
            percent(row, "correct"),
            percent(row, "stay_fooled"),
            number(row["snr_db"], 1),
            number(row["miss"], 3),
        ]
        for row in rows_of("listen", domain="spectrogram", treatment="16 bit")
        if float(row["level"]) >= 0.005
    ]
    head = (
        "attack",
        "ε",
        "fooled as spectrogram",
        "correct once sound",
        "of the fooled, stay fooled",
        "SNR, dB",
        "`miss`",
    )
    return table(head, rows)


def treatments() -> str:
    """What remains of attacks after what happens to sounds."""
    spectrogram = {"domain": "spectrogram", "method": "pgd", "level": "0.02"}
    attacks = {
        "PGD on the spectrogram, ε = 0.02": spectrogram,
        "on the sound, 40 dB": {"domain": "waveform", "level": "40"},
        "on the sound, 20 dB": {"domain": "waveform", "level": "20"},
        "below masking": {"domain": "waveform", "level": "masked"},
    }
    names = list(dict.fromkeys(row["treatment"] for row in rows_of("listen")))
    rows = [
        [
            name,
            *(
                percent(one("listen", treatment=one_of, **attack), "stay_fooled")
                for one_of in names
            ),
        ]
        for name, attack in attacks.items()
    ]
    return table(("of those fooled stay fooled, %", *names), rows)


def masks() -> str:
    """Heatmaps as sound."""
    figures = {"energy": 100, "average_drop": 100, "average_increase": 100, "loss_without": 1}
    pairs = [(mask, "") for mask in MASKS]
    pairs += [("heatmap", versus) for versus in list(MASKS)[1:3]]
    rows = []
    for mask, versus in pairs:
        cells = []
        for figure, scale in figures.items():
            row = one("heatmap_sound", mask=mask, versus=versus, figure=figure)
            ends = {end: scale * float(row[end]) for end in ("value", "low", "high")}
            cells.append(interval(ends, places=0 if scale == 100 else 2))
        rows.append([f"{MASKS[mask]}{f' less {MASKS[versus]}' if versus else ''}", *cells])
    head = (
        "mask",
        "of the energy, %",
        "lost with it alone (average drop), %",
        "rises then (average increase), %",
        "probability lost without it",
    )
    return table(head, rows)


def corruptions() -> str:
    """Segments right by kind and severity."""
    kinds = dict.fromkeys(row["kind"] for row in rows_of("corruptions"))
    rows = []
    for kind in kinds:
        own = rows_of("corruptions", kind=kind)
        shares = [f"{row['severity']}: {percent(row, 'segment_accuracy')}" for row in own]
        rows.append([kind.replace("_", " "), own[0]["unit"], ", ".join(shares)])
    return table(("kind", "severity in", "segments right, %"), rows)


TABLES: dict[str, Callable[[], str]] = {
    made.__name__: made
    for made in (
        *(summary, robustness, examples, shift, confined, stems),
        *(waveform, spectrogram_sounds, treatments, masks, corruptions),
    )
} | defence_tables.TABLES
"""Every table, by the name that a page gives."""

PLACE = re.compile(r"<!-- table: (\w+) -->\n(?:\|.*\n)*")


def filled(page: str) -> str:
    """A page with its tables as the results are."""
    return PLACE.sub(lambda place: f"<!-- table: {place[1]} -->\n{TABLES[place[1]]()}\n", page)


def pages() -> list[Path]:
    """README and docs."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


if __name__ == "__main__":
    for path in pages():
        text = path.read_text(encoding="utf-8")
        path.write_text(filled(text), encoding="utf-8")
