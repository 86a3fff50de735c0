"""A cell of the corruptions, `corrupt.py KIND`, and those that are due next."""

from pathlib import Path

from harness import run_cells

from detune.attack.example_selection import draw_sample
from detune.collection.dataset import load_split
from detune.corruptions.cell import run_cell
from detune.corruptions.material import read_materials
from detune.network.model_file import load_model
from detune.network.test_logits import load_test_logits
from detune.params.sections import Params
from detune.support.cell_batch import Compute
from detune.support.files import write_npz


def prepare(params: Params) -> Compute:
    """Load the network and a sample of test segments, with the music around them."""
    seed, count = params.attack.seed, params.corruptions.segments
    model, genres = load_model(Path("data/model"))
    test = load_split(Path("data/segments"), "test", genres)
    drawn = draw_sample(test.labels, test.tracks, count, seed)
    rows, materials = read_materials(test, drawn, Path("data/tracks"), seed)
    clean = load_test_logits(Path("data/model"), len(test.labels), len(genres))[rows]

    def corrupt(kind: str, folder: Path) -> str:
        """Ask the network about the segments, corrupted in one way."""
        severities = params.corruptions.options(kind)
        arrays = run_cell(
            model, test, rows, materials, clean=clean, kind=kind, severities=severities
        )
        write_npz(folder / f"data/corruptions/{kind}.npz", **arrays)
        right = (arrays["logits"].argmax(axis=2) == arrays["label"]).mean(axis=1)
        shares = ", ".join(
            f"{name}: {share:.1%}" for name, share in zip(arrays["severity"], right, strict=True)
        )
        return (
            f"{kind} ({arrays['unit']}): of {len(rows)} segments right at {shares}; "
            f"{len(drawn) - len(rows)} of too short tracks left out"
        )

    return corrupt


if __name__ == "__main__":
    run_cells(prepare)
