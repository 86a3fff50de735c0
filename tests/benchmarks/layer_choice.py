"""Which layer's heatmaps reach the best marks, on validation segments.

The confined attack and the muted parts of the stage `ground_truth`, for Grad-CAM, HiResCAM and
Ablation-CAM at several layers, each compared with the last convolution trial by trial. The rule
was set before any figure was seen: another layer becomes the default only where Grad-CAM's
pointing there is better after Holm's correction over the layers, and its rank agreement is not
shown to be worse. Needs the results of a pipeline run. Argument: how many segments (30).
"""

from __future__ import annotations

import sys
from pathlib import Path

LAYERS = ("last", "block4b_relu", "block3b_relu", "block2b_relu")
METHODS = ("grad-cam", "hires-cam", "ablation-cam")


def main(segments: int) -> None:
    """Print the marks of every layer."""
    import numpy as np  # noqa: PLC0415
    import yaml  # noqa: PLC0415

    from detune.collection.dataset import load_split  # noqa: PLC0415
    from detune.corpus import load_recipe  # noqa: PLC0415
    from detune.ground_truth import confined_attack, part_agreement, study  # noqa: PLC0415
    from detune.ground_truth.explainers import all_explainers  # noqa: PLC0415
    from detune.ground_truth.localization import POINTING  # noqa: PLC0415
    from detune.ground_truth.parts import take_apart  # noqa: PLC0415
    from detune.network.model_file import load_model, predict_logits  # noqa: PLC0415
    from detune.statistics.bootstrap import Bootstrap  # noqa: PLC0415

    model, genres = load_model(Path("data/model"))
    split = load_split(Path("data/segments"), "validation", genres)
    seed = yaml.safe_load(Path("params.yaml").read_text(encoding="utf-8"))["attack"]["seed"]
    subject = study.prepare(
        model, split, predict_logits(model, split.values), layer="last", seed=seed
    )
    rows = subject.right_rows(segments)
    fallen = confined_attack.attack_windows(subject.classifier, split, rows, seed=subject.seed)
    parts = take_apart(load_recipe(Path("data/embedded.yaml")), split, rows)
    targets = subject.forward(parts.whole).argmax(axis=1)
    losses = study.mute_losses(subject.forward, parts, np.zeros_like(parts.whole), targets)
    songs = {
        POINTING: [split.tracks[row] for row in fallen.rows],
        part_agreement.AGREEMENT: [split.tracks[row] for row in rows],
    }
    print(f"{len(fallen.rows)} of {fallen.tried} confined attacks succeed; {len(rows)} segments")
    by_layer = {layer: all_explainers(model, subject.classifier, layer) for layer in LAYERS}
    explainers = {
        f"{method} {layer}": by_layer[layer][method] for method in METHODS for layer in LAYERS
    }
    values = {
        (mark.method, POINTING): mark.values[POINTING]
        for mark in confined_attack.mark_explainers(fallen, explainers)
    }
    for key, explain in explainers.items():
        shares = part_agreement.heat_shares(explain(parts.whole, targets), parts)
        values[key, part_agreement.AGREEMENT] = part_agreement.agree(losses, shares)
    for name in (POINTING, part_agreement.AGREEMENT):
        bootstrap = Bootstrap(songs[name], seed)
        for key in explainers:
            method, layer = key.split()
            own, last = values[key, name], values[f"{method} last", name]
            versus = "" if layer == "last" else f", above the last {bootstrap.estimate(own - last)}"
            print(f"{name}, {method}, {layer}: {bootstrap.estimate(own)}{versus}")


if __name__ == "__main__":
    if not Path("data/model").is_dir():
        sys.exit("bench: no model there: run `make repro` first")
    main(int(sys.argv[1]) if sys.argv[1:] else 30)
