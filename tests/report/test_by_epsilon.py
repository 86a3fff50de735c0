from __future__ import annotations

import base64
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from detune.collection.dataset import INDEX_COLUMNS
from detune.report.by_epsilon import SEGMENTS, Strip, read_strips
from detune.support.files import read_npz, write_csv, write_npz

EPSILONS = (0.001, 0.02)
ROWS = np.array([4, 0, 2, 5, 1])
DARK, LIGHT = 0.0, 1.0


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Six test segments of two genres, all dark; attacks make the upper half of them light."""
    values = np.full((6, 128, 130), DARK, np.float32)
    (tmp_path / "data/segments").mkdir(parents=True)
    np.save(tmp_path / "data/segments/test.npy", values)
    rows = [
        dict.fromkeys(INDEX_COLUMNS, 0)
        | {"split": "test", "row": row, "track": f"t{row}", "start_seconds": 1.5 * row}
        | {"genre": ("blues", "jazz")[row % 2], "label": row % 2}
        for row in range(6)
    ]
    write_csv(tmp_path / "data/segments/index.csv", INDEX_COLUMNS, rows)
    grid = [(method, epsilon) for epsilon in EPSILONS for method in ("fgsm", "pgd")]
    attacked = np.full((len(ROWS), 128, 130), DARK, np.float32)
    attacked[:, 64:] = LIGHT
    for method, epsilon in grid:
        write_npz(
            tmp_path / f"data/attacks/{method}-{epsilon}.npz",
            row=np.arange(6),
            clean_logits=np.array([[2.0, 0.0]] * 6),
            example_rows=ROWS,
            examples=attacked,
            example_logits=np.array([[0.0, epsilon]] * len(ROWS)),
        )
    write_npz(
        tmp_path / "data/gradcam.npz",
        row=ROWS,
        kind=np.full(len(ROWS), "clean"),
        target=np.zeros(len(ROWS), int),
        heatmap=np.zeros((len(ROWS), 4, 4)),
        grid_row=ROWS,
        grid_method=np.array([method for method, _ in grid]),
        grid_epsilon=np.array([epsilon for _, epsilon in grid]),
        grid_heatmap=np.ones((len(grid), len(ROWS), 4, 4)),
    )
    return tmp_path


def drawn(segment: np.ndarray, heatmap: np.ndarray) -> np.ndarray:
    """The mean of both, in grey."""
    grey = 127.5 * (segment + heatmap.mean())
    return np.repeat(grey[..., None], 3, axis=2).astype(np.uint8)


def read(root: Path) -> list[Strip]:
    """The strips of the results in a folder."""
    return read_strips(root, drawn)


def pixels(uri: str) -> np.ndarray:
    """The picture in a data URI `(height, width, 3)`."""
    kind, _, content = uri.partition(";base64,")
    assert kind == "data:image/webp"
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(content))).convert("RGB"), float)


def test_the_same_segments_are_followed_from_before_the_attack_to_the_largest_epsilon(
    root: Path,
) -> None:
    strips = read(root)
    assert [(strip.method, strip.name) for strip in strips[:2]] == [
        ("fgsm", "t4, 6.0 s (blues)"),
        ("fgsm", "t0, 0.0 s (blues)"),
    ]
    assert [strip.method for strip in strips] == ["fgsm"] * SEGMENTS + ["pgd"] * SEGMENTS
    frames = strips[0].frames
    assert [frame.epsilon for frame in frames] == [0.0, *EPSILONS]
    assert [frame.said for frame in frames] == ["blues, 88%", "jazz, 50%", "jazz, 50%"]


def test_pictures_are_drawn_of_segment_and_heatmap(root: Path) -> None:
    before, after = (pixels(read(root)[0].frames[place].uri) for place in (0, 2))
    assert before.shape == after.shape == (128, 130, 3)
    assert abs(before.mean() - 0) < 5, "dark, without heat"
    assert abs(after[64:].mean() - 255) < 5, "light, with heat"
    assert abs(after[:64].mean() - 127) < 5, "dark, with heat"


def test_the_same_files_give_the_same_strips(root: Path) -> None:
    assert read(root) == read(root)
    assert isinstance(read(root)[0], Strip)


@pytest.mark.parametrize(
    "missing", ["data/gradcam.npz", "data/attacks/pgd-0.02.npz", "data/segments/test.npy"]
)
def test_there_are_none_without_the_files(root: Path, missing: str) -> None:
    (root / missing).unlink()
    assert read(root) == []


def test_there_are_none_where_heatmaps_and_attacks_are_of_two_runs(root: Path) -> None:
    path = root / "data/attacks/pgd-0.02.npz"
    write_npz(path, **(read_npz(path) | {"example_rows": ROWS[::-1]}))
    assert read(root) == []


def test_there_are_none_of_an_earlier_version(root: Path) -> None:
    write_npz(root / "data/gradcam.npz", row=ROWS)
    assert read(root) == []
