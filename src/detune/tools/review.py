"""Say what a change did: python -m detune.tools.review BASE [REV]; `make review BASE=main`.

Exit status 1 where a loss is shown or the attacks can't be believed, 2 for a mistake.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from detune.review.formats import FORMATS
from detune.review.review import review
from detune.review.revision import WORKSPACE, open_revision
from detune.support.errors import UserError


def main(arguments: Sequence[str]) -> int:
    """Print the review that `arguments` ask for; return the exit status."""
    parser = argparse.ArgumentParser(
        prog=f"python -m {__spec__.name}",
        description="Compare two revisions: which figures changed by more than chance. Exit "
        "status 1 where a loss is shown or the attacks of REV can't be believed.",
    )
    parser.add_argument("base", metavar="BASE", help="a commit, branch, tag or DVC experiment")
    parser.add_argument(
        "revision",
        metavar="REV",
        nargs="?",
        default=WORKSPACE,
        help="default: the files as they are",
    )
    parser.add_argument("--format", choices=FORMATS, default="text")
    parser.add_argument(
        "--tolerance", type=float, default=0.0, help="a loss up to this share is accepted"
    )
    options = parser.parse_args(arguments)
    result = review(open_revision(options.base), open_revision(options.revision))
    print(FORMATS[options.format](result))
    return int(result.failed(options.tolerance))


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except UserError as error:
        print(f"review: error: {error}", file=sys.stderr)
        sys.exit(2)
