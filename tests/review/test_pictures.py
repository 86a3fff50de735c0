from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from detune.review.pictures import find_pictures
from detune.review.revision import WORKSPACE, open_revision
from detune.support.errors import UserError
from detune.support.files import write_npz
from tests.review.conftest import write_results


def write_heatmaps(folder: Path) -> None:
    """Heatmaps of four segments of three songs, and which rows these are."""
    kinds = ["correct", "failure", "failure", "clean", "clean", "pgd", "pgd"]
    write_npz(
        folder / "data/gradcam.npz",
        row=np.array([0, 3, 2, 1, 0, 1, 0]),
        kind=np.array(kinds),
        target=np.zeros(len(kinds), int),
        heatmap=np.zeros((len(kinds), 2, 2), np.float32),
    )
    songs = ("pop.0", "pop.0", "rock.1", "rock.2")
    lines = ["row,track,genre", *(f"{n},{s},{s.split('.')[0]}" for n, s in enumerate(songs))]
    (folder / "plots/predictions.csv").write_text("\n".join(lines) + "\n")


def test_pictures_of_a_song_are_named_as_the_stage_draws_them(tmp_path: Path) -> None:
    write_results(tmp_path, right=1.0)
    write_heatmaps(tmp_path)
    revision = open_revision(WORKSPACE, str(tmp_path))
    found = find_pictures(revision, ["pop.0", "rock.1", "rock.9"])
    assert found == {
        "pop.0": [
            *("plots/gradcam/correct/pop-1.png", "plots/gradcam/pgd/pop-1.png"),
            "plots/gradcam/pgd/pop-2.png",
        ],
        "rock.1": ["plots/gradcam/failure/2.png"],
        "rock.9": [],
    }


def test_nothing_is_known_without_the_heatmaps(tmp_path: Path) -> None:
    write_results(tmp_path, right=1.0)
    revision = open_revision(WORKSPACE, str(tmp_path))
    assert find_pictures(revision, ["pop.0"]) is None
    assert find_pictures(revision, []) == {}


def test_a_table_that_is_gone_is_one_line(tmp_path: Path) -> None:
    write_results(tmp_path, right=1.0)
    write_heatmaps(tmp_path)
    (tmp_path / "plots/predictions.csv").unlink()
    with pytest.raises(UserError, match=r"plots/predictions\.csv"):
        find_pictures(open_revision(WORKSPACE, str(tmp_path)), ["pop.0"])
