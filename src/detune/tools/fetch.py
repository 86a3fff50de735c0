"""The public collections that can be fetched; as a program, `make gtzan` and `make gtzan-mini`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from filelock import FileLock, Timeout

from detune.support.errors import UserError
from detune.tools.download import RemoteFile, download, is_intact

COLLECTIONS = {
    "gtzan": RemoteFile(
        urls=(
            "https://huggingface.co/datasets/marsyas/gtzan/resolve/main/data/genres.tar.gz",
            "http://opihi.cs.uvic.ca/sound/genres.tar.gz",
        ),
        algorithm="sha256",
        checksum="24347e0223d2ba798e0a558c4c172d9d4a19c00bb7963fe055d183dadb4ef2c6",
        size=1_225_571_541,
    ),
    "gtzan-mini": RemoteFile(
        urls=("https://github.com/TempoBeatDownbeat/gtzan_mini/archive/refs/heads/main.zip",),
        algorithm="md5",
        checksum="44f7f23af8363d96c59663a987f29a4c",
    ),
}
"""GTZAN (1,000 tracks) and a subset of 100 of them, by the name of their archive."""


def fetch(name: str, data: Path) -> Path:
    """Download the archive of a collection into `data`; where it is there, only verify it.

    Interrupted or killed, the download continues where it stopped the next time.

    Args:
        name: a key of `COLLECTIONS`.
        data: the folder in which the archive is stored.

    Returns:
        The archive, which `data.path` can name.

    Raises:
        UserError: it could not be downloaded, or is not what it should be.
        OSError: `data` can't be written.
    """
    file = COLLECTIONS[name]
    archive = data / (name + "".join(Path(file.urls[0]).suffixes[-2:]))
    data.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(data / f".{name}.lock", timeout=0):
            if not archive.is_file():
                download(file, archive)
            elif not is_intact(file, archive):
                raise UserError(f"{archive}: not the file that was published: remove it")
    except Timeout as error:
        raise UserError(f"{archive}: another process downloads it: let it finish") from error
    return archive


def main(name: str, data: Path) -> None:
    """Fetch a collection and print what to type next, or in one line why not."""
    if name not in COLLECTIONS:
        sys.exit(f"fetch: error: {name!r} is not known: choose {' or '.join(COLLECTIONS)}")
    try:
        archive = fetch(name, data)
    except UserError as error:
        sys.exit(f"fetch: error: {error}")
    except OSError as error:
        sys.exit(
            f"fetch: error: {error.filename or data}: {error.strerror}: free disk "
            f"space or fix permissions, and run this again: it continues where it stopped"
        )
    except KeyboardInterrupt:
        sys.exit("fetch: interrupted: run this again, and it continues where it stopped")
    print(f"fetch: {archive} is complete; study it with: dvc exp run -S data.path={archive}")


def parse(arguments: Sequence[str], program: str) -> str:
    """The collection that the command line of `program` names."""
    parser = argparse.ArgumentParser(prog=program, description=str(fetch.__doc__).split("\n")[0])
    parser.add_argument(
        "collection", metavar="COLLECTION", help="gtzan (1,000 tracks, 1.2 GB) or gtzan-mini (100)"
    )
    return str(parser.parse_args(arguments).collection)


if __name__ == "__main__":
    main(parse(sys.argv[1:], f"python -m {__spec__.name}"), Path("data"))
