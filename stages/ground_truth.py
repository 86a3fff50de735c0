"""Test explanations where the answer is known: do heatmaps mark what counts?"""

from pathlib import Path

from harness import run

from detune.collection.dataset import load_split
from detune.figures.ground_truth import draw_marks
from detune.ground_truth import study
from detune.ground_truth.explainers import REFERENCES
from detune.ground_truth.marks import MARK_COLUMNS
from detune.network.model_file import load_model
from detune.network.test_logits import load_test_logits
from detune.support.files import write_csv, write_json
from detune.support.params import Params


def ground_truth(params: Params) -> str:
    """From the model and test segments to marks for every CAM method."""
    model, genres = load_model(Path("data/model"))
    test = load_split(Path("data/segments"), "test", genres)
    logits = load_test_logits(Path("data/model"), len(test.labels), len(genres))
    settings, seed = params.ground_truth, params.attack.seed
    subject = study.prepare(model, test, logits, layer=params.gradcam.layer, seed=seed)
    found = [study.run_confined_attack(subject, settings.segments)]
    rows = [row for result in found for row in result.rows]
    write_csv(Path("plots/ground_truth.csv"), MARK_COLUMNS, rows)
    draw_marks(rows, REFERENCES, Path("plots/ground_truth.png"))
    write_json(Path("metrics/ground_truth.json"), study.headlines(found))
    return " | ".join(result.message for result in found)


if __name__ == "__main__":
    run(ground_truth)
