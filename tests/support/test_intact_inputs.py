from __future__ import annotations

import hashlib
import json
import os
from contextlib import nullcontext
from pathlib import Path

import pytest
import yaml

from detune.support.errors import UserError
from detune.support.intact_inputs import require_intact

CACHE = Path(".dvc/cache/files/md5")


def md5(path: Path) -> str:
    return hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder whose `collect` reads a model and the cells of an attack."""
    monkeypatch.chdir(tmp_path)
    for name in ("model/cnn.keras", "model/labels.json", "attacks/pgd-0.1.npz", "unused.csv"):
        path = tmp_path / "data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"content of {name}", encoding="utf-8")
    model = [
        {"md5": md5(path), "relpath": path.name} for path in sorted(Path("data/model").iterdir())
    ]
    (CACHE / "ab").mkdir(parents=True)
    (CACHE / "ab/cdef.dir").write_text(json.dumps(model), encoding="utf-8")
    outs = {
        "train": {"path": "data/model", "md5": "abcdef.dir"},
        "attack@pgd-0.1": {"path": "data/attacks/pgd-0.1.npz"},
        "other": {"path": "data/unused.csv"},
    }
    for out in outs.values():
        out.setdefault("md5", md5(tmp_path / out["path"]) if "." in out["path"] else "")
    stages = {name: {"outs": [out]} for name, out in outs.items()}
    Path("dvc.lock").write_text(yaml.safe_dump({"stages": stages}), encoding="utf-8")
    deps = {"collect": {"deps": ["data/attacks", "data/model", "src/detune/x.py"]}}
    Path("dvc.yaml").write_text(yaml.safe_dump({"stages": deps}), encoding="utf-8")
    return tmp_path


def damage(path: Path) -> None:
    """Change a byte, and leave time and size as they were."""
    times = (path.stat().st_atime_ns, path.stat().st_mtime_ns)
    data = bytearray(path.read_bytes())
    data[3] ^= 1
    path.write_bytes(data)
    os.utime(path, ns=times)


@pytest.mark.parametrize(
    ("name", "writer"), [("model/cnn.keras", "train"), ("attacks/pgd-0.1.npz", "attack")]
)
def test_a_damage_that_left_time_and_size_is_named(workspace: Path, name: str, writer: str) -> None:
    require_intact("collect")
    damage(workspace / "data" / name)
    with pytest.raises(UserError, match=f"data/{name}: damaged, not what `{writer}` wrote: remove"):
        require_intact("collect")


def test_an_input_that_a_parameter_names_is_looked_at(workspace: Path) -> None:
    cell = {"listen": {"deps": ["data/attacks/pgd-${gradcam.epsilon}.npz", "${data.path}"]}}
    Path("dvc.yaml").write_text(yaml.safe_dump({"stages": cell}), encoding="utf-8")
    damage(workspace / "data/attacks/pgd-0.1.npz")
    for epsilon, refused in ((0.1, True), (0.02, False)):
        params = {"gradcam": {"epsilon": epsilon}, "data": {"path": "music"}}
        Path("params.yaml").write_text(yaml.safe_dump(params), encoding="utf-8")
        with pytest.raises(UserError, match="damaged") if refused else nullcontext():
            require_intact("listen")


def test_what_a_stage_does_not_read_is_not_looked_at(workspace: Path) -> None:
    damage(workspace / "data/unused.csv")
    require_intact("collect")
    require_intact("unknown")


def test_without_hashes_nothing_is_claimed(workspace: Path) -> None:
    damage(workspace / "data/model/cnn.keras")
    (workspace / CACHE / "ab/cdef.dir").unlink()
    require_intact("collect")
    (workspace / "dvc.lock").write_text("{", encoding="utf-8")
    require_intact("collect")
    (workspace / "dvc.lock").unlink()
    require_intact("collect")
