"""A cell of the waveform attacks, `waveform.py LEVEL`, and those that are due next."""

from pathlib import Path

from harness import run_cells

from detune.attack.attacked_model import clean_logits, load_attacked
from detune.collection.dataset import load_split
from detune.params.sections import Params
from detune.support.cell_batch import Compute
from detune.support.files import write_json, write_npz
from detune.waveform.cell import cell_scores, run_cell
from detune.waveform.target import choose_target


def prepare(params: Params) -> Compute:
    """Load the network and the sound of a sample of test segments, which all cells attack."""
    seed, count = params.attack.seed, params.attack.waveform.segments
    model, genres = load_attacked(Path("data/model"), params.attack.defence)
    test = load_split(Path("data/segments"), "test", genres)
    logits = clean_logits(model, test, Path("data/model"), params.attack.defence)
    target, silent = choose_target(test, logits, Path("data/tracks"), count, seed)

    def waveform(level: str, folder: Path) -> str:
        """Attack the sound within one ball: an SNR in dB, or below masking."""
        arrays = run_cell(
            model,
            target,
            level,
            steps=params.attack.waveform.steps,
            relative_step=params.attack.waveform.relative_step,
            margin_db=params.attack.waveform.margin_db,
            examples=params.attack.examples,
            seed=seed,
            precision=params.attack.precision,
        )
        scores = cell_scores(arrays)
        write_npz(folder / f"data/waveform/{level}.npz", **arrays)
        write_json(folder / f"metrics/waveform/{level}.json", scores | {"silent": silent})
        return (
            f"{level}: {scores['robust_accuracy']:.1%} of {len(target.rows)} correct segments "
            f"remain correct as 16-bit sound; {silent} silent left out"
        )

    return waveform


if __name__ == "__main__":
    run_cells(prepare)
