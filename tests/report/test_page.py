from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from detune.report import page
from detune.report.by_epsilon import Frame, Strip
from detune.report.media import Clip, Picture
from detune.report.page import percent, render
from tests.report.made import HOSTILE, METRICS, RESULTS

DOT = "data:image/webp;base64,AAAA"
PICTURES = [Picture("pgd", HOSTILE, DOT), Picture("fgsm", "jazz-1", DOT)]
CLIPS = [
    Clip("masked", HOSTILE, "data:audio/flac;base64,AA", {HOSTILE: "data:audio/flac;base64,BB"})
]
STRIPS = [
    Strip(
        method, HOSTILE, [Frame(epsilon, f"{HOSTILE}, 9 %", DOT) for epsilon in (0.0, 0.01, 0.02)]
    )
    for method in ("fgsm", "pgd")
]
VERSIONS = {"commit": "0123456789", "numpy": "2"}
STYLE = (Path(page.__file__).parent / "templates/style.css").read_text(encoding="utf-8")


class Elements(HTMLParser):
    """Every start tag with its attributes, and the text that is read."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Keep a tag."""
        self.tags.append((tag, dict(attributes)))

    def handle_data(self, data: str) -> None:
        """Keep text."""
        self.text += data

    def every(self, tag: str) -> list[dict[str, str | None]]:
        """Attributes of every such element."""
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture(scope="module")
def html() -> str:
    return render(RESULTS, PICTURES, CLIPS, STRIPS, VERSIONS)


def test_the_same_results_give_the_same_bytes(html: str) -> None:
    assert render(RESULTS, PICTURES, CLIPS, STRIPS, VERSIONS) == html


def test_no_request_leaves_the_page(html: str) -> None:
    for _, attributes in Elements(html).tags:
        for name in ("src", "href", "srcset", "action", "data", "poster"):
            assert (attributes.get(name) or "#").startswith(("#", "data:"))
    assert not re.findall(r"url\(|@import|fetch\(|XMLHttpRequest|https?://", html)
    (policy,) = [m for m in Elements(html).every("meta") if "http-equiv" in m]
    assert (policy["content"] or "").startswith("default-src 'none';")


def test_names_are_text_and_nothing_else(html: str) -> None:
    elements = Elements(html)
    assert len(elements.every("script")) == 1
    assert elements.text.count(HOSTILE) >= 4
    assert {image["data-name"] for image in elements.every("figure") if "data-name" in image} == {
        HOSTILE,
        "jazz-1",
    }


def test_every_part_is_there_and_can_be_reached(html: str) -> None:
    elements = Elements(html)
    assert elements.every("html") == [{"lang": "en"}]
    named = {attributes["id"] for _, attributes in elements.tags if "id" in attributes}
    links = [(link["href"] or "").removeprefix("#") for link in elements.every("a")]
    assert set(links) <= named
    assert len(links) == 12
    assert [tag for tag, _ in elements.tags if re.fullmatch("h[1-6]", tag)] == ["h1"] + ["h2"] * 11
    assert all(image.get("alt") for image in elements.every("img"))
    assert all(audio.get("aria-label") for audio in elements.every("audio"))
    assert {label["for"] for label in elements.every("label")} <= named
    # Three lines in four charts, less what is not measured.
    assert len(elements.every("polyline")) == 4
    assert len(elements.every("circle")) == 8
    assert "Shown." in elements.text
    assert "Not shown." in elements.text


def test_a_verdict_that_is_not_trustworthy_opens_its_checks(html: str) -> None:
    assert "open" in Elements(html).every("details")[0]
    assert "not trustworthy" in Elements(html).text
    passed = {"trustworthy": True, "checks": {}}
    good = replace(RESULTS, metrics=METRICS | {"waveform_checks": passed})
    assert "open" not in Elements(render(good, [], [], [], VERSIONS)).every("details")[0]


def test_what_is_absent_is_said_with_the_command_that_brings_it() -> None:
    text = Elements(render(RESULTS, [], [], [], VERSIONS)).text
    assert "dvc checkout plots/gradcam" in text
    assert "dvc checkout plots/listen" in text
    assert "dvc checkout data/gradcam.npz data/attacks data/segments" in text


def test_without_a_script_each_segment_has_one_picture_at_the_epsilon_of_the_headline(
    html: str,
) -> None:
    elements = Elements(html)
    strips = [one for one in elements.every("figure") if one.get("class") == "strip"]
    assert [(one["data-method"], "hidden" in one) for one in strips] == [
        ("fgsm", True),
        ("pgd", False),
    ]
    frames = [one for one in elements.every("div") if one.get("class") == "frame"]
    shown = [one["data-epsilon"] for one in frames if "hidden" not in one]
    assert shown == ["0.02", "0.02"]
    controls = [one for one in elements.every("p") if one.get("class") == "scripted"]
    assert len(controls) == 2
    assert all("hidden" in one for one in controls)


def test_an_epsilon_that_was_not_attacked_shows_segments_before_the_attack() -> None:
    strips = [Strip("pgd", "a", [Frame(0.0, "b", DOT), Frame(0.3, "c", DOT)])]
    frames = Elements(render(RESULTS, [], [], strips, VERSIONS)).every("div")
    shown = [one for one in frames if one.get("class") == "frame" and "hidden" not in one]
    assert [one["data-epsilon"] for one in shown] == ["0.0"]


def test_shares_are_percent_and_nothing_is_a_dash() -> None:
    assert [percent(value) for value in (0.5, "0.1234", None, "")] == ["50.0", "12.3", *"––"]  # noqa: RUF001


def luminance(colour: str) -> float:
    """Relative luminance of `#rrggbb` (WCAG 2.2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("part", [0, 1], ids=["light", "dark"])
def test_text_has_contrast_aa(part: int) -> None:
    colours = dict(re.findall(r"--([\w]+): (#\w{6})", STYLE.split("@media")[part]))
    for ground in ("paper", "panel"):
        for name in ("ink", "faint", "good", "bad", "link", *(f"c{n}" for n in range(6))):
            pair = sorted((luminance(colours[name]), luminance(colours[ground])))
            assert (pair[1] + 0.05) / (pair[0] + 0.05) >= 4.5, (name, ground)
