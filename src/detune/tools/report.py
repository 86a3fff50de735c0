"""Make one page of the current results that needs no network; `make report`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from dvc.repo import Repo

from detune.figures.heat_overlay import heat_overlay
from detune.report.by_epsilon import read_strips
from detune.report.media import Clip, read_clips, read_pictures
from detune.report.page import render
from detune.report.results import Results, read_results
from detune.review.revision import WORKSPACE, open_revision
from detune.support.errors import UserError
from detune.support.files import replacing
from detune.support.versions import installed_versions


def main(arguments: Sequence[str]) -> Path:
    """Write the page that `arguments` ask for; return its path.

    Raises:
        UserError: there are no results, or they are damaged or of another version.
    """
    parser = argparse.ArgumentParser(
        prog=f"python -m {__spec__.name}",
        description="Make one page of the current results that needs no network.",
    )
    parser.add_argument("--out", type=Path, default=Path("report/index.html"), metavar="PAGE.html")
    page: Path = parser.parse_args(arguments).out
    results = read_results(open_revision(WORKSPACE))
    pictures, strips = read_pictures(Path("plots/gradcam")), read_strips(Path(), heat_overlay)
    html = render(results, pictures, clips(results), strips, versions(results))
    page.parent.mkdir(parents=True, exist_ok=True)
    with replacing(page) as temporary:
        temporary.write_text(html, encoding="utf-8")
    return page


def clips(results: Results) -> list[Clip]:
    """Sounds before and after three attacks, and what heatmaps mark of them."""
    listen, epsilon = Path("plots/listen"), f"{results.epsilon:g}"
    attacks = {
        f"PGD on the spectrogram, ε = {epsilon}": listen / f"pgd-{epsilon}",
        "attack on the sound, 40 dB": listen / "snr-40",
        "attack below masking": listen / "masked",
    }
    heatmaps = {"heatmap": Path("plots/heatmap_sound")}
    return [*read_clips(attacks, ["attacked"]), *read_clips(heatmaps, ["marked", "rest"])]


def versions(results: Results) -> dict[str, str]:
    """What the results were made with, by name; a commit with changes is marked so."""
    with Repo() as repo:
        changed = " with changes" if repo.scm.is_dirty() else ""
        commit = f"{repo.scm.get_rev()[:10]}{changed}"
    computed = {name: results.metrics["robustness"][name] for name in ("processor", "precision")}
    return {"commit": commit} | computed | installed_versions()


if __name__ == "__main__":
    try:
        written = main(sys.argv[1:])
    except UserError as error:
        sys.exit(f"report: error: {error}")
    print(f"report: {written}, {written.stat().st_size / 1e6:.1f} MB")
