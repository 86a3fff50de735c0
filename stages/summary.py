"""Sum up a run in a few figures and five sentences, and hand on the model with its card."""

from dataclasses import asdict
from pathlib import Path

from harness import run

from detune.params.sections import Params
from detune.summary.finding import sentences
from detune.summary.headline import headline
from detune.summary.model_card import find_origin, model_card, write_release
from detune.summary.results import Results, song_rows
from detune.support.files import read_csv, write_json
from detune.support.metrics_file import read_metrics
from detune.support.versions import installed_versions

READ = (
    *("train", "checks", "gradcam", "ground_truth", "listen", "preprocess"),
    *("corruptions", "waveform_checks"),
)


def summary(params: Params) -> str:
    """From the model, `metrics/` and `plots/outcomes.csv` to headline, finding and model card."""
    results = Results(
        metrics={name: read_metrics(Path(f"metrics/{name}.json")) for name in READ},
        songs=song_rows(read_csv(Path("plots/outcomes.csv"))),
        epsilon=params.summary.epsilon,
        pictured=params.gradcam.epsilon,
        seed=params.attack.seed,
    )
    finding = sentences(results)
    write_json(Path("metrics/headline.json"), headline(results))
    write_json(Path("metrics/finding.json"), {"sentences": [asdict(one) for one in finding]})
    defence, model = params.train.adversarial, Path("data/model")
    origin = find_origin(
        params.data.path, defence.method, defence.epsilon, params.attack.defence, model
    )
    card = model_card(results, origin, installed_versions())
    write_release(model, card, Path("data/genre-cnn"))
    shown = [one.claim for one in finding if one.shown]
    return f"shown: {', '.join(shown) or 'nothing'}; `make finding` prints the finding"


if __name__ == "__main__":
    run(summary)
