"""A defence of the input through all stages that attack, explain or play attacked segments."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import numpy as np

from detune.attack.attacked_model import load_attacked
from detune.network.model_file import predict_logits
from tests.pipeline.clones import ALL_IN_ONE, Project

ATTACKS = [("attack", method, "0.1") for method in ("fgsm", "pgd")]
STAGES = ("controls", "minimum_norm", "waveform 20", "robustness", "gradcam", "listen", "summary")
DEFENCE = "quantisation-smoothing"


def test_a_defence_that_masks_gradients_runs_and_is_not_trusted(
    project: Project, tmp_path: Path
) -> None:
    folder = tmp_path / "defended"
    shutil.copytree(project.folder, folder)
    defended = Project(folder)
    defended.change("params.yaml", {"attack.defence": DEFENCE, "attack.epsilons": [0.1]})
    commands = ATTACKS + [tuple(stage.split()) for stage in STAGES]
    defended.run(sys.executable, "-c", ALL_IN_ONE, json.dumps(commands))

    verdict = json.loads((folder / "metrics/checks.json").read_text())
    assert not verdict["trustworthy"]
    assert not verdict["checks"]["gradients_lead_somewhere"]["passed"]
    assert verdict["checks"]["examples_match_the_table"]["passed"]
    assert f"attack.defence={DEFENCE}" in (folder / "data/genre-cnn/README.md").read_text()

    values = np.load(folder / "data/segments/test.npy")
    with np.load(folder / "data/attacks/pgd-0.1.npz") as cell:
        for name, asked in (("clean_logits", values), ("example_logits", cell["examples"])):
            by_model = {
                defence: predict_logits(load_attacked(folder / "data/model", defence)[0], asked)
                for defence in (DEFENCE, "none")
            }
            np.testing.assert_allclose(cell[name], by_model[DEFENCE], atol=1e-5)
            assert not np.allclose(cell[name], by_model["none"], atol=1e-4, rtol=0)
