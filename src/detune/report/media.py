"""Pictures and sounds inside of the page: smaller copies, as data URIs."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

KINDS = ("pgd", "fgsm", "failure", "correct")
"""Folders of pictures, in the order in which they are offered."""

WIDEST = 900
"""Pixels of a picture."""

QUALITY = 82
"""Of its WebP."""


@dataclass(frozen=True)
class Picture:
    """A segment with its heatmaps."""

    kind: str
    name: str
    uri: str


@dataclass(frozen=True)
class Clip:
    """The sounds of a segment before and after one attack."""

    attack: str
    name: str
    clean: str
    attacked: str


def read_pictures(folder: Path) -> list[Picture]:
    """The pictures in `plots/gradcam/`; none where DVC has not brought them."""
    return [
        Picture(kind, path.stem, _shrunk(path))
        for kind in KINDS
        for path in sorted((folder / kind).glob("*.png"))
    ]


def read_clips(folder: Path, attacks: Sequence[str]) -> list[Clip]:
    """The sounds in `plots/listen/` of `attacks`, which name its folders."""
    ends = ("-clean.flac", "-attacked.flac")
    return [
        Clip(attack, path.name.removesuffix(ends[0]), _uri(path), _uri(attacked))
        for attack in attacks
        for path in sorted((folder / attack).glob(f"*{ends[0]}"))
        if (attacked := path.with_name(path.name.removesuffix(ends[0]) + ends[1])).is_file()
    ]


def _uri(path: Path) -> str:
    return f"data:audio/flac;base64,{base64.b64encode(path.read_bytes()).decode()}"


def _shrunk(path: Path) -> str:
    """A picture at most `WIDEST` pixels wide, as the data URI of a WebP."""
    with Image.open(path) as picture:
        copy = picture.convert("RGB")
    copy.thumbnail((WIDEST, WIDEST))
    stream = io.BytesIO()
    copy.save(stream, "WEBP", quality=QUALITY, method=4)
    return f"data:image/webp;base64,{base64.b64encode(stream.getvalue()).decode()}"
