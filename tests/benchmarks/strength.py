"""Whether cells are as strong as ART's own PGD: all steps, the last iterate, all segments.

Needs the results of a pipeline run. ART's own loop runs on the compiled classifier, whose gradients
are held against ART's own in the tests; it takes minutes an epsilon. Arguments: epsilons of the
grid; all of it without any.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np


def by_art(epsilon: float) -> tuple[np.ndarray, np.ndarray]:
    """Adversarial segments `(n, 128, 130)` of ART's own PGD, and their logits `(n, genres)`."""
    from art.attacks.evasion import ProjectedGradientDescent  # noqa: PLC0415

    from detune.attack.classifier import CompiledClassifier  # noqa: PLC0415
    from tests.benchmarks.grid import STEPS, load  # noqa: PLC0415

    model, x, labels = load()
    classifier = CompiledClassifier(model)
    attack = ProjectedGradientDescent(
        classifier,
        eps=epsilon,
        eps_step=epsilon / 10,
        max_iter=STEPS,
        batch_size=32,
        verbose=False,
    )
    adversarial = attack.generate(x, labels)
    return adversarial[..., 0], classifier.predict(adversarial)


def show(epsilon: float) -> None:
    """A line on segments, songs and examples of the cell and of ART."""
    from detune.attack.grid import cell_name  # noqa: PLC0415
    from detune.collection.dataset import load_split  # noqa: PLC0415
    from detune.statistics.scores import song_votes  # noqa: PLC0415
    from detune.support.files import read_npz  # noqa: PLC0415

    test = load_split(Path("data/segments"), "test")
    cell = read_npz(Path(f"data/attacks/{cell_name('pgd', epsilon)}.npz"))
    adversarial, logits = by_art(epsilon)
    names, songs = np.unique(test.tracks, return_inverse=True)
    truth = np.zeros(len(names), dtype=np.int64)
    truth[songs] = test.labels
    ours = cell["adversarial_prediction"] == cell["label"]
    arts = logits.argmax(axis=1) == test.labels
    our_songs = cell["song_adversarial_prediction"] == cell["song_label"]
    arts_songs = song_votes(logits, songs) == truth
    away = np.abs(cell["examples"] - adversarial[cell["example_rows"]]).max()
    full = np.mean(cell["example_linf"] >= 0.95 * epsilon)
    print(
        f"epsilon {epsilon}: segments correct {ours.mean():.1%}, by ART {arts.mean():.1%}, "
        f"{(ours & ~arts).sum()} that only ART turns; "
        f"songs {our_songs.mean():.1%}, by ART {arts_songs.mean():.1%}; "
        f"{len(cell['examples'])} examples differ from ART's by {away:.1g} at most, "
        f"{full:.0%} reach 95 % of epsilon",
        flush=True,
    )


if __name__ == "__main__":
    if not Path("data/attacks").is_dir():
        sys.exit("bench: no attacks there: run `make repro` first")
    from tests.benchmarks.grid import EPSILONS

    for given in map(float, sys.argv[1:] or EPSILONS):
        show(given)
