from __future__ import annotations

import base64
import io
from pathlib import Path

from PIL import Image

from detune.report.media import WIDEST, read_clips, read_pictures


def test_pictures_are_smaller_copies_in_order(tmp_path: Path) -> None:
    for kind, name in (("fgsm", "b"), ("pgd", "b"), ("pgd", "a"), ("other", "c")):
        (tmp_path / kind).mkdir(exist_ok=True)
        Image.new("RGBA", (2 * WIDEST, WIDEST), "red").save(tmp_path / kind / f"{name}.png")
    pictures = read_pictures(tmp_path)
    assert [(one.kind, one.name) for one in pictures] == [("pgd", "a"), ("pgd", "b"), ("fgsm", "b")]
    kind, _, data = pictures[0].uri.partition(";base64,")
    assert kind == "data:image/webp"
    assert Image.open(io.BytesIO(base64.b64decode(data))).size == (WIDEST, WIDEST // 2)
    assert read_pictures(tmp_path) == pictures
    assert read_pictures(tmp_path / "none") == []


def test_sounds_come_with_what_was_made_of_them(tmp_path: Path) -> None:
    (tmp_path / "masked").mkdir()
    for name in ("x-clean", "x-attacked", "x-difference", "y-clean"):
        (tmp_path / f"masked/{name}.flac").write_bytes(name.encode())
    folders = {"40 dB": tmp_path / "snr-40", "below masking": tmp_path / "masked"}
    first, second = read_clips(folders, ["attacked", "difference", "rest"])
    assert (first.kind, first.name) == ("below masking", "x")
    uris = {"clean": first.clean, **first.versions}
    for name, uri in uris.items():
        assert base64.b64decode(uri.partition(",")[2]) == f"x-{name}".encode()
    assert list(uris) == ["clean", "attacked", "difference"]
    assert (second.name, second.versions) == ("y", {})
