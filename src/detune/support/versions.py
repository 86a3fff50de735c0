"""Versions of the packages that results depend on."""

from __future__ import annotations

from importlib.metadata import distributions

PACKAGES = (
    *("adversarial-robustness-toolbox", "dvc", "keras", "librosa", "numpy"),
    *("tensorflow", "tensorflow-cpu"),
)


def installed_versions() -> dict[str, str]:
    """The version of each of `PACKAGES` that is installed, by name."""
    installed = {package.name.replace("_", "-"): package.version for package in distributions()}
    return {name: installed[name] for name in PACKAGES if name in installed}
