"""Turn published lists of tracks into a partition.

python -m detune.tools.published --train LIST --validation LIST --test LIST --out PARTITION.csv
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from detune.collection.split_table import SPLITS
from detune.split.partition import PARTITION_COLUMNS
from detune.support.errors import UserError
from detune.support.files import write_csv


def convert(lists: Mapping[str, Path]) -> list[dict[str, str]]:
    """Return the rows of a partition, in order of split and list.

    Args:
        lists: by split, a file with a track a line, by its name or path, and, after a tab or a
            comma, the group (such as the artist) where the list has one.

    Raises:
        UserError: a list can't be read or is empty, or a track is listed twice.
    """
    rows = [
        {"track": track, "split": split, "group": group}
        for split in SPLITS
        if split in lists
        for track, group in _entries(lists[split])
    ]
    for track, count in Counter(row["track"] for row in rows).items():
        if count > 1:
            raise UserError(f"{track} is listed {count} times: list each track once")
    return rows


def track_name(entry: str) -> str:
    """The name of a track in detune: `./blues_00012.wav` is `blues.00012`."""
    stem = re.sub(r"\.(wav|au|mp3|flac|ogg|aiff?)$", "", Path(entry).name, flags=re.IGNORECASE)
    return re.sub(r"^([a-z]+)_(\d+)$", r"\1.\2", stem)


def _entries(path: Path) -> Iterator[tuple[str, str]]:
    """Track and group of each line that is not blank."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path} can't be read: {' '.join(str(error).split())}") from error
    entries = [line.strip() for line in lines if line.strip()]
    if not entries:
        raise UserError(f"{path} is empty: give a list with a track a line")
    for entry in entries:
        track, _, group = entry.partition("\t" if "\t" in entry else ",")
        yield track_name(track.strip()), group.strip()


def main(arguments: Sequence[str]) -> str:
    """Convert the lists named by `arguments`; return what was done."""
    parser = argparse.ArgumentParser(
        prog=f"python -m {__spec__.name}",
        description="Turn published lists of tracks into a partition (data.partition).",
    )
    for split in SPLITS:
        parser.add_argument(
            f"--{split}",
            type=Path,
            metavar="LIST",
            help=f"tracks of the {split} split, one a line; after a tab or a comma, its group",
        )
    text = "the partition to write"
    parser.add_argument("--out", type=Path, required=True, metavar="PARTITION.csv", help=text)
    options = vars(parser.parse_args(arguments))
    lists = {split: options[split] for split in SPLITS if options[split]}
    if "train" not in lists:
        raise UserError("--train is missing: training needs tracks")
    rows = convert(lists)
    write_csv(options["out"], PARTITION_COLUMNS, rows)
    counts = Counter(row["split"] for row in rows)
    sizes = ", ".join(f"{split} {counts[split]}" for split in lists)
    groups = len({row["group"] for row in rows} - {""})
    return f"{options['out']}: {sizes} tracks, {groups} groups"


if __name__ == "__main__":
    try:
        print(f"published: {main(sys.argv[1:])}")
    except UserError as error:
        sys.exit(f"published: error: {error}")
