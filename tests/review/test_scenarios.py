"""What a review says of the changes that reviewers meet."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from detune.review.formats import as_text
from detune.review.review import Review, review
from detune.review.revision import WORKSPACE, open_revision

SONGS = [f"song{number:02}" for number in range(15)]
GENRES = ("pop", "rock")
SEGMENTS = 10
CELLS = {"pgd-0.01": 0.4, "pgd-0.02": 0.15}
"""Share of the segments that an attack leaves correct, of those that are correct without it."""

Make = Callable[..., Path]


def outcomes(skill: float, seed: int, songs: list[str], cells: dict[str, float]) -> str:
    """`outcomes.csv` of a model: songs are easy or hard for all models, and some for this seed."""
    rng = np.random.default_rng(seed)
    lines = [",".join(("unit,track,segment,genre,clean", *cells))]
    for number, song in enumerate(songs):
        genre, other = GENRES[:: 1 if number % 2 else -1]
        ease = np.clip(skill + 0.25 * np.sin(5.0 * number) + 0.15 * rng.normal(), 0, 1)
        right = rng.random((SEGMENTS, 1)) < ease
        right = right & (rng.random((SEGMENTS, 1 + len(cells))) < [1.0, *cells.values()])
        rows = [(str(segment), row) for segment, row in enumerate(right)]
        for segment, row in [*rows, ("", right.mean(axis=0) >= 0.5)]:
            unit = "segment" if segment else "song"
            guesses = [genre if one else other for one in row]
            lines.append(",".join((unit, song, segment, genre, *guesses)))
    return "\n".join(lines) + "\n"


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """A function that writes the results of a model and returns their folder."""

    def results(
        name: str,
        *,
        skill: float = 0.75,
        seed: int = 1,
        epochs: int = 10,
        songs: list[str] = SONGS,
        cells: dict[str, float] = CELLS,
        trustworthy: bool = True,
    ) -> Path:
        folder = tmp_path / name
        epsilons = sorted(float(cell.split("-")[1]) for cell in cells)
        params = {"train": {"epochs": epochs, "seed": seed}, "attack": {"epsilons": epsilons}}
        files = {
            ".dvc/config": "",
            "plots/outcomes.csv": outcomes(skill, seed, songs, cells),
            "params.yaml": json.dumps(params),
            "dvc.yaml": "stages: {}\n",
            "dvc.lock": "schema: '2.0'\nstages: {}\n",
            "metrics/checks.json": json.dumps({"trustworthy": trustworthy}),
            "metrics/robustness.json": json.dumps({"processor": "p", "precision": "float32"}),
        }
        for path, text in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text)
        return folder

    return results


def compare(before: Path, after: Path) -> Review:
    return review(*(open_revision(WORKSPACE, str(folder)) for folder in (before, after)))


def told(found: Review) -> list[str]:
    """The lines of the text without those of the table."""
    return [line for line in as_text(found).splitlines() if line and "  " not in line]


PAIRED = "150 test segments of 15 songs, each compared with itself"
NOTHING = "Nothing is shown: none of 6 figures differs by more than chance"
TRUSTED = "Verdict: trustworthy in both"


def test_the_same_commit(make: Make) -> None:
    found = compare(make("before"), make("after"))
    assert told(found) == [
        "Review: workspace -> workspace",
        PAIRED,
        NOTHING,
        TRUSTED,
        "Nothing else differs: parameters, data, code, processor",
    ]
    assert not found.failed(0.0)


def test_another_seed(make: Make) -> None:
    found = compare(make("before"), make("after", seed=2))
    lines = told(found)
    assert lines[1:5] == [PAIRED, NOTHING, TRUSTED, "Differs: params: train.seed: 1 -> 2"]
    assert [line.split(":")[0] for line in lines[5:]] == ["Changed most"] * 3 + [
        "Pictures of these songs are not here"
    ]
    assert not found.failed(0.0)


def test_of_twenty_pairs_of_seeds_at_most_one_is_called_shown(make: Make) -> None:
    pairs = [
        compare(make(f"{seed}a", seed=2 * seed), make(f"{seed}b", seed=2 * seed + 1))
        for seed in range(20)
    ]
    assert sum(any(d.shown for d in found.differences) for found in pairs) <= 1
    assert sum(d.shown for found in pairs for d in found.differences) <= 0.05 * 20 * 6


def test_one_more_epsilon(make: Make) -> None:
    found = compare(make("before"), make("after", cells={**CELLS, "pgd-0.05": 0.0}))
    assert told(found)[2] == NOTHING
    new = [d for d in found.differences if d.before is None]
    assert [d.name for d in new] == ["pgd-0.05 accuracy of segments", "pgd-0.05 accuracy of songs"]
    assert found.causes == ["params: attack.epsilons: [0.01, 0.02] -> [0.01, 0.02, 0.05]"]
    assert not found.failed(0.0)


def test_a_worse_recipe(make: Make) -> None:
    found = compare(make("before"), make("after", skill=0.3, epochs=3))
    lines = told(found)
    assert lines[2].startswith("Shown: clean accuracy of segments: 0.7")
    assert "Differs: params: train.epochs: 10 -> 3" in lines
    assert found.failed(0.0)
    assert found.failed(0.1)
    assert not found.failed(0.9)
    back = compare(make("before"), make("after"))
    assert not back.failed(0.0)


def test_a_broken_attack(make: Make) -> None:
    broken = dict.fromkeys(CELLS, 1.0)
    found = compare(make("before"), make("after", cells=broken, trustworthy=False))
    lines = told(found)
    assert lines[2].startswith("Shown: pgd-0.01 accuracy of segments")
    assert "Verdict: trustworthy -> NOT trustworthy" in lines
    assert all(d.loss == 0 for d in found.differences)  # it looks like a gain
    assert found.failed(1.0)


def test_another_split(make: Make) -> None:
    others = [f"other{number:02}" for number in range(12)]
    found = compare(make("before"), make("after", songs=others))
    assert told(found)[1:3] == [
        "Other test segments: 150 of 15 songs before, 120 of 12 after; compared as two samples",
        NOTHING,
    ]
    assert not any(d.paired for d in found.differences)
    assert found.songs == []
