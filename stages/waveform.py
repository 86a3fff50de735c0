"""One cell of the waveform attacks: `waveform.py SNR`, in dB, or `waveform.py masked`."""

import sys
from pathlib import Path

from harness import run

from detune.collection.dataset import load_split
from detune.network.model_file import load_model
from detune.network.test_logits import load_test_logits
from detune.support.files import write_json, write_npz
from detune.support.params import Params
from detune.waveform.cell import cell_scores, run_cell
from detune.waveform.target import choose_target


def waveform(params: Params) -> str:
    """Attack the sound of a sample of test segments, within one ball."""
    name, settings = sys.argv[1], params.attack
    model, genres = load_model(Path("data/model"))
    test = load_split(Path("data/segments"), "test", genres)
    logits = load_test_logits(Path("data/model"), len(test.labels), len(genres))
    count = settings.waveform.segments
    target, silent = choose_target(test, logits, Path("data/tracks"), count, settings.seed)
    arrays = run_cell(
        model,
        target,
        name,
        settings.waveform,
        examples=settings.examples,
        seed=settings.seed,
        precision=settings.precision,
    )
    scores = cell_scores(arrays)
    write_npz(Path(f"data/waveform/{name}.npz"), **arrays)
    write_json(Path(f"metrics/waveform/{name}.json"), scores | {"silent": silent})
    return (
        f"{name}: {scores['robust_accuracy']:.1%} of {len(target.rows)} correct segments remain "
        f"correct, {scores['robust_accuracy_16_bit']:.1%} in 16 bit; {silent} silent left out"
    )


if __name__ == "__main__":
    run(waveform)
