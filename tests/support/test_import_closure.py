from __future__ import annotations

from pathlib import Path

import pytest

from detune.support import import_closure as closure_module
from detune.support.import_closure import import_closure, module_file

FILES = {
    "__init__.py": "",
    "a.py": "import os\nimport detune.b.c as c\n",
    "b/__init__.py": "",
    "b/c.py": "def f():\n    from detune.b import d\n",
    "b/d.py": "from detune.e import NAME\nfrom detune_other import a\n",
    "e.py": "from detune import a\nNAME = 1\n",
    "f.py": "from detune.a import c\n",
}


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small package of that name."""
    folder = tmp_path / "detune"
    for name, code in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(code)
    monkeypatch.setattr(closure_module, "LIBRARY", folder)
    return folder


def test_imports_are_followed_wherever_they_stand(library: Path) -> None:
    names = {path.relative_to(library).as_posix() for path in import_closure([library / "a.py"])}
    assert names == set(FILES) - {"f.py"}


def test_a_module_has_its_file(library: Path) -> None:
    assert module_file("detune.b.c") == library / "b" / "c.py"
    assert module_file("detune.a") == library / "a.py"
