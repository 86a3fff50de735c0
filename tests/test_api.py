from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import detune
from detune.collection.dataset import IndexRow
from detune.network.model_file import save_model
from detune.support.errors import UserError
from detune.support.files import write_csv, write_npz

ROOT = Path(__file__).parents[1]


@pytest.fixture
def root(tmp_path: Path, network: Any, segments: np.ndarray, labels: np.ndarray) -> Path:
    """The folder of a project that has been run."""
    (tmp_path / ".dvc").mkdir()
    (tmp_path / ".dvc" / "config").write_text("[core]\n    no_scm = true\n    analytics = false\n")
    shutil.copy(ROOT / "params.yaml", tmp_path)
    save_model(network, ["a", "b", "c"], tmp_path / "data" / "model")
    rows = [
        IndexRow("test", row, f"track {row}", "abc"[label], int(label), 0, 0.0, -80.0, 0.0)
        for row, label in enumerate(labels)
    ]
    write_csv(tmp_path / "data" / "segments" / "index.csv", list(vars(rows[0])), map(vars, rows))
    np.save(tmp_path / "data" / "segments" / "test.npy", segments)
    predicted = np.asarray([0, 1])
    cell = tmp_path / "data" / "attacks" / "pgd-0.01.npz"
    write_npz(cell, adversarial_prediction=predicted, label=np.zeros(2, int))
    return tmp_path


SEEN = """
import json
import numpy as np
shapes = [values.shape for values in (segments, attacked, before, after, moved)]
sampled = detune.run_attack(model, segments[:3], labels[:3], method="square", epsilon=0.05)
change = [float(np.abs(attacked - segments).max()), float(np.abs(sampled - segments[:3]).max())]
print(json.dumps({"shapes": shapes, "change": change, "wrong": float(wrong)}))
"""


def test_the_example_of_the_documentation_runs(root: Path) -> None:
    page = (ROOT / "docs" / "notebook.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    assert len(code.splitlines()) <= 12
    # In a process of its own, as a notebook is: DVC sets up outputs that pytest closes.
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, "-c", code + SEEN]
    done = subprocess.run(
        command, cwd=root, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout.splitlines()[-1])
    whole = [8, 128, 130]
    assert seen["shapes"] == [whole, whole, [8, 15, 15], [8, 15, 15], [8]]
    assert 0 < seen["change"][0] <= 0.02 + 1e-6
    assert 0 < seen["change"][1] <= 0.05 + 1e-6
    assert seen["wrong"] == 0.5


def test_a_cell_that_is_not_there_is_told(root: Path) -> None:
    assert set(detune.load_cell("pgd", 0.01, root)) == {"adversarial_prediction", "label"}
    with pytest.raises(UserError, match=r"pgd-0\.3\.npz: not there"):
        detune.load_cell("pgd", 0.3, root)


def test_the_package_is_light_until_something_is_used() -> None:
    ask = "import sys, detune; print({'numpy', 'tensorflow', 'pydantic'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", ask], capture_output=True, text=True, check=True, cwd=ROOT / "src"
    )
    assert done.stdout.strip() == "set()"
    assert set(detune.__all__) <= set(dir(detune))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = detune.nothing
