"""The whole campaign: `make chaos`, or `python -m tests.chaos --minutes 5 --seed 1`."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.chaos.campaign import campaign, table
from tests.chaos.hostile import run_hostile
from tests.chaos.undisturbed import prepare

MINUTES = 12.0
"""Of blows; before them, the undisturbed runs take some."""


def main() -> int:
    """Disturb two projects side by side; return 1 if anything is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos")
    parser.add_argument("--minutes", type=float, default=MINUTES, help="of blows")
    parser.add_argument("--seed", type=int, default=0, help="of what is struck, and when")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        places = list(prepare(Path(folder)))
        wrong = run_hostile(Path(folder))
        print(f"chaos: a folder of hostile names and things: {len(wrong)} wrong", flush=True)
        print("\n".join(wrong), end="\n" * bool(wrong))
        end = time.monotonic() + 60 * options.minutes
        seeds = range(2 * options.seed, 2 * options.seed + len(places))
        with ThreadPoolExecutor(len(places)) as pool:
            dealt = pool.map(lambda place, seed: campaign(place, seed, end), places, seeds)
            outcomes = [outcome for each in dealt for outcome in each]
    print("\n".join(table(outcomes)))
    return int(bool(wrong) or not outcomes or not all(outcome.right for outcome in outcomes))


if __name__ == "__main__":
    sys.exit(main())
