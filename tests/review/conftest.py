from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

GENRES = ("pop", "rock")
SONGS = [f"{genre}.{number}" for genre in GENRES for number in range(8)]


def write_results(
    folder: Path, *, right: float, epochs: int = 10, trustworthy: bool = True, songs: int = 16
) -> None:
    """The files that a review reads, of a model that gets a share of each song's segments right."""
    lines = ["unit,track,segment,genre,clean,pgd-0.01"]
    for unit, count in (("segment", 10), ("song", 1)):
        for song in SONGS[:songs]:
            genre = song.split(".")[0]
            other = GENRES[genre == "pop"]
            for number in range(count):
                clean = genre if number < round(count * right) else other
                name = number if unit == "segment" else ""
                lines.append(f"{unit},{song},{name},{genre},{clean},{other}")
    files = {
        "plots/outcomes.csv": "\n".join(lines) + "\n",
        "params.yaml": f"train:\n  epochs: {epochs}\nattack:\n  seed: 42\n",
        "dvc.yaml": "stages: {}\n",
        "dvc.lock": "schema: '2.0'\nstages:\n  train:\n    cmd: x\n    outs:\n"
        f"    - path: data/model\n      md5: a{epochs:031x}\n",
        "metrics/checks.json": json.dumps({"trustworthy": trustworthy, "checks": {}}),
        "metrics/robustness.json": json.dumps({"processor": "x86_64", "precision": "float32"}),
        "metrics/gradcam.json": json.dumps({"gain": {"value": 1.0, "low": 0.5, "high": 1.5}}),
        ".dvc/config": "",
        ".dvc/.gitignore": "/tmp\n/cache\n",
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


@pytest.fixture(scope="session")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository whose commit `good` is followed, in the workspace, by a worse model."""
    folder = tmp_path_factory.mktemp("review")

    def git(*arguments: str) -> None:
        identity = ("-c", "user.name=test", "-c", "user.email=test@example.invalid")
        subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)

    git("init", "-q")
    (folder / "README.md").write_text("before any result")
    (folder / ".dvc").mkdir()
    (folder / ".dvc/config").write_text("")
    git("add", "-A")
    git("commit", "-qm", "without results")
    git("tag", "empty")
    write_results(folder, right=1.0)
    git("add", "-A")
    git("commit", "-qm", "results")
    git("tag", "good")
    write_results(folder, right=0.4, epochs=3, trustworthy=False)
    return folder
