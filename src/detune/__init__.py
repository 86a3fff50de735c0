"""Detune: how little does it take to fool a music-genre CNN, and what was it listening to?

What a notebook needs is here, and is imported when it is first used; see `detune.api`.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__all__ = [
    "compute_heatmaps",
    "load_cell",
    "load_model",
    "load_segments",
    "run_attack",
]


def __getattr__(name: str) -> Any:
    """Import what a notebook needs when it is asked for: TensorFlow takes seconds."""
    if name in __all__:
        return getattr(import_module("detune.api"), name)
    raise AttributeError(f"module 'detune' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*globals(), *__all__]
