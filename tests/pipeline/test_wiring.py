"""What `dvc.yaml` says of each stage is what the stage does."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from detune.params.method_options import METHODS
from detune.params.section import ALIASES
from detune.params.severities import CORRUPTIONS
from detune.support.import_closure import import_closure

ROOT = Path(__file__).parents[2]
DVC = yaml.safe_load((ROOT / "dvc.yaml").read_text())
PARAMS = yaml.safe_load((ROOT / "params.yaml").read_text())
LISTS = "write-a-list-in-brackets"
"""An entry that makes no stage."""

SHIPPED = {f"${{data.{key}}}": PARAMS["data"][key] for key in ("path", "labels", "partition")}
"""Dependencies that a parameter names, and what they are as the project comes."""

STAGES = {name: stage for name, stage in DVC["stages"].items() if name != LISTS}

# How a run is reported, checked and spread over processes changes no result, so an edit of that
# reruns nothing. The values of parameters reach each stage through DVC's own params.
PLUMBING = (
    "src/detune/params/",
    "src/detune/support/",
    "src/detune/__init__.py",
    "stages/harness.py",
)
QUICK = {"validate", "summary"}
"""Stages of a second, which the docs leave out."""

SHAPES_RESULTS = "src/detune/support/files.py"


@cache
def imports(stage: str) -> frozenset[str]:
    """Every file of the project that the stage's script imports, directly or not."""
    scripts = [ROOT / "stages" / f"{name}.py" for name in (stage, "harness")]
    return frozenset(path.relative_to(ROOT).as_posix() for path in import_closure(scripts))


def required(stage: str) -> set[str]:
    """Those of them that can change a result."""
    return {
        path
        for path in imports(stage)
        if path == SHAPES_RESULTS or (not path.startswith(PLUMBING) and has_code(ROOT / path))
    }


def code_deps(stage: str) -> list[str]:
    """The stage's dependencies that are code, files and folders."""
    return [dep for dep in STAGES[stage]["deps"] if dep.startswith(("src/", "stages/"))]


def files_of(dep: str) -> set[str]:
    """The files of a dependency, which may be one of them."""
    path = ROOT / dep
    files = path.rglob("*.py") if path.is_dir() else [path]
    return {file.relative_to(ROOT).as_posix() for file in files}


def has_code(path: Path) -> bool:
    """Whether a file has more in it than a docstring."""
    return len(ast.parse(path.read_text()).body) > 1


def attribute_chain(node: ast.AST) -> str | None:
    """`a.b.c` of an attribute access, `getattr(a.b, name)` as `a.b.${item.name}`."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        owner = attribute_chain(node.value)
        return f"{owner}.{node.attr}" if owner else None
    if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "options":
        owner, name = attribute_chain(node.func.value), node.args[0]
        return f"{owner}.${{item.{name.id}}}" if owner and isinstance(name, ast.Name) else None
    return None


def params_read(stage: str) -> set[str]:
    """Dotted parameters that the stage's script takes from `params`, the longest of each."""
    tree = ast.parse((ROOT / "stages" / f"{stage}.py").read_text())
    chains = {attribute_chain(node) or "" for node in ast.walk(tree)}
    read = {chain.removeprefix("params.") for chain in chains if chain.startswith("params.")}
    read = {chain for chain in read if not any(o.startswith(f"{chain}.") for o in read)}
    read -= {"attack.options", "corruptions.options"}
    for field, key in ALIASES.items():
        read = {chain.replace(field, key) for chain in read}
    return read


@pytest.mark.parametrize("stage", STAGES)
def test_every_import_that_shapes_a_result_is_a_dependency(stage: str) -> None:
    if stage == "validate":
        pytest.skip("it reads everything and leaves only a constant behind")
    files = {dep: files_of(dep) for dep in code_deps(stage)}
    assert required(stage) <= set().union(*files.values())
    assert [dep for dep, found in files.items() if not found & imports(stage)] == []


@pytest.mark.parametrize("stage", STAGES)
def test_params_declared_are_params_read(stage: str) -> None:
    if stage == "validate":
        pytest.skip("it reads everything; see test_validate_watches_all_params")
    declared = set(STAGES[stage].get("params", []))
    # A section that is read whole may be declared whole or key by key, and the other way round.
    assert all(any(covers(d, r) for d in declared) for r in params_read(stage))
    assert all(any(covers(d, r) or covers(r, d) for r in params_read(stage)) for d in declared)


def covers(outer: str, inner: str) -> bool:
    """Whether `outer` is `inner` or a section around it."""
    return inner == outer or inner.startswith(f"{outer}.")


def test_validate_watches_all_params() -> None:
    assert set(STAGES["validate"]["params"]) == set(PARAMS)


def test_dvc_opens_no_input_before_validate_has_looked_at_it() -> None:
    assert [dep for dep in STAGES["validate"]["deps"] if "${" in dep] == []
    assert {"data/validated.txt"} <= set(STAGES["ingest"]["deps"])


def test_cells_do_not_depend_on_the_list_of_epsilons() -> None:
    assert "attack" not in STAGES["attack"]["params"]
    assert "attack.epsilons" not in STAGES["attack"]["params"]
    for collector in ("robustness", "gradcam", "listen"):
        assert "attack.epsilons" in STAGES[collector]["params"]


def test_cells_of_corruptions_depend_on_their_own_severities() -> None:
    assert {"corruptions.${item.kind}", "corruptions.segments"} <= set(STAGES["corrupt"]["params"])
    assert "corruptions" not in STAGES["corrupt"]["params"]
    assert "corruptions.kinds" in STAGES["corruptions"]["params"]


def test_waveform_cells_do_not_depend_on_the_list_of_levels() -> None:
    params = STAGES["waveform"]["params"]
    assert "attack.waveform.levels" not in params
    assert "attack.waveform" not in params
    assert "attack.waveform.levels" in STAGES["listen"]["params"]


def test_attention_is_studied_after_the_list_of_cells_was_judged() -> None:
    made = {path for stage, path, _ in outputs("plots") if stage == "robustness"}
    assert made & set(STAGES["gradcam"]["deps"])
    assert made & set(STAGES["listen"]["deps"])


def test_the_matrix_runs_every_method() -> None:
    assert STAGES["attack"]["matrix"]["method"] == "${attack.methods}"
    assert set(METHODS) <= set(PARAMS["attack"])


def test_every_axis_is_read_as_a_list_before_the_stages() -> None:
    """DVC names neither the parameter nor the remedy where an axis is no list."""
    axes = [axis for stage in STAGES.values() for axis in stage.get("matrix", {}).values()]
    assert next(iter(DVC["stages"])) == LISTS
    assert set(DVC["stages"][LISTS]["matrix"]["lists"]) == {f"{axis[:-1]}[0]}}" for axis in axes}


def test_an_attack_is_added_without_a_change_of_the_pipeline() -> None:
    """As docs/extending.md says: its function, its options, its values in params.yaml."""
    used = {f"attack.{method}" for method in METHODS}
    assert {name for name, stage in STAGES.items() if used & set(stage["params"])} == {"controls"}
    assert "attack.${item.method}" in STAGES["attack"]["params"]


def outputs(kind: str) -> list[tuple[str, str, dict[str, Any]]]:
    """Stage, path and options of every output of a kind."""
    found = []
    for name, stage in STAGES.items():
        for entry in stage.get(kind, []):
            path, options = next(iter(entry.items())) if isinstance(entry, dict) else (entry, {})
            found.append((name, path, options))
    return found


def test_plain_outputs_are_cached() -> None:
    assert all(options.get("cache", True) for _, _, options in outputs("outs"))


def test_metrics_and_summary_plots_are_tracked_by_git() -> None:
    tracked = outputs("metrics") + outputs("plots")
    assert tracked
    assert all(options.get("cache") is False for _, _, options in tracked)


def test_only_stages_that_may_refuse_late_forgo_the_run_cache() -> None:
    """What they made before stays when they refuse; the cheap ones are restored from the cache."""
    kept = {
        stage
        for kind in ("outs", "metrics", "plots")
        for stage, _, o in outputs(kind)
        if o.get("persist")
    }
    assert kept == {"ingest", "robustness", "split"}


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_is_a_short_script(stage: str) -> None:
    lines = (ROOT / "stages" / f"{stage}.py").read_text().splitlines()
    assert len(lines) <= 60


def test_every_file_of_the_library_has_its_tests() -> None:
    library = {path.stem for path in (ROOT / "src" / "detune").rglob("*.py")} - {"__init__"}
    tested = {path.stem.removeprefix("test_") for path in (ROOT / "tests").rglob("test_*.py")}
    assert library - {"errors"} <= tested


def reruns_table() -> dict[str, set[str]]:
    """The table "what reruns when I change ..." of the docs: what is changed, and the stages."""
    page = (ROOT / "docs" / "reruns.md").read_text()
    rows = re.findall(r"^\| (`.+?`.*?) \| (.+?) \|$", page, re.MULTILINE)
    return {change: set(re.findall(r"`([\w-]+)`", stages)) for change, stages in rows}


def directly_affected(change: str) -> set[str]:
    """Stages that name a changed parameter or file among their params or deps."""
    return {
        name
        for name, stage in STAGES.items()
        for declared in [*stage.get("params", []), *stage["deps"]]
        for item in (*METHODS, *CORRUPTIONS)
        if covers(re.sub(r"\$\{item\.(method|kind)\}", item, declared), change)
        or Path(change).is_relative_to(SHIPPED.get(declared, declared))
    }


def downstream(stages: set[str]) -> set[str]:
    """`stages` and all that depend on their outputs; `validate` hands on nothing that changes."""
    reached = set(stages)
    while True:
        made = [
            path
            for kind in ("outs", "metrics", "plots")
            for name, path, _ in outputs(kind)
            if name in reached - {"validate"}
        ]
        new = {
            name
            for name, stage in STAGES.items()
            for dep in stage["deps"]
            if any(_overlap(dep, path) for path in made)
        } | reached
        if new == reached:
            return reached
        reached = new


def _overlap(dep: str, out: str) -> bool:
    dep, out = (re.sub(r"\$\{.*?\}", "X", path) for path in (dep, out))
    if dep.startswith("data/attacks/") and out.startswith("data/attacks/"):
        return True
    return Path(dep).is_relative_to(out) or Path(out).is_relative_to(dep)


@pytest.mark.parametrize(("change", "stages"), reruns_table().items())
def test_the_docs_say_what_reruns(change: str, stages: set[str]) -> None:
    """The table leaves out stages of a second: the first, `validate`, and the last, `summary`."""
    named = re.findall(r"`([^`]+)`", change)
    if named in (["attack.epsilons"], ["attack.methods"]):
        # New cells are new stages; the collectors are what depends on the list itself.
        collectors = {"robustness", "gradcam", "listen"}
        assert directly_affected(named[0]) - QUICK == collectors
        assert stages == {"attack", *collectors}
        return
    if named == ["attack.waveform.levels"]:
        assert directly_affected(named[0]) - QUICK == {"listen"}
        assert stages == {"waveform", "listen"}
        return
    if named == ["corruptions.kinds"]:
        assert directly_affected(named[0]) - QUICK == {"corruptions"}
        assert stages == {"corrupt", "corruptions"}
        return
    affected = set().union(*(directly_affected(name) for name in named))
    assert affected, f"nothing depends on {change}"
    assert stages == downstream(affected) - QUICK


def test_rows_of_the_confusion_matrix_are_actual_genres() -> None:
    """DVC's template makes each value of y sum to one."""
    drawn = {path: plot for entry in STAGES["train"]["plots"] for path, plot in entry.items()}
    plot = drawn["plots/confusion.csv"]
    assert plot["template"] == "confusion_normalized"
    assert (plot["x"], plot["y"]) == ("predicted", "actual")


def test_every_table_is_drawn_by_names_of_its_columns() -> None:
    """DVC draws a table without them by the number of the row."""
    for stage in STAGES.values():
        for entry in stage.get("plots", []):
            for path, plot in entry.items() if isinstance(entry, dict) else [(entry, {})]:
                if path.endswith(".csv"):
                    header = (ROOT / path).read_text(encoding="utf-8").split("\n")[0].split(",")
                    assert {plot["x"], plot["y"]} <= set(header), path
                    assert plot["title"]


def test_every_template_is_there() -> None:
    """DVC has some of its own."""
    own = {path.stem for path in (ROOT / ".dvc/plots").glob("*.json")}
    entries = [*DVC["plots"], *(e for stage in STAGES.values() for e in stage.get("plots", []))]
    plots = [p for entry in entries if isinstance(entry, dict) for p in entry.values()]
    used = {plot["template"] for plot in plots if "template" in plot}
    assert own <= used
    assert used - own <= {"simple", "scatter", "confusion", "confusion_normalized"}
