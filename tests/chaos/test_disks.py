from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.chaos.disks import OWN, Disk, make_disk, own_mounts

FILL = """
import sys
from pathlib import Path
from tests.chaos.disks import make_disk, remove_disk
disk = make_disk(Path(sys.argv[1]), "1m")
disk.fill(8192)
file = disk.folder / "file"
try:
    file.write_bytes(bytes(8193))
except OSError as error:
    print(error.strerror)
disk.empty()
print(file.write_bytes(bytes(8193)))
remove_disk(disk)
print(*disk.folder.iterdir())
"""


def test_without_a_mount_nothing_is_filled(tmp_path: Path) -> None:
    disk = make_disk(tmp_path / "disk", "1m")
    assert disk == Disk(tmp_path / "disk", real=False)
    disk.fill(0)
    disk.empty()
    assert list(disk.folder.iterdir()) == []


def test_a_full_disk_takes_what_was_left_and_no_more(tmp_path: Path) -> None:
    before = own_mounts()
    if not before:
        pytest.skip("no file system can be mounted here")
    command = [*before, sys.executable, "-c", FILL, str(tmp_path / "disk")]
    told = subprocess.run(
        command, env=os.environ | {OWN: "1"}, capture_output=True, text=True, check=True
    ).stdout
    assert told == "No space left on device\n8193\n\n"
