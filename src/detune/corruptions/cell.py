"""One cell of the corruptions: a kind with all its severities, on a sample of segments."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from detune.audio.segments import cut_segments
from detune.collection.dataset import Split
from detune.corruptions.kinds import KINDS, severity_name
from detune.corruptions.material import Material
from detune.network.model_file import predict_logits
from detune.network.runtime import keras
from detune.support.errors import UserError
from detune.support.pool import parallel_map


def run_cell(
    model: keras.Model,
    test: Split,
    rows: np.ndarray,
    materials: Sequence[Material],
    *,
    clean: np.ndarray,
    kind: str,
    severities: Sequence[Any],
) -> dict[str, np.ndarray]:
    """Ask the model about corrupted segments, and return the arrays of the cell's file.

    Args:
        model: from segments to logits.
        test: the test segments.
        rows: `(n,)` which of them.
        materials: `n`, what each is corrupted with.
        clean: `(n, genres)` logits of the segments as they are.
        kind: one of `KINDS`.
        severities: `k` of that kind.

    Raises:
        UserError: there is no such kind, or no segment.
    """
    if kind not in KINDS:
        raise UserError(f"corruption {kind!r} does not exist: choose {', '.join(KINDS)}")
    if not materials:
        raise UserError("all test segments that were drawn are of too short tracks: give others")
    corrupt = partial(corrupted, kind, severities)
    sets = parallel_map(corrupt, materials, label=f"corrupt {kind}", unit="segments")
    # At once: the model is prepared for each call anew.
    values = np.concatenate(np.stack(list(sets), axis=1))
    logits = predict_logits(model, values).reshape(len(severities), len(rows), -1)
    return {
        "row": rows,
        "label": test.labels[rows],
        "song": np.asarray(test.tracks)[rows],
        "severity": np.asarray([severity_name(one) for one in severities]),
        "unit": np.asarray(KINDS[kind].unit),
        "clean_logits": clean,
        "logits": logits,
    }


def corrupted(kind: str, severities: Sequence[Any], material: Material) -> np.ndarray:
    """One segment after each severity of a kind, as spectrograms `(k, 128, 130)`."""
    corrupt = KINDS[kind].corrupt
    samples = [corrupt(material, severity) for severity in severities]
    return np.concatenate([cut_segments(one, 1).values for one in samples])
