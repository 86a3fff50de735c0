"""Play what heatmaps mark, and ask the network about it."""

from pathlib import Path

import numpy as np
from harness import run

from detune.attack.example_selection import draw_right
from detune.collection.dataset import load_split
from detune.gradcam.gradcam import GradCam
from detune.ground_truth.explainers import heat_on_segments
from detune.heatmap_sound import answers
from detune.heatmap_sound.files import write_parts
from detune.network.model_file import load_model
from detune.network.test_logits import load_test_logits
from detune.params.sections import Params
from detune.sound.segment_audio import read_heard
from detune.sound.waveform_classifier import waveform_classifier
from detune.statistics.bootstrap import Bootstrap
from detune.support.files import write_csv
from detune.support.metrics_file import write_metrics


def heatmap_sound(params: Params) -> str:
    """From the model, test segments and their audio to sounds, and what the model says of them."""
    tracks, plots, seed = Path("data/tracks"), Path("plots"), params.attack.seed
    model, genres = load_model(Path("data/model"))
    test = load_split(Path("data/segments"), "test", genres)
    cam = GradCam(model, params.gradcam.layer, params.gradcam.method)
    asked = answers.ask(test, tracks, cam, waveform_classifier(model).predict, seed)
    rows = list(answers.tabulate(asked, Bootstrap(test.tracks, seed)))
    write_csv(plots / "heatmap_sound.csv", answers.COLUMNS, rows)
    write_metrics(
        Path("metrics/heatmap_sound.json"), answers.headline(rows, asked), answers.COMPARED
    )

    predicted = load_test_logits(Path("data/model"), len(test.labels), len(genres)).argmax(axis=1)
    drawn = draw_right(test.labels, predicted, test.tracks, params.listen.sounds, seed)
    chosen, samples = read_heard(test, np.asarray(drawn, dtype=int), tracks)
    heat = heat_on_segments(cam, test.values[chosen], predicted[chosen])
    write_parts(test, chosen, samples, heat, plots / "heatmap_sound")
    return answers.message(rows)


if __name__ == "__main__":
    run(heatmap_sound)
