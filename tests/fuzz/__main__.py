"""The whole fuzz run: `make fuzz`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.fuzz.archives import examine_archive
from tests.fuzz.audio import examine_audio
from tests.fuzz.campaign import run

RUNS = {"audio files": (examine_audio, 6_000), "archives": (examine_archive, 900)}


def main() -> int:
    """Examine all; return 1 if anything is wrong."""
    failed = False
    for what, (examine, count) in RUNS.items():
        with tempfile.TemporaryDirectory() as folder:
            found, wrong = run(examine, Path(folder), range(count))
        print(f"fuzz: {count} mutated {what}: {dict(found)}, {len(wrong)} wrong", flush=True)
        for line in wrong[:20]:
            print(f"  {line}")
        failed |= bool(wrong)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
