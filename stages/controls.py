"""Control experiments: more steps, another loss, no gradient, noise, no limit, no epsilon."""

from pathlib import Path

from harness import run

from detune.attack.attacked_model import clean_logits, load_attacked
from detune.attack.example_selection import draw_right
from detune.collection.dataset import load_split
from detune.controls.control_attacks import Controls
from detune.params.method_options import Square
from detune.params.sections import Params
from detune.support.errors import UserError
from detune.support.files import write_json


def controls(params: Params) -> str:
    """From the model and a sample of test segments to `data/controls.json`."""
    model, genres = load_attacked(Path("data/model"), params.attack.defence)
    test = load_split(Path("data/segments"), "test", genres)
    logits = clean_logits(model, test, Path("data/model"), params.attack.defence)
    predictions = logits.argmax(axis=1)
    settings, seed = params.attack.controls, params.attack.seed
    rows = draw_right(test.labels, predictions, test.tracks, settings.segments, seed)
    if not rows.size:
        raise UserError("no test segment is right, so there is none to attack: train a model")
    controlled = Controls(
        model,
        test.values[rows],
        test.labels[rows],
        epsilon=settings.epsilon,
        seed=seed,
        precision=params.attack.precision,
    )
    measured = controlled.measure(
        params.attack.pgd,
        params.attack.pgd_margin,
        params.attack.noise,
        Square(segments=len(rows), iterations=settings.square_iterations),
    )
    write_json(Path("data/controls.json"), {"rows": rows.tolist()} | measured)
    return (
        f"of {len(rows)} segments at epsilon {measured['epsilon']:.3g} remain correct: "
        f"under PGD {measured['pgd']:.0%}, on a margin {measured['pgd_margin']:.0%}, "
        f"Square {measured['square']:.0%}, noise {measured['noise']:.0%}"
    )


if __name__ == "__main__":
    run(controls)
