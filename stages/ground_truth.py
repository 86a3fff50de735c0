"""Test explanations where the answer is known: do heatmaps mark what counts?"""

from pathlib import Path

from harness import run

from detune.attack.grid import cell_name
from detune.collection.dataset import load_split
from detune.corpus import is_recipe, load_recipe
from detune.figures.ground_truth import draw_ground_truth
from detune.ground_truth import study
from detune.ground_truth.marks import MARK_COLUMNS
from detune.network.model_file import load_model
from detune.network.test_logits import load_test_logits
from detune.params.sections import Params
from detune.support.files import read_npz, write_csv
from detune.support.metrics_file import write_metrics


def ground_truth(params: Params) -> str:
    """From the model, test segments and attacked ones to marks for every CAM method."""
    model, genres = load_model(Path("data/model"))
    test = load_split(Path("data/segments"), "test", genres)
    logits = load_test_logits(Path("data/model"), len(test.labels), len(genres))
    subject = study.prepare(
        model, test, logits, layer=params.gradcam.layer, seed=params.attack.seed
    )
    source, cell = Path(params.data.path), cell_name("pgd", params.gradcam.epsilon)
    results = study.run_tests(
        subject,
        params.ground_truth.segments,
        load_recipe(source) if is_recipe(source) else None,
        read_npz(Path(f"data/attacks/{cell}.npz")),
    )
    rows = [row for result in results for row in result.rows]
    write_csv(Path("plots/ground_truth.csv"), MARK_COLUMNS, rows)
    draw_ground_truth(rows, study.PICTURE, Path("plots/ground_truth.png"))
    write_metrics(Path("metrics/ground_truth.json"), study.headlines(results), study.COMPARED)
    return " | ".join(result.message for result in results)


if __name__ == "__main__":
    run(ground_truth)
