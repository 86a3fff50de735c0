"""What README and docs name is there: links, commands, files, columns, checks."""

from __future__ import annotations

import csv
import json
import re
from fnmatch import fnmatch
from importlib.util import find_spec
from pathlib import Path

import pytest

from detune.support.metrics_file import read_metrics
from tests.doc_tables import filled, pages

ROOT = Path(__file__).parents[1]
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    *sorted((ROOT / "docs").glob("*.md")),
]
TEXTS = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in PAGES}
UNFINISHED = "TODO-RESULTS"
"""Marks a section whose tables wait for new results."""


def found(pattern: str) -> list[tuple[str, str]]:
    """Page and text of everything that matches in README and docs, each once."""
    return sorted(
        {(page, hit) for page, text in TEXTS.items() for hit in re.findall(pattern, text)}
    )


def test_the_readme_is_read_in_a_minute() -> None:
    assert len((ROOT / "README.md").read_bytes()) < 6144


def test_the_accuracy_in_readme_and_docs_is_that_of_the_default_run() -> None:
    scores = read_metrics(ROOT / "metrics" / "train.json")
    for level in ("song", "segment"):
        value, low, high = (
            f"{100 * scores[f'{level}_accuracy{end}']:.1f}" for end in ("", "_low", "_high")
        )
        assert f"{value} ({low}–{high})" in TEXTS["docs/results.md"]  # noqa: RUF001
        if level == "song":
            assert f"**{value} %**" in TEXTS["README.md"]
            assert f"{low} to {high}" in TEXTS["README.md"]


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_tables_are_those_of_the_results(page: Path) -> None:
    """`make tables` writes them."""
    text = page.read_text(encoding="utf-8")
    assert filled(text) == text


def anchors(path: Path) -> set[str]:
    """The names by which GitHub links to the headings of a page."""
    heads = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize(("page", "link"), found(r"\]\(([^)\s]+)\)"))
def test_a_link_leads_somewhere(page: str, link: str) -> None:
    if link.startswith(("https://", "http://")):
        pytest.skip("needs the network")
    path, _, anchor = link.partition("#")
    target = (ROOT / page).parent / path if path else ROOT / page
    assert target.exists()
    assert not anchor or anchor in anchors(target)


@pytest.mark.parametrize(("page", "module"), found(r"python -m ((?:detune|tests)\.[\w.]*\w)"))
def test_a_command_is_there(page: str, module: str) -> None:
    spec = find_spec(module)
    assert spec
    assert spec.origin
    if not spec.origin.endswith("__init__.py"):
        assert '__name__ == "__main__"' in Path(spec.origin).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("page", "target"), found(r"(?:^|`|&& )make (?:[A-Z]+=\S+ )?([a-z][a-z-]*)(?=`| |$)")
)
def test_a_target_of_make_is_there(page: str, target: str) -> None:
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)


@pytest.mark.parametrize(("page", "path"), found(r"`((?:src|stages|tests|docs|\.ci)/[\w./-]*)[`:]"))
def test_a_file_of_the_project_is_there(page: str, path: str) -> None:
    assert (ROOT / path).exists()


def sections() -> dict[str, str]:
    """The sections of `docs/files.md` by the file that they describe."""
    parts = re.split(r"^#+ (.+)$", TEXTS["docs/files.md"], flags=re.MULTILINE)
    return {
        name: text
        for head, text in zip(parts[1::2], parts[2::2], strict=True)
        for name in re.findall(r"`(\S+?)`", head)
    }


def columns(path: Path) -> list[str]:
    """The columns of a table, or the keys of a metrics file."""
    if path.suffix == ".json":
        return list(read_metrics(path))
    with path.open(newline="", encoding="utf-8") as stream:
        return next(csv.reader(stream))


RESULTS = [
    path.relative_to(ROOT).as_posix()
    for folder in ("metrics", "plots")
    for path in sorted((ROOT / folder).rglob("*.*"))
    if path.suffix in (".json", ".csv")
]


@pytest.mark.parametrize("result", RESULTS)
def test_every_file_and_column_is_described(result: str) -> None:
    texts = [
        text for name, text in sections().items() if fnmatch(result, re.sub(r"<\w+>", "*", name))
    ]
    assert texts, f"docs/files.md has no section on {result}"
    if UNFINISHED not in texts[0]:
        described = [re.sub(r"<\w+>", "*", name) for name in re.findall(r"`(\S+?)`", texts[0])]
        for column in columns(ROOT / result):
            assert any(fnmatch(column, name) for name in described), column


def test_every_check_is_explained() -> None:
    carried_out = json.loads((ROOT / "metrics" / "checks.json").read_text(encoding="utf-8"))
    rows = re.findall(r"^\| `(\w+)` \|", TEXTS["docs/checks.md"], re.MULTILINE)
    assert sorted(rows) == sorted(carried_out["checks"])
