"""The study's grid, PGD-40 at seven epsilons, by Detune and by stock ART: ratios within one run.

Needs the model and the segments of a pipeline run. Stock ART never drops a segment, so its cost
is that of a gradient times segments, steps and epsilons; it is timed over a few steps.
"""

from __future__ import annotations

import platform
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from tests.benchmarks.installed import as_installed

EPSILONS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1)
STEPS, TIMED_STEPS, REPEATS, BATCH = 40, 3, 3, 32


def load() -> tuple[Any, np.ndarray, np.ndarray]:
    """The pipeline's model, test segments `(n, 128, 130, 1)` and labels."""
    from detune.collection.dataset import load_split  # noqa: PLC0415
    from detune.network.model_file import load_model  # noqa: PLC0415

    model, genres = load_model(Path("data/model"))
    test = load_split(Path("data/segments"), "test", genres)
    return model, test.values[..., None], test.labels


def stock_step() -> float:
    """Seconds that stock ART takes for a PGD step of a segment."""
    from tests.stock import stock_classifier  # noqa: PLC0415

    from art.attacks.evasion import ProjectedGradientDescent  # noqa: PLC0415 isort: skip

    model, x, labels = load()
    classifier = stock_classifier(model)
    rows = np.linspace(0, len(x) - 1, BATCH).astype(int)

    def timed(steps: int) -> float:
        attack = ProjectedGradientDescent(
            classifier, eps=0.01, eps_step=0.001, max_iter=steps, batch_size=BATCH, verbose=False
        )
        started = time.perf_counter()
        attack.generate(x[rows], labels[rows])
        return time.perf_counter() - started

    timed(1)
    # What disturbs a machine only adds: the least of several is nearest to the step's own time.
    short, long = (min(timed(steps) for _ in range(REPEATS)) for steps in (1, 1 + TIMED_STEPS))
    return (long - short) / TIMED_STEPS / BATCH


def own_attack(
    x: np.ndarray, labels: np.ndarray, classifier: Any, epsilon: float
) -> tuple[float, int]:
    """Seconds and gradients that PGD at one epsilon takes here."""
    from detune.attack.pgd import SurvivorPGD  # noqa: PLC0415

    before, started = classifier.gradients, time.perf_counter()
    attack = SurvivorPGD(
        classifier,
        epsilon=epsilon,
        step=epsilon / 10,
        steps=STEPS,
        random_start=False,
        seed=0,
        abort_early=4,
    )
    attack.generate(x, labels)
    return time.perf_counter() - started, classifier.gradients - before


def peak_memory(copies: int) -> float:
    """Megabytes that a process takes at most for PGD on `copies` times the test segments."""
    command = [sys.executable, "-m", "tests.benchmarks.grid", "memory", str(copies)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(done.stdout.split()[-1])


def attack_copies(copies: int) -> float:
    """Attack `copies` times the test segments, and return this process's peak in megabytes."""
    from detune.attack.classifier import CompiledClassifier  # noqa: PLC0415

    model, x, labels = load()
    x, labels = np.concatenate([x] * copies), np.tile(labels, copies)
    own_attack(x, labels, CompiledClassifier(model, precision="float32"), EPSILONS[-1])
    # Not from getrusage, which also counts what the process was before it began its program.
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    (peak_kib,) = (line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(peak_kib) / 1024


def gigaflops(model: Any) -> float:
    """Billions of operations of a segment's gradient: convolutions, forward and by the input."""
    from detune.network.runtime import keras  # noqa: PLC0415

    total = 0.0
    for layer in model.layers:
        if isinstance(layer, keras.layers.Conv2D):
            total += 2 * np.prod(layer.output.shape[1:]) * np.prod(layer.kernel.shape[:3])
    return 2 * float(total) / 1e9


def peak() -> float:
    """Billions of operations a second of a large matrix product."""
    from detune.network.runtime import tf  # noqa: PLC0415

    size = 3072
    a = tf.random.stateless_uniform((size, size), (0, 1))
    tf.matmul(a, a).numpy()
    started = time.perf_counter()
    for _ in range(5):
        tf.matmul(a, a).numpy()
    return float(5 * 2 * size**3 / 1e9 / (time.perf_counter() - started))


def show_grid(x: np.ndarray, labels: np.ndarray, classifier: Any) -> None:
    """The grid here and by stock ART, and what each epsilon costs."""
    whole = len(x) * STEPS * len(EPSILONS)
    cells = {epsilon: own_attack(x, labels, classifier, epsilon) for epsilon in EPSILONS}
    seconds, gradients = (sum(column) for column in zip(*cells.values(), strict=True))
    stock = {
        "oneDNN on": stock_step(),
        "as installed": as_installed("tests.benchmarks.grid", "stock"),
    }
    print(f"{len(x)} segments: {seconds:.0f} s, {gradients} of {whole} gradients")
    for name, step in stock.items():
        print(f"stock ART, {name}: {step * whole:.0f} s, {step * whole / seconds:.1f} times")
    for epsilon, (cell, asked) in cells.items():
        print(f"epsilon {epsilon}: {cell:.1f} s, {asked} gradients")


def show_growth(x: np.ndarray, labels: np.ndarray, classifier: Any) -> None:
    """Seconds by number of segments, evenly drawn, and memory by number of segments."""
    for share in (4, 2, 1):
        seconds, gradients = own_attack(x[::share], labels[::share], classifier, 0.01)
        print(f"{len(x[::share])} segments at 0.01: {seconds:.1f} s, {gradients} gradients")
    for copies in (1, 4):
        print(f"{copies * len(x)} segments: at most {peak_memory(copies):.0f} MB")


def main() -> None:
    """Print the tables."""
    from detune.attack.classifier import CompiledClassifier  # noqa: PLC0415

    model, x, labels = load()
    classifier = CompiledClassifier(model, precision="float32")
    classifier.logits_and_gradient(x[:1], labels[:1])
    print(platform.processor() or platform.machine())
    show_grid(x[::2], labels[::2], classifier)
    show_growth(x, labels, classifier)
    started = time.perf_counter()
    classifier.loss_gradient(x[:64], labels[:64])
    speed = gigaflops(model) * min(64, len(x)) / (time.perf_counter() - started)
    print(f"a gradient reaches {speed / peak():.0%} of a matrix product's speed")


if __name__ == "__main__":
    if sys.argv[1:] == ["stock"]:
        print(stock_step())
    elif sys.argv[1:2] == ["memory"]:
        print(attack_copies(int(sys.argv[2])))
    elif Path("data/model/cnn.keras").is_file():
        main()
    else:
        sys.exit("bench: no model there: run `make repro` first")
