"""All stages and the report on a folder in which everything is hostile that can be."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from tests.chaos.runs import start
from tests.hostile import GENRES, NAMES, faults_of_tables, make_music, make_special_files
from tests.pipeline.clones import clone

HOSTILE = "hostile"
"""Where the project is, in the folder of the campaign."""


def run_hostile(folder: Path) -> list[str]:
    """Run the very small project on the folder; return what is wrong."""
    project, logs = clone(folder / HOSTILE), folder / "logs"
    left_out = make_music(folder / "music")
    project.change("params.yaml", {"data.path": "../music"})
    wrong = []
    for path in make_special_files(folder / "music"):
        run = start(project, logs, "repro", "validate")
        if not run.ended() or len(re.findall("^validate: error: ", run.told, re.MULTILINE)) != 1:
            wrong.append(f"not refused in one line: {run.told}")
        path.unlink()
    run = start(project, logs, "repro")
    if run.ended() or "Traceback" in run.told:
        return [*wrong, run.told]
    counted = (
        f"ingest: {len(GENRES) * len(NAMES)} tracks, {len(GENRES)} genres, {len(left_out)} quar"
    )
    if counted not in run.told:
        wrong.append(f"not counted: {run.told}")
    report = [sys.executable, "-m", "detune.tools.report"]
    told = subprocess.run(report, cwd=project.folder, capture_output=True, text=True, check=False)
    if told.returncode:
        return [*wrong, told.stderr]
    page = (project.folder / "report/index.html").read_text(encoding="utf-8")
    if "<script>alert" in page:
        wrong.append("report: a name became a script")
    return wrong + faults_of_tables(project.folder)
