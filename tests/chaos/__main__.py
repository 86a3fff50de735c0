"""The whole campaign: `make chaos`, or `python -m tests.chaos --minutes 5 --seed 1`."""

from __future__ import annotations

import argparse
import math
import os
import shutil
import signal
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.chaos.campaign import campaign
from tests.chaos.disks import begin_with_own_mounts, remove_disk
from tests.chaos.hostile import HOSTILE, run_hostile
from tests.chaos.outcomes import Outcome, missing, table
from tests.chaos.pairs import Plan, all_pairs
from tests.chaos.undisturbed import Ground, make_grounds, prepare
from tests.chaos.workplace import end_all

MINUTES = 15.0
"""Until the last blow, the undisturbed runs included."""

INTERRUPTED = 130
"""The exit status after Ctrl-C."""


def main() -> int:
    """Disturb two projects side by side; return 1 if anything is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos")
    parser.add_argument("--minutes", type=float, default=MINUTES, help="until the last blow")
    parser.add_argument("--all", action="store_true", help="until all pairs were tried, each once")
    parser.add_argument("--seed", type=int, default=0, help="of what is struck, and when")
    options = parser.parse_args()
    begin_with_own_mounts("tests.chaos", sys.argv[1:])
    # Ended from outside, it tidies up as after Ctrl-C; a shell's `&` would have DVC ignore Ctrl-C.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.default_int_handler)
    folder = Path(tempfile.mkdtemp(prefix="chaos-"))
    grounds = make_grounds(folder)
    try:
        return disturb(grounds, math.inf if options.all else options.minutes, options.seed)
    except KeyboardInterrupt:
        return INTERRUPTED
    finally:
        end_all([*(ground.project.folder for ground in grounds), folder / HOSTILE])
        for ground in grounds:
            remove_disk(ground.disk)
            remove_disk(ground.store)
        shutil.rmtree(folder, ignore_errors=True)


def disturb(grounds: list[Ground], minutes: float, seed: int) -> int:
    """Prepare two projects, disturb them for some minutes, and print what came of it."""
    begun = time.monotonic()
    pool = ThreadPoolExecutor(len(grounds))
    hostile = pool.submit(run_hostile, grounds[0].disk.folder.parent)
    places = list(prepare(*grounds))
    wrong = hostile.result()
    print(f"chaos: a folder of hostile names and things: {len(wrong)} wrong", flush=True)
    print("\n".join(wrong), end="\n" * bool(wrong))
    plan = Plan(all_pairs(places[0]), seed, again=minutes != math.inf)
    outcomes: list[Outcome] = []
    dealing = [
        pool.submit(campaign, place, plan, 2 * seed + number, begun + 60 * minutes, outcomes)
        for number, place in enumerate(places)
    ]
    try:
        for future in dealing:
            future.result()
    finally:
        _tell(plan, outcomes)
        print(f"in {(time.monotonic() - begun) / 60:.0f} minutes, seed {seed}", flush=True)
    return int(bool(wrong) or not outcomes or not all(outcome.right for outcome in outcomes))


def _tell(plan: Plan, outcomes: list[Outcome]) -> None:
    """Print the table, and the pairs that are not in it."""
    left = missing(plan.pairs, outcomes)
    print("\n".join(table(plan.pairs, outcomes)))
    for pair in left:
        print(f"chaos: not tried: {', '.join(pair)}")
    print(f"pairs tried: {len(plan.pairs) - len(left)} of {len(plan.pairs)}")


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    if code == INTERRUPTED:
        os._exit(code)  # without waiting for the threads, which have nothing left to disturb
    sys.exit(code)
