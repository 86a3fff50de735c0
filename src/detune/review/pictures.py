"""Which pictures of heatmaps show a song."""

from __future__ import annotations

from collections.abc import Sequence

from detune.gradcam.picture_names import picture_names
from detune.review.revision import Revision

HEATMAPS, PREDICTIONS = "data/gradcam.npz", "plots/predictions.csv"

FOLDER = "plots/gradcam"

CLEAN = "clean"
"""The kind of heatmap that is drawn beside an attacked one, not in a picture of its own."""


def find_pictures(revision: Revision, songs: Sequence[str]) -> dict[str, list[str]] | None:
    """The paths of the pictures of each song; None where DVC does not have the heatmaps here.

    Raises:
        UserError: `plots/predictions.csv` is missing or damaged.
    """
    if not songs:
        return {}
    arrays = revision.npz(HEATMAPS)
    if arrays is None:
        return None
    rows = {int(row["row"]): row for row in revision.rows(PREDICTIONS)}
    found: dict[str, list[str]] = {song: [] for song in songs}
    for kind in dict.fromkeys(arrays["kind"].tolist()):
        if kind == CLEAN:
            continue
        segments = [rows[row] for row in arrays["row"][arrays["kind"] == kind].tolist()]
        names = picture_names(kind, [row["genre"] for row in segments])
        for segment, name in zip(segments, names, strict=True):
            if segment["track"] in found:
                found[segment["track"]].append(f"{FOLDER}/{kind}/{name}.png")
    return found
