"""One cell of the corruptions: `corrupt.py KIND`."""

import sys
from pathlib import Path

from harness import run

from detune.attack.example_selection import draw_sample
from detune.collection.dataset import load_split
from detune.corruptions.cell import run_cell
from detune.corruptions.material import read_materials
from detune.network.model_file import load_model
from detune.support.files import write_npz
from detune.support.params import Params


def corrupt(params: Params) -> str:
    """Ask the network about a sample of test segments, corrupted in one way."""
    kind, seed = sys.argv[1], params.attack.seed
    model, genres = load_model(Path("data/model"))
    test = load_split(Path("data/segments"), "test", genres)
    drawn = draw_sample(test.labels, test.tracks, params.corruptions.segments, seed)
    rows, materials = read_materials(test, drawn, Path("data/tracks"), seed)
    severities = params.corruptions.options(kind)
    arrays = run_cell(model, test, rows, materials, kind=kind, severities=severities)
    write_npz(Path(f"data/corruptions/{kind}.npz"), **arrays)
    right = (arrays["logits"].argmax(axis=2) == arrays["label"]).mean(axis=1)
    shares = ", ".join(
        f"{name}: {share:.1%}" for name, share in zip(arrays["severity"], right, strict=True)
    )
    return (
        f"{kind} ({arrays['unit']}): of {len(rows)} segments right at {shares}; "
        f"{len(drawn) - len(rows)} of too short tracks left out"
    )


if __name__ == "__main__":
    run(corrupt)
