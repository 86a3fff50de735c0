"""The model card: what a model is, what it can't do and what it is not for, from the results.

After Mitchell et al. (2019), "Model cards for model reporting".
"""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from operator import itemgetter
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from detune.statistics.bootstrap import Estimate
from detune.summary.finding import REMARK, sentences, text
from detune.summary.results import METHODS, Results
from detune.support.files import replacing

MODEL, CARD = ("cnn.keras", "labels.json"), "README.md"
"""What is handed on of a model, and the name under which registries look for its card."""

RECIPE = ".yaml"
"""Ending of a `data.path` that is a recipe, from which music is composed."""


@dataclass(frozen=True)
class Origin:
    """How a model came about, as far as no metric says it.

    Attributes:
        data: the last part of `data.path`; folders above it are nobody's business.
        composed: whether the music is composed rather than recorded.
        adversarial: the method of adversarial training, or `none`.
        adversarial_epsilon: of that training.
        defence: what changed the input of the attacked model, or `none`; it is not in the file.
        keras: the version that wrote the model.
    """

    data: str
    composed: bool
    adversarial: str
    adversarial_epsilon: float
    defence: str
    keras: str


def find_origin(data: str, method: str, epsilon: float, defence: str, model: Path) -> Origin:
    """The origin of the model in the folder `model`.

    Args:
        data: the parameter `data.path`.
        method: of adversarial training, or `none`.
        epsilon: of adversarial training.
        defence: the parameter `attack.defence`.
        model: a folder with `cnn.keras`.
    """
    with zipfile.ZipFile(model / MODEL[0]) as archive:
        metadata = json.loads(archive.read("metadata.json"))
    path = Path(data)
    composed = path.suffix == RECIPE
    return Origin(path.name, composed, method, epsilon, defence, metadata["keras_version"])


def model_card(results: Results, origin: Origin, versions: Mapping[str, str]) -> str:
    """The card as Markdown; every figure is of `results`.

    Args:
        results: of the run.
        origin: of the model.
        versions: of packages, by name.
    """
    environment = Environment(
        loader=PackageLoader("detune.summary", "templates"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # Markdown
    )
    environment.filters["percent"] = lambda share: f"{100 * share:.0f}"
    metrics = results.metrics
    return environment.get_template("model_card.md").render(
        origin=origin,
        genres=list(metrics["train"]["song_accuracy_by_genre"]),
        tracks=metrics["preprocess"]["tracks"],
        segments=metrics["preprocess"]["segments"],
        train=metrics["train"],
        finding=text([asdict(sentence) for sentence in sentences(results)]),
        remark=REMARK,
        accuracies=list(_accuracies(results)),
        trustworthy=all(metrics[name]["trustworthy"] for name in ("checks", "waveform_checks")),
        corruptions=metrics["corruptions"],
        worst_corruption=max(metrics["corruptions"]["error"].items(), key=itemgetter(1))[0],
        versions=versions,
    )


def write_release(model: Path, card: str, folder: Path) -> None:
    """Write the model and its card to one folder, which can be handed on."""
    for name in MODEL:
        with replacing(folder / name) as temporary:
            shutil.copyfile(model / name, temporary)
    with replacing(folder / CARD) as temporary:
        temporary.write_text(card, encoding="utf-8")


def _accuracies(results: Results) -> Iterator[tuple[str, Estimate]]:
    """Accuracy of songs without attack and under each method that was run."""
    conditions = {"without attack": results.right_songs("clean")} | {
        f"{method.upper()}, epsilon {results.epsilon:g}": results.robust_songs(method)
        for method in METHODS
    }
    for name, right in conditions.items():
        estimate = None if right is None else results.estimate(right)
        if estimate is not None:
            yield name, estimate
