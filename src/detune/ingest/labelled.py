"""Labelled files: which files of a collection are tracks where a table gives their genres."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from detune.collection.labels import KEY, Labels, names_in
from detune.collection.shown_paths import harmless_path
from detune.ingest.formats import is_audio
from detune.ingest.layouts import (
    File,
    candidate_of,
    is_stray,
    one_spelling,
    refuse_repeated_names,
)
from detune.ingest.names import fault_of_path
from detune.ingest.tracks import Candidate, Quarantined
from detune.support.errors import UserError

MISSING = "missing file"
"""Why a file that the table lists is in the quarantine, where it is not there."""

NO_AUDIO = "no audio file: its name ends like none"


class Labelled(NamedTuple):
    """Tracks by a table, what is quarantined, and how many audio files the table does not list."""

    candidates: list[Candidate]
    quarantined: list[Quarantined]
    unlisted: int


def label_files(sources: Iterable[str], labels: Labels, where: str) -> Labelled:
    """Give each audio file that a table lists its genre, and a name of its own.

    Args:
        sources: paths within the collection, parts joined by `/`; strays and other files as well.
        labels: the table.
        where: name of the collection in messages.

    Returns:
        The candidates and what is quarantined, each in order of path.

    Raises:
        UserError: none of the files is there, or two would become one track.
    """
    files = [
        source
        for source in sources
        if is_audio(source) and not any(map(is_stray, source.split("/")))
    ]
    names = names_in(labels, files)
    if not names:
        known = f"{where} has {min(files)!r}" if files else f"{where} has no audio"
        raise UserError(
            f"{KEY}: {labels.path}: none of its {len(labels.genres)} files is there: it lists "
            f"{next(iter(labels.genres))!r}, {known}: give each {labels.by} as it is there"
        )
    there = {name: source for source, name in names.items()}
    # Tracks are called by the path in the table, so that a folder and its archive agree.
    listed = [
        File(
            source, tuple((name if labels.by == "path" else source).split("/")), labels.genres[name]
        )
        for name, source in there.items()
    ]
    # What is missing has no path: its name may be that of another file.
    listed += [File(name, (), labels.genres[name]) for name in labels.genres if name not in there]
    outcomes = [_outcome(file, labels.by) for file in one_spelling(listed)]
    candidates = [outcome for outcome in outcomes if isinstance(outcome, Candidate)]
    refuse_repeated_names(candidates)
    quarantined = [outcome for outcome in outcomes if isinstance(outcome, Quarantined)]
    return Labelled(candidates, quarantined, len(files) - len(names))


def _outcome(file: File, by: str) -> Candidate | Quarantined:
    """A listed file as a candidate, or as quarantined with the reason."""
    if not file.parts:
        reason = NO_AUDIO if by == "path" and not is_audio(file.source) else MISSING
        return Quarantined(harmless_path(file.source), file.genre, reason)
    if fault := fault_of_path(file.source):
        return Quarantined(harmless_path(file.source), file.genre, fault)
    return candidate_of(file)
