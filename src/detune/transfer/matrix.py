"""The matrix of transfer: what attacks on each network do to each."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np

from detune.network.model_file import predict_logits
from detune.statistics.bootstrap import Bootstrap
from detune.support.errors import UserError
from detune.transfer.sources import Source

COLUMNS = (
    *("attacked", "asked", "segments", "songs", "learned"),
    *("turned", "turned_low", "turned_high"),
    *("white_box", "survives", "noise"),
)

Row = dict[str, Any]


def transfer_matrix(sources: Sequence[Source], epsilon: float, seed: int) -> list[Row]:
    """A row for each pair of a network that was attacked and one that is asked.

    Of the segments that both networks have right when clean: `turned`, the share that the asked one
    has wrong once they were attacked for the other, with its interval over songs; `white_box`, the
    share that the attacked one itself has wrong; `survives`, the share of the latter's effect that
    remains; `noise`, the share that random signs of the same size turn. `learned` counts songs that
    the asked network was trained or validated on: their share says little.

    Args:
        sources: networks with their attacked segments.
        epsilon: L-infinity radius of the attacks.
        seed: of the noise and the bootstrap.

    Raises:
        UserError: the networks know different genres.
    """
    for source in sources[1:]:
        if source.genres != sources[0].genres:
            raise UserError(
                f"{source.name}: genres {', '.join(source.genres)}, but {sources[0].name} knows "
                f"{', '.join(sources[0].genres)}: compare networks of the same genres"
            )
    return [_row(a, b, epsilon, seed) for a, b in product(sources, sources)]


def _row(attacked: Source, asked: Source, epsilon: float, seed: int) -> Row:
    labels = attacked.labels
    both = _right(attacked, attacked.clean, labels) & _right(asked, attacked.clean, labels)
    rows = np.flatnonzero(both)
    if not rows.size:
        raise UserError(
            f"{attacked.name}, {asked.name}: no attacked segment is right for both networks, so "
            "there is nothing to turn: raise attack.examples"
        )
    own, labels = attacked.attacked[rows], labels[rows]
    tracks = [attacked.tracks[row] for row in rows]
    signs = np.random.default_rng(seed).choice([-1.0, 1.0], own.shape)
    noisy = np.clip(attacked.clean[rows] + epsilon * signs, 0, 1).astype(np.float32)
    turned = ~_right(asked, own, labels)
    white_box = float((~_right(attacked, own, labels)).mean())
    return {
        "attacked": attacked.name,
        "asked": asked.name,
        "segments": len(rows),
        "songs": len(set(tracks)),
        "learned": len(set(tracks) & asked.learned),
        **Bootstrap(tracks, seed).share("turned", turned),
        "white_box": white_box,
        "survives": float(turned.mean()) / white_box if white_box else None,
        "noise": float((~_right(asked, noisy, labels)).mean()),
    }


def _right(source: Source, segments: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Which segments a network has right, `(n,)` bool."""
    return np.asarray(predict_logits(source.model, segments).argmax(axis=1) == labels)
