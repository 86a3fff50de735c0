"""One cell of the grid: `attack.py METHOD EPSILON`."""

import sys
from pathlib import Path

from harness import run

from detune.attack.attacked_model import kept_logits, load_attacked
from detune.attack.cell import cell_arrays, cell_scores, run_cell
from detune.attack.grid import cell_name
from detune.collection.dataset import load_split
from detune.support.files import write_json, write_npz
from detune.support.params import Params


def attack(params: Params) -> str:
    """Attack every test segment with one method at one epsilon."""
    method, epsilon = sys.argv[1], float(sys.argv[2])
    name = cell_name(method, sys.argv[2])
    model, genres = load_attacked(Path("data/model"), params.attack.defence)
    test = load_split(Path("data/segments"), "test", genres)
    cell = run_cell(
        model,
        test,
        method=method,
        epsilon=epsilon,
        options=params.attack.options(method),
        examples=params.attack.examples,
        seed=params.attack.seed,
        precision=params.attack.precision,
        clean_logits=kept_logits(test, Path("data/model"), params.attack.defence),
    )
    scores = cell_scores(cell, test.labels)
    write_npz(Path(f"data/attacks/{name}.npz"), **cell_arrays(cell, test))
    write_json(Path(f"metrics/attack/{name}.json"), scores)
    return (
        f"{name}: {scores['robust_accuracy']:.1%} of {len(cell.rows)} segments and "
        f"{scores['song_robust_accuracy']:.1%} of {len(cell.songs)} songs remain correct, "
        f"{scores['attack_success_rate']:.1%} of the correct segments are turned"
    )


if __name__ == "__main__":
    run(attack)
