from __future__ import annotations

from importlib.metadata import version

from detune.support.versions import PACKAGES, installed_versions


def test_versions_are_of_what_is_installed_and_nothing_else() -> None:
    found = installed_versions()
    assert found["numpy"] == version("numpy")
    assert set(found) < set(PACKAGES)  # TensorFlow has one build, not two
    assert any(name.startswith("tensorflow") for name in found)
