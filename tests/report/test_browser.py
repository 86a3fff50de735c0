"""The page in a real browser, where there is one: Chromium, without a display or a network."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from PIL import Image

from detune.report.by_epsilon import Frame, Strip
from detune.report.media import Clip, Picture, data_uri
from detune.report.page import render
from tests.report.made import RESULTS

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)

pytestmark = pytest.mark.skipif(
    not CHROMIUM, reason="no Chromium here: the page was not opened in a browser"
)

PROBE = """
<script>
addEventListener("load", async () => {
  const all = (what) => [...document.querySelectorAll(what)];
  const shown = () => all("figure.picture").filter((f) => !f.hidden).map((f) => f.dataset.name);
  const seen = { errors: window.errors, inner: innerWidth };
  seen.wide = document.documentElement.scrollWidth - innerWidth;
  seen.marks = all("circle").filter((mark) => mark.getBoundingClientRect().width > 3).length;
  all("circle")[1].dispatchEvent(new Event("mouseenter"));
  seen.said = document.querySelector("figure.chart output").textContent;
  seen.pictures = [shown()];
  const slider = document.getElementById("segment");
  slider.value = 1;
  slider.dispatchEvent(new Event("input"));
  seen.pictures.push(shown());
  const kind = document.getElementById("kind");
  kind.value = "fgsm";
  kind.dispatchEvent(new Event("change"));
  seen.pictures.push(shown());
  seen.drawn = document.querySelector("figure.picture:not([hidden]) img").naturalWidth;
  const epsilon = document.getElementById("epsilon"), method = document.getElementById("method");
  const frames = () => all(".frame").filter((f) => f.getBoundingClientRect().width > 0)
    .map((f) => [f.querySelector("p").textContent, f.querySelector("img").naturalWidth]);
  seen.frames = [frames()];
  epsilon.focus();
  seen.reached = document.activeElement.id;
  epsilon.stepDown(2);
  epsilon.dispatchEvent(new Event("input"));
  seen.frames.push(frames());
  epsilon.value = 1;
  epsilon.dispatchEvent(new Event("input"));
  method.value = "fgsm";
  method.dispatchEvent(new Event("change"));
  seen.frames.push(frames());
  seen.now = [document.getElementById("epsilon-now").textContent, epsilon.ariaValueText];
  const column = () => all("#cells tbody tr").map((row) => row.cells[1].textContent);
  const head = all("#cells th button")[1];
  head.click(); head.click();
  seen.falling = column();
  head.click();
  seen.rising = column();
  const sound = document.querySelector("audio");
  await new Promise((done) => { sound.oncanplay = sound.onerror = done; sound.load(); });
  seen.seconds = sound.duration;
  parent.postMessage(JSON.stringify(seen), "*");
});
</script>
"""
FRAME = """
<title></title>
<iframe width="{width}" height="900" src="index.html"></iframe>
<script>addEventListener("message", (event) => {{ document.title = event.data; }});</script>
"""
"""Chromium's own windows have at least 500 pixels."""

TRIES = 20
"""Chromium may write a page down before a sound in it is decoded."""

CATCH = "<script>window.errors = []; onerror = (said) => { errors.push(String(said)); };</script>"


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page, with a script in it that uses it and says what it saw."""
    dot, tone = io.BytesIO(), io.BytesIO()
    Image.new("RGB", (30, 10), "red").save(dot, "WEBP")
    soundfile.write(tone, np.zeros(22_050), 22_050, format="FLAC")
    uri, sound = data_uri("image/webp", dot.getvalue()), data_uri("audio/flac", tone.getvalue())
    named = (("pgd", "blues-1"), ("pgd", "jazz-1"), ("fgsm", "pop-1"))
    pictures = [Picture(kind, name, uri) for kind, name in named]
    clips = [Clip("masked", "blues", sound, {"attacked": sound})]
    strips = [
        Strip(method, "a", [Frame(epsilon, "b", uri) for epsilon in (0.0, 0.01, 0.02)])
        for method in ("fgsm", "pgd")
    ]
    html = render(RESULTS, pictures, clips, strips, {"commit": "0"})
    html = html.replace("<head>", f"<head>{CATCH}").replace("</body>", f"{PROBE}</body>")
    path = tmp_path_factory.mktemp("browser") / "index.html"
    path.write_text(html, encoding="utf-8")
    return path


def use(page: Path, width: int) -> dict[str, Any]:
    """What the page's script saw in a frame of this width."""
    outer = page.with_name(f"{width}.html")
    outer.write_text(FRAME.format(width=width), encoding="utf-8")
    flags = (
        *("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"),
        *("--window-size=1600,1000", "--virtual-time-budget=20000", "--dump-dom"),
        f"--user-data-dir={page.parent / str(width)}",
    )
    command = [str(CHROMIUM), *flags, outer.as_uri()]
    for _ in range(TRIES):
        dom = subprocess.run(
            command, capture_output=True, text=True, check=True, timeout=120
        ).stdout
        title = re.search(r"<title>(.+?)</title>", dom, re.DOTALL)
        if title:
            return dict(json.loads(unescape(title[1])))
    raise AssertionError(f"the page said nothing in {TRIES} tries")


@pytest.mark.parametrize("width", [400, 1400])
def test_the_page_works(page: Path, width: int) -> None:
    seen = use(page, width)
    assert seen["errors"] == []
    assert seen["inner"] == width
    assert seen["wide"] <= 0
    assert seen["marks"] == 8
    assert seen["said"] == "fgsm at 0.02: 0.40 (0.30 to 0.50)"
    assert seen["pictures"] == [["blues-1"], ["jazz-1"], ["pop-1"]]
    assert seen["drawn"] == 30
    assert seen["frames"] == [
        [["pgd, ε = 0.02: taken for b", 30]],
        [["before the attack: taken for b", 30]],
        [["fgsm, ε = 0.01: taken for b", 30]],
    ]
    assert seen["reached"] == "epsilon"
    assert seen["now"] == ["ε = 0.01", "ε = 0.01"]
    assert (seen["falling"], seen["rising"]) == (["0.02", "0.01"], ["0.01", "0.02"])
    assert seen["seconds"] == pytest.approx(1.0)
