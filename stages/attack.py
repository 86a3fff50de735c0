"""One cell of the grid: `attack.py METHOD EPSILON`."""

import sys
from pathlib import Path

from harness import run

from detune.attacks import cell_arrays, cell_scores, draw_examples, run_cell
from detune.classifier import CompiledClassifier
from detune.dataset import load_split
from detune.files import write_json, write_npz
from detune.grid import cell_name
from detune.model import load_model
from detune.params import Params


def attack(params: Params) -> str:
    """Attack every test segment with one method at one epsilon."""
    method, epsilon = sys.argv[1], float(sys.argv[2])
    name = cell_name(method, sys.argv[2])
    model, genres = load_model(Path("data/model"))
    test = load_split(Path("data/segments"), "test", genres)
    cell = run_cell(
        CompiledClassifier(model),
        test.values,
        test.labels,
        method=method,
        epsilon=epsilon,
        options=getattr(params.attack, method),
        seed=params.attack.seed,
    )
    scores = cell_scores(cell, test.labels, test.tracks)
    chosen = draw_examples(
        test.labels, cell.clean_logits.argmax(axis=1), params.attack.examples, params.attack.seed
    )
    write_npz(
        Path(f"data/attacks/{name}.npz"), **cell_arrays(cell, test.values, test.labels, chosen)
    )
    write_json(Path(f"metrics/attack/{name}.json"), scores)
    return (
        f"{name}: {scores['robust_accuracy']:.1%} of {len(test.labels)} segments stand, "
        f"{scores['attack_success_rate']:.1%} of those that were right are lost"
    )


if __name__ == "__main__":
    run(attack)
