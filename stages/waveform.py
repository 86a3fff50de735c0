"""One cell of the waveform attacks: `waveform.py SNR`, in dB, or `waveform.py masked`."""

import sys
from pathlib import Path

from harness import run

from detune.attack.attacked_model import clean_logits, load_attacked
from detune.collection.dataset import load_split
from detune.support.files import write_json, write_npz
from detune.support.params import Params
from detune.waveform.cell import cell_scores, run_cell
from detune.waveform.target import choose_target


def waveform(params: Params) -> str:
    """Attack the sound of a sample of test segments, within one ball."""
    level, seed = sys.argv[1], params.attack.seed
    model, genres = load_attacked(Path("data/model"), params.attack.defence)
    test = load_split(Path("data/segments"), "test", genres)
    logits = clean_logits(model, test, Path("data/model"), params.attack.defence)
    count = params.attack.waveform.segments
    target, silent = choose_target(test, logits, Path("data/tracks"), count, seed)
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
    write_npz(Path(f"data/waveform/{level}.npz"), **arrays)
    write_json(Path(f"metrics/waveform/{level}.json"), scores | {"silent": silent})
    return (
        f"{level}: {scores['robust_accuracy']:.1%} of {len(target.rows)} correct segments remain "
        f"correct as 16-bit sound; {silent} silent left out"
    )


if __name__ == "__main__":
    run(waveform)
