"""Pictures and sounds inside of the page: smaller copies, as data URIs."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

KINDS = ("pgd", "fgsm", "failure", "correct")
"""Folders of pictures, in the order in which they are offered."""

WIDEST = 900
"""Pixels of a picture."""

CLEAN = "-clean.flac"

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
    """The sound of a segment, and what was made of it, by name."""

    kind: str
    name: str
    clean: str
    versions: Mapping[str, str]


def read_pictures(folder: Path) -> list[Picture]:
    """The pictures in `plots/gradcam/`; none where DVC has not brought them."""
    return [
        Picture(kind, path.stem, _shrunk(path))
        for kind in KINDS
        for path in sorted((folder / kind).glob("*.png"))
    ]


def read_clips(folders: Mapping[str, Path], versions: Sequence[str]) -> list[Clip]:
    """The sounds `<segment>-clean.flac` in folders, each with those of its `versions` there are.

    Args:
        folders: by what the page calls their sounds; one that is not there has none.
        versions: ends of the names of files, such as `attacked`.
    """
    return [
        Clip(
            kind,
            name := path.name.removesuffix(CLEAN),
            _uri(path),
            {
                version: _uri(other)
                for version in versions
                if (other := folder / f"{name}-{version}.flac").is_file()
            },
        )
        for kind, folder in folders.items()
        for path in sorted(folder.glob(f"*{CLEAN}"))
    ]


def data_uri(kind: str, content: bytes) -> str:
    """A file of the media type `kind` as a URI that needs no request."""
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def _uri(path: Path) -> str:
    return data_uri("audio/flac", path.read_bytes())


def _shrunk(path: Path) -> str:
    """A picture at most `WIDEST` pixels wide, as the data URI of a WebP."""
    with Image.open(path) as picture:
        copy = picture.convert("RGB")
    copy.thumbnail((WIDEST, WIDEST))
    stream = io.BytesIO()
    copy.save(stream, "WEBP", quality=QUALITY, method=4)
    return data_uri("image/webp", stream.getvalue())
