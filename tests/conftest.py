"""What several test files share: a tone, a network, segments that it gets right, a dataset."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

import detune.explore.features  # noqa: F401  # compiles librosa, one process at a time
from detune.audio.constants import SAMPLE_RATE
from detune.collection.tracks import track_path
from detune.preprocess.preprocessing import write_dataset
from tests.preprocessed import ROWS, SECONDS

settings.register_profile("detune", deadline=None, database=None, derandomize=True, max_examples=60)
settings.load_profile("detune")

Tone = Callable[..., np.ndarray]


PIPELINE = "tests/pipeline/"


class ByFile(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """Keeps the tests of a file in one process; the pipeline's share one small project."""

    def _split_scope(self, nodeid: str) -> str:
        return PIPELINE if nodeid.startswith(PIPELINE) else nodeid.split("::", maxsplit=1)[0]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile:
    """Spread files over processes. xdist's own groups are lost in pytest 9.2."""
    return ByFile(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The pipeline's and those of training begin first: they take longest."""
    items.sort(key=lambda item: [room not in item.path.parts for room in ("pipeline", "train")])


@pytest.fixture(scope="session")
def tone() -> Tone:
    """A function that returns a sine of some seconds and pitch as float32 samples."""

    def sine(
        seconds: float, hertz: float = 440.0, *, rate: int = 22_050, peak: float = 0.5
    ) -> np.ndarray:
        times = np.arange(round(seconds * rate)) / rate
        return (peak * np.sin(2 * np.pi * hertz * times)).astype(np.float32)

    return sine


@pytest.fixture(scope="session")
def segments() -> np.ndarray:
    """19 segments `(19, 128, 130)`, patchy enough to differ; 19 fills no whole chunk."""
    patches = np.random.default_rng(7).uniform(0, 1, (19, 16, 13))
    return np.kron(patches, np.ones((1, 8, 10))).astype(np.float32)


@pytest.fixture(scope="session")
def network(segments: np.ndarray) -> Any:
    """A convolution, a pooling and a dense layer with three classes, all of them predicted."""
    keras = import_module("detune.network.runtime").keras
    keras.utils.set_random_seed(3)
    inputs = keras.Input((128, 130, 1))
    x = keras.layers.Conv2D(6, 12, strides=8, activation="relu", name="conv")(inputs)
    x = keras.layers.GlobalAveragePooling2D()(x)
    model = keras.Model(inputs, keras.layers.Dense(3, name="logits")(x))
    head = model.get_layer("logits")
    kernel = 20 * head.get_weights()[0]
    head.set_weights([kernel, np.zeros(3, np.float32)])
    # Centred, so that each class wins somewhere.
    centre = model.predict(segments[..., None], verbose=0).mean(axis=0)
    head.set_weights([kernel, -centre])
    return model


@pytest.fixture(scope="session")
def labels(network: Any, segments: np.ndarray) -> np.ndarray:
    """The network's predictions `(19,)`, but every fifth segment counts as wrong."""
    found = network.predict(segments[..., None], verbose=0).argmax(axis=1)
    found[::5] = (found[::5] + 1) % 3
    return found


@pytest.fixture(scope="session")
def stock(network: Any) -> Any:
    """ART's own classifier of the network; its loss sums, so that gradients are a segment's own."""
    # Imported here: the runtime must set TensorFlow up before ART imports it.
    return import_module("tests.stock").stock_classifier(network, "sum")


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory, tone: Tone) -> tuple[Path, Path]:
    """The folder of six tracks' audio, and that of the segments cut from them, two a track."""
    audio, target = tmp_path_factory.mktemp("audio"), tmp_path_factory.mktemp("segments")
    for number, (row, seconds) in enumerate(zip(ROWS, SECONDS, strict=True)):
        path = track_path(audio, row.genre, row.track)
        path.parent.mkdir(exist_ok=True)
        noise = 0.01 * np.random.default_rng(number).normal(size=round(seconds * SAMPLE_RATE))
        soundfile.write(path, tone(seconds, 300.0 + 90 * number) + noise, SAMPLE_RATE)
    write_dataset(ROWS, audio, 2, target)
    return audio, target
