"""The whole fuzz run: `make fuzz`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.fuzz.archives import examine_archive
from tests.fuzz.audio import examine_audio
from tests.fuzz.campaign import run
from tests.fuzz.lengths import FFMPEG, examine_length

RUNS = {
    "mutated audio files": (examine_audio, 6_000),
    "mutated archives": (examine_archive, 900),
    "files of known length": (examine_length, 1_500),
}


def main() -> int:
    """Examine all; return 1 if anything is wrong."""
    failed = False
    if not FFMPEG:
        print("fuzz: ffmpeg is not installed: lengths are held against what was written only")
    for what, (examine, count) in RUNS.items():
        with tempfile.TemporaryDirectory() as folder:
            found, wrong = run(examine, Path(folder), range(count))
        print(f"fuzz: {count} {what}: {dict(found)}, {len(wrong)} wrong", flush=True)
        for line in wrong[:20]:
            print(f"  {line}")
        failed |= bool(wrong)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
