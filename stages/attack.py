"""A cell of the grid, `attack.py METHOD EPSILON`, and those that are due next."""

from pathlib import Path

from harness import run_cells

from detune.attack.attacked_model import kept_logits, load_attacked
from detune.attack.cell import cell_arrays, cell_scores, run_cell
from detune.attack.grid import cell_name
from detune.collection.dataset import load_split
from detune.params.sections import Params
from detune.support.cell_batch import Compute
from detune.support.files import write_json, write_npz


def prepare(params: Params) -> Compute:
    """Load the network and the test segments, which all cells attack."""
    model, genres = load_attacked(Path("data/model"), params.attack.defence)
    test = load_split(Path("data/segments"), "test", genres)
    logits = kept_logits(test, Path("data/model"), params.attack.defence)

    def attack(method: str, epsilon: str, folder: Path) -> str:
        """Attack every test segment with one method at one epsilon."""
        cell = run_cell(
            model,
            test,
            method=method,
            epsilon=float(epsilon),
            options=params.attack.options(method),
            examples=params.attack.examples,
            seed=params.attack.seed,
            precision=params.attack.precision,
            clean_logits=logits,
        )
        name, scores = cell_name(method, epsilon), cell_scores(cell, test.labels)
        write_npz(folder / f"data/attacks/{name}.npz", **cell_arrays(cell, test))
        write_json(folder / f"metrics/attack/{name}.json", scores)
        return (
            f"{name}: {scores['robust_accuracy']:.1%} of {len(cell.rows)} segments and "
            f"{scores['song_robust_accuracy']:.1%} of {len(cell.songs)} songs remain correct, "
            f"{scores['attack_success_rate']:.1%} of the correct segments are turned"
        )

    return attack


if __name__ == "__main__":
    run_cells(prepare)
