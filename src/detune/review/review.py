"""Everything that a review says of two revisions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from detune.corruptions.table import MEAN
from detune.review.causes import find_causes
from detune.review.comparison import Difference, compare_outcomes, correct, most_changed
from detune.review.metrics import Metrics, compare_metrics
from detune.review.outcomes import Outcomes, parse_corruptions, parse_outcomes
from detune.review.pictures import find_pictures
from detune.review.revision import Revision
from detune.robustness.predictions import OUTCOME_COLUMNS
from detune.support.errors import UserError

OUTCOMES, CORRUPTIONS = "plots/outcomes.csv", "plots/corruption_outcomes.csv"

AT_EPSILON = ("gradcam", "ground_truth", "listen")
"""Files whose figures are of segments attacked at `gradcam.epsilon`."""


@dataclass(frozen=True)
class Review:
    """Two revisions compared.

    Attributes:
        before: name of the first.
        after: name of the second.
        counts: test segments and songs of each.
        paired: whether both tested the same segments.
        differences: every figure that one of them has.
        verdicts: whether the attacks of each can be believed.
        causes: what else differs, one line each.
        songs: the songs that changed most, and by how much.
        pictures: of the second's heatmaps of each of these songs; None where they are not here.
    """

    before: str
    after: str
    counts: tuple[tuple[int, int], tuple[int, int]]
    paired: bool
    differences: Sequence[Difference]
    verdicts: tuple[bool, bool]
    causes: Sequence[str]
    songs: Sequence[tuple[str, float]]
    pictures: Mapping[str, Sequence[str]] | None = None

    def failed(self, tolerance: float) -> bool:
        """Whether a loss beyond `tolerance` is shown, or the second is not trustworthy."""
        return not self.verdicts[1] or any(d.loss > tolerance for d in self.differences)


def review(before: Revision, after: Revision) -> Review:
    """Compare two revisions.

    Raises:
        UserError: one of them has no results, or results of another version.
    """
    seed = int(after.yaml("params.yaml").get("attack", {}).get("seed", 0))
    sides = [_outcomes(revision) for revision in (before, after)]
    pairs = list(zip(*sides, strict=True))
    metrics = [dict(revision.metrics()) for revision in (before, after)]
    if before.has(CORRUPTIONS) and after.has(CORRUPTIONS):
        pairs.append(_corrupted(before, after))
        for side in metrics:  # the same figures, not in pairs
            side.pop("corruptions", None)
    differences = [d for left, right in pairs for d in compare_outcomes(left, right, seed)]
    differences += compare_metrics(_named(before, metrics[0]), _named(after, metrics[1]))
    segments = pairs[0]
    songs = most_changed(*segments)
    return Review(
        before=before.name,
        after=after.name,
        counts=(_counts(sides[0]), _counts(sides[1])),
        paired=segments[0].keys == segments[1].keys,
        differences=correct(differences),
        verdicts=(_trustworthy(before, metrics[0]), _trustworthy(after, metrics[1])),
        causes=list(find_causes(before, after)),
        songs=songs,
        pictures=find_pictures(after, [song for song, _ in songs]),
    )


def _named(revision: Revision, metrics: Metrics) -> Metrics:
    """The metrics of a revision; those of attacked segments with the epsilon in their name.

    At another epsilon they are other figures, and not compared.
    """
    epsilon = revision.yaml("params.yaml").get("gradcam", {}).get("epsilon")
    return {
        f"{name} at {epsilon}" if name in AT_EPSILON and epsilon else name: content
        for name, content in metrics.items()
    }


def _outcomes(revision: Revision) -> tuple[Outcomes, Outcomes]:
    """What the revision's model gets right of segments and songs."""
    rows = revision.rows(OUTCOMES)
    missing = [name for name in OUTCOME_COLUMNS if rows and name not in rows[0]]
    if missing:
        raise UserError(
            f"{revision.name}: {OUTCOMES} has no column {missing[0]}: run `dvc repro` there again"
        )
    segments, songs = (parse_outcomes(rows, unit) for unit in ("segment", "song"))
    if not segments.keys:
        raise UserError(f"{revision.name}: {OUTCOMES} has no segment: run `dvc repro` there again")
    return segments, songs


def _corrupted(before: Revision, after: Revision) -> tuple[Outcomes, Outcomes]:
    """What both models get right of corrupted segments, by the kinds with equal severities."""
    left, right = (parse_corruptions(one.rows(CORRUPTIONS)) for one in (before, after))
    settings = [one.yaml("params.yaml").get("corruptions", {}) for one in (before, after)]
    kinds = left.right.keys() | right.right.keys()
    other = {kind for kind in kinds if settings[0].get(kind) != settings[1].get(kind)}
    if other or left.right.keys() != right.right.keys():
        other |= {MEAN}
    return left.without(other), right.without(other)


def _counts(sides: tuple[Outcomes, Outcomes]) -> tuple[int, int]:
    """How many segments and songs."""
    return len(sides[0].keys), len(sides[1].keys)


def _trustworthy(revision: Revision, metrics: Metrics) -> bool:
    """What the verdicts say of the revision's attacks; older results have none on sound.

    Raises:
        UserError: it has no verdict.
    """
    verdicts = [revision.json("metrics/checks.json"), metrics.get("waveform_checks")]
    return all(bool(verdict.get("trustworthy")) for verdict in verdicts if verdict is not None)
