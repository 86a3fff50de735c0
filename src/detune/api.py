"""What a notebook needs: the model, segments, cells, heatmaps, and attacks on any array.

Every function takes the folder of the project as `root`; it is the current folder by default.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np

from detune.attack.cell import run_cell
from detune.attack.grid import cell_name
from detune.collection.dataset import IndexRow, Split, load_split
from detune.gradcam.gradcam import LAST, PREDICTED, GradCam
from detune.network import model_file as trained
from detune.network.runtime import keras
from detune.params.reading import read_params
from detune.params.sections import Attack
from detune.support.errors import UserError
from detune.support.files import read_npz

HERE = Path()


def load_model(root: Path = HERE) -> tuple[keras.Model, list[str]]:
    """The trained model, from segments `(n, 128, 130, 1)` to logits, and its genres in order."""
    return trained.load_model(Path(root, "data/model"))


def load_segments(split: str = "test", root: Path = HERE) -> Split:
    """The segments of train, validation or test: `.values`, `.labels`, `.tracks`, `.genres`."""
    return load_split(Path(root, "data/segments"), split)


def load_cell(method: str, epsilon: float | str, root: Path = HERE) -> dict[str, np.ndarray]:
    """The arrays of one cell of the grid, by name; `docs/files.md` lists them.

    Raises:
        UserError: there is no such cell.
    """
    path = Path(root, f"data/attacks/{cell_name(method, epsilon)}.npz")
    if not path.is_file():
        raise UserError(f"{path}: not there: run `dvc repro`, with the epsilon in attack.epsilons")
    return read_npz(path)


def compute_heatmaps(
    model: keras.Model,
    segments: np.ndarray,
    targets: np.ndarray | None = None,
    *,
    method: str = "grad-cam",
    layer: str = LAST,
) -> np.ndarray:
    """Heatmaps `(n, height, width)` in [0, 1], on the grid of the layer.

    Args:
        model: from segments `(n, 128, 130, 1)` to logits.
        segments: `(n, 128, 130)` float32 in [0, 1].
        targets: the label `(n,)` that each heatmap is about; the predicted ones by default.
        method: grad-cam, grad-cam++ or ablation-cam.
        layer: a layer with feature maps; the last convolution by default.
    """
    labels = np.full(len(segments), PREDICTED) if targets is None else targets
    return GradCam(model, layer, method).explain(segments, labels).heatmaps


def run_attack(
    model: keras.Model,
    segments: np.ndarray,
    labels: np.ndarray,
    *,
    method: str = "pgd",
    epsilon: float = 0.01,
    root: Path = HERE,
) -> np.ndarray:
    """Segments `(n, 128, 130)` attacked at full strength: all steps, the last iterate.

    Options and seed are those of `params.yaml`.

    Args:
        model: from segments `(n, 128, 130, 1)` to logits.
        segments: `(n, 128, 130)` float32 in [0, 1].
        labels: true labels `(n,)`, from which the attack leads away.
        method: one of `detune.params.method_options.METHODS`.
        epsilon: L-infinity radius.
        root: folder of the project.
    """
    settings = _settings(root)
    options = settings.options(method)
    if hasattr(options, "segments"):  # all of them, instead of a sample
        options = dataclasses.replace(options, segments=len(segments))
    names = [str(label) for label in range(model.output_shape[-1])]
    index = [
        IndexRow("test", row, str(row), names[label], int(label), 0, 0.0, 0.0, 0.0)
        for row, label in enumerate(labels)
    ]
    cell = run_cell(
        model,
        Split(segments, index, names),
        method=method,
        epsilon=epsilon,
        options=options,
        examples=len(segments),
        seed=settings.seed,
        precision=settings.precision,
    )
    return np.asarray(cell.examples[np.argsort(cell.example_rows)])


def _settings(root: Path) -> Attack:
    """The section `attack` of `params.yaml`."""
    return read_params(root / "params.yaml").attack
