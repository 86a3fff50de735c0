"""A step of training here and with Keras's layers as they come: ratios within one run.

Both learn from batches of one size. Plain means batch norm and element-wise dropout as Keras has
them, in float32, on whole segments; once with the kernels that TensorFlow chooses by itself.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from tests.benchmarks.installed import as_installed

BATCH, FRAMES, STEPS = 16, 130, 8

RATES = {"spatial_dropout": 0.15, "dense_dropout": 0.4}

EPOCH_SEGMENTS = 7_000
"""Training segments that GTZAN has."""


def recipe(**changes: Any) -> Any:
    """The parameters of `train` as they come, but for `changes`."""
    from detune.params.parsing import parse_params  # noqa: PLC0415

    params = parse_params(yaml.safe_load(Path("params.yaml").read_text(encoding="utf-8"))).train
    return replace(params, batch_size=BATCH, **changes)


def segments(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Noise in the shape of segments, and labels."""
    values = np.random.default_rng(0).random((count, 128, FRAMES), dtype=np.float32)
    return values, np.arange(count) % 10


def seconds(step: Callable[[], Any]) -> float:
    """The least time of several steps, a segment: what disturbs a machine only adds."""
    taken = []
    for _ in range(2 + STEPS):
        started = time.perf_counter()
        step()
        taken.append(time.perf_counter() - started)
    return min(taken[2:]) / BATCH


def plain_step() -> float:
    """Seconds a segment with Keras's layers as they come."""
    from detune.network.runtime import keras  # noqa: PLC0415
    from tests.benchmarks.plain import plain_model  # noqa: PLC0415

    keras.utils.set_random_seed(0)
    model = plain_model(10, **RATES)
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    values, labels = segments(BATCH)
    return seconds(lambda: model.train_on_batch(values[..., None], labels))


def own_step(frames: int, **changes: Any) -> float:
    """Seconds a segment that is learnt from by an excerpt of `frames`."""
    from detune.network.runtime import keras  # noqa: PLC0415
    from detune.train.devices import Replicas  # noqa: PLC0415
    from detune.train.train_step import Trainer  # noqa: PLC0415
    from detune.train.weight_averaging import RunningAverage  # noqa: PLC0415

    keras.utils.set_random_seed(0)
    params = recipe(**changes)
    trainer = Trainer(10, params, 2 + STEPS, Replicas([], BATCH))
    average = RunningAverage(params.weight_averaging)
    values, labels = segments(BATCH)
    excerpts, targets = values[:, :, :frames, None], np.eye(10, dtype=np.float32)[labels]

    def step() -> None:
        trainer.learn(excerpts, targets)
        if params.weight_averaging:
            average.add(trainer.weights)

    return seconds(step)


ATTACKED = ("fgsm-rs", "pgd", "trades")


def adversarial_steps() -> Iterator[str]:
    """What a step of adversarial training costs, in steps of plain training on excerpts."""
    params = recipe()
    plain = own_step(params.crop_frames)
    for method in ATTACKED:
        how = replace(params.adversarial, method=method)
        steps = "one step" if method == "fgsm-rs" else f"{how.steps} steps"
        ratio = own_step(params.crop_frames, adversarial=how) / plain
        yield f"adversarial training step, {method} ({steps}): {ratio:.2f} plain steps"


def cutting(params: Any) -> float:
    """Seconds a segment that go by before a batch is ready to be learnt from."""
    from detune.train.augment import augmented  # noqa: PLC0415
    from detune.train.crops import Crops  # noqa: PLC0415

    random = np.random.default_rng(0)
    crops = Crops(segments(40 * BATCH), params.crop_frames, BATCH, 0)
    started = time.perf_counter()
    for values, labels in crops.epoch(0):
        augmented(values, labels, 10, random, params.augment)
    return (time.perf_counter() - started) / (40 * BATCH)


def epoch() -> float:
    """Seconds that an epoch on as many segments as GTZAN has takes, compilation included."""
    from detune.train.fit import train_model  # noqa: PLC0415

    data = segments(EPOCH_SEGMENTS)
    started = time.perf_counter()
    train_model(data, segments(10), 10, recipe(epochs=1))
    return time.perf_counter() - started


def main() -> None:
    """Print the table."""
    params = recipe()
    plain = {
        "as installed": as_installed("tests.benchmarks.training", "plain"),
        "oneDNN on": plain_step(),
    }
    own = {
        "whole segments": own_step(FRAMES, weight_averaging=0.0, **RATES),
        f"excerpts of {params.crop_frames} frames": own_step(params.crop_frames),
    }
    for name, taken in (plain | own).items():
        ratios = (f"{other}: {plain[other] / taken:.1f} times" for other in plain)
        print(f"training step, {name}: {taken * 1e3:.1f} ms a segment; plain {', '.join(ratios)}")
    for line in adversarial_steps():
        print(line)
    everything = replace(
        params.augment, frequency_mask=16, time_mask=8, mixup=0.2, label_smoothing=0.1
    )
    step = own[f"excerpts of {params.crop_frames} frames"]
    for name, how in (("by default", params), ("all on", replace(params, augment=everything))):
        print(f"excerpts cut and augmented, {name}: {cutting(how) / step:.1%} of a step")
    print(f"an epoch on {EPOCH_SEGMENTS} segments: {epoch():.0f} s")


if __name__ == "__main__":
    if sys.argv[1:] == ["plain"]:
        print(plain_step())
    else:
        main()
