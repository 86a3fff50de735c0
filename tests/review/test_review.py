from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from detune.review.review import Review, review
from detune.review.revision import WORKSPACE, Revision, open_revision
from detune.support.errors import UserError
from tests.review.conftest import SONGS, write_results


@pytest.fixture(scope="module")
def worse(repository: Path) -> Review:
    return review(*(open_revision(name, str(repository)) for name in ("good", WORKSPACE)))


def test_a_worse_model_is_shown_with_what_else_differs(worse: Review) -> None:
    assert worse.paired and worse.counts == ((160, 16), (160, 16))
    assert [(d.name, d.shown) for d in worse.differences] == [
        ("clean accuracy of segments", True),
        ("pgd-0.01 accuracy of segments", False),
        ("clean accuracy of songs", True),
        ("pgd-0.01 accuracy of songs", False),
        ("gradcam.gain", False),
    ]
    assert worse.differences[0].change == pytest.approx(-0.6)
    assert worse.causes == ["params: train.epochs: 10 -> 3", "data: other model (data/model)"]
    assert len(worse.songs) == 3 and worse.songs[0][0] == SONGS[0]


def test_it_fails_on_a_loss_that_is_shown_or_a_verdict(repository: Path, worse: Review) -> None:
    assert worse.failed(0.0) and worse.failed(1.0)  # the verdict
    good = open_revision("good", str(repository))
    assert not review(good, good).failed(0.0)
    backwards = review(open_revision(WORKSPACE, str(repository)), good)
    assert not backwards.failed(0.0)


def test_figures_at_another_epsilon_are_other_figures(repository: Path, tmp_path: Path) -> None:
    write_results(tmp_path, right=1.0)
    params = tmp_path / "params.yaml"
    params.write_text(params.read_text() + "gradcam:\n  epsilon: 0.02\n")
    good, other = open_revision("good", str(repository)), open_revision(WORKSPACE, str(tmp_path))
    figures = {d.name: d.change for d in review(good, other).differences if "gain" in d.name}
    assert figures == {"gradcam.gain": None, "gradcam at 0.02.gain": None}


def test_the_verdict_on_sound_counts_too(repository: Path, tmp_path: Path) -> None:
    write_results(tmp_path, right=1.0)
    path = tmp_path / "metrics/waveform_checks.json"
    good, other = open_revision("good", str(repository)), open_revision(WORKSPACE, str(tmp_path))
    for trustworthy in (True, False):
        path.write_text(json.dumps({"trustworthy": trustworthy, "checks": {}}))
        assert review(good, other).verdicts == (True, trustworthy)


def test_other_test_songs_are_said_to_be_unpaired(repository: Path, tmp_path: Path) -> None:
    write_results(tmp_path, right=0.9, songs=14)
    good, other = open_revision("good", str(repository)), open_revision(WORKSPACE, str(tmp_path))
    found = review(good, other)
    assert not found.paired and found.counts[1] == (140, 14)


def test_results_of_another_version_are_one_line(repository: Path, tmp_path: Path) -> None:
    write_results(tmp_path, right=1.0)
    (tmp_path / "plots/outcomes.csv").write_text("unit,track\nsegment,a\n")
    good, other = open_revision("good", str(repository)), open_revision(WORKSPACE, str(tmp_path))
    with pytest.raises(UserError, match=r"no column segment.*again"):
        review(good, other)


def with_corruptions(folder: Path, *, gain: float, snr: str) -> None:
    """Let segments be right at a share of the severities of `gain`, at half of white noise."""
    write_results(folder, right=1.0)
    params = folder / "params.yaml"
    params.write_text(f"{params.read_text()}corruptions:\n  gain: [3]\n  white_noise: {snr}\n")
    rows = [f"{song},{row},1,{gain},0.5,{gain}" for row, song in enumerate(SONGS)]
    text = "\n".join(["track,row,clean,gain,white_noise,mean", *rows])
    (folder / "plots/corruption_outcomes.csv").write_text(text)
    figures = {"mean_corruption_error": {"value": 1 - gain, "low": 0.0, "high": 1.0}}
    (folder / "metrics/corruptions.json").write_text(json.dumps(figures))


@pytest.fixture
def corrupted(repository: Path, tmp_path: Path) -> Callable[..., Revision]:
    """A revision with corruptions, its workspace."""

    def make(name: str, **settings: Any) -> Revision:
        shutil.copytree(repository, tmp_path / name)
        with_corruptions(tmp_path / name, **settings)
        return open_revision(WORKSPACE, str(tmp_path / name))

    return make


def test_corrupted_segments_are_compared_in_pairs(corrupted: Callable[..., Revision]) -> None:
    before, after = (corrupted(str(gain), gain=gain, snr="[20]") for gain in (0.9, 0.6))
    found = {d.name: d for d in review(before, after).differences}
    gain = found["gain accuracy of corrupted segments"]
    assert gain.paired and gain.shown and gain.change == pytest.approx(-0.3)
    assert not found["white_noise accuracy of corrupted segments"].shown
    assert found["mean accuracy of corrupted segments"].shown
    assert not [name for name in found if name.startswith("corruptions.")]


def test_other_severities_are_other_figures(corrupted: Callable[..., Revision]) -> None:
    before, after = (corrupted(snr[1:3], gain=0.9, snr=snr) for snr in ("[20]", "[30]"))
    names = [d.name for d in review(before, after).differences if "corrupted" in d.name]
    assert names == ["clean accuracy of corrupted segments", "gain accuracy of corrupted segments"]


def test_older_results_have_no_corrupted_segments(
    repository: Path, corrupted: Callable[..., Revision]
) -> None:
    good = open_revision("good", str(repository))
    found = {d.name: d for d in review(good, corrupted("new", gain=0.9, snr="[20]")).differences}
    assert found["corruptions.mean_corruption_error"].change is None
