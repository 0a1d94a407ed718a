# SPDX-License-Identifier: GPL-2.0-or-later
"""What the command line takes: its options, their help, and what is said of an option that is wrong."""

from __future__ import annotations

import argparse
import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NoReturn

from oracle.flavours import DEFAULT, FLAVOURS
from reviewer import __version__
from reviewer.commands.table import overview
from reviewer.errors import ReviewError
from reviewer.limits import summary

if TYPE_CHECKING:
    from _typeshed import SupportsWrite

BUDGET = 2.0  # seconds, for each patch
_DESCRIPTION = """\
Review a patch series that batches PTE operations: run the real C of the functions before and after each patch
on a simulated MMU and show the smallest page table on which they differ.

SERIES is an mbox (also .gz), a maildir, a folder of patches, patch files, '-' for standard input (mails, or what
git show, git log -p and git diff print), or revisions of the tree: main..topic, HEAD or topic^! for that one commit,
-3 for the last three, -3 topic. What is missing of a series is named, and the rest reviewed."""
_EPILOG = f"""\
examples:
  b4 am -o - 20250101-series@example.org | review-patch - --tree ~/linux
  review-patch v6.17-rc1..topic --tree ~/linux --html report.html --reply-dir replies
  git format-patch -1 --stdout | review-patch --patch - --tree ~/linux
  review-patch HEAD                            # in a kernel tree: the last commit

other commands:
{overview()}

git config reviewpatch.tree, base, budget, flavours, failOn and quiet set what the options do not say.

exit status: 0 nothing introduced; 1 an introduced violation; 2 usage or tool error; 3 something changed that
could not be exercised, and nothing worse"""


class Parser(argparse.ArgumentParser):
    """One whose errors are as harmless as all others: a shell may hand on the name of any file."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.add_argument("--version", action="version", version=f"review-patch {__version__}")

    def error(self, message: str) -> NoReturn:
        """What argparse says, without its usage, which hides it."""
        raise ReviewError(message, hint=f"See {self.prog} --help.")

    def _print_message(self, message: str, file: SupportsWrite[str] | None = None) -> None:
        """The help, where a full disk is no reason to keep silent."""
        (file or sys.stderr).write(message)


def parser(*, mail: bool = False) -> Parser:
    """The parser of a review's arguments. mail: of the one on standard input, so that no series is named."""
    made = Parser(
        prog="review-patch",
        usage="%(prog)s SERIES... [--tree DIR] [OPTION...]",
        description=_DESCRIPTION,
        epilog=f"{_EPILOG}\n\nlimits on input, beyond which it is refused (docs/limits.md):\n{summary()}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    if mail:
        made.set_defaults(series=["-"])
    else:
        made.add_argument("series", metavar="SERIES", nargs="+", help="the series, see above")
    _series(made.add_argument_group("the series and its tree"))
    _effort(made.add_argument_group("what is run"))
    _told(made.add_argument_group("what is told"))
    return made


def _series(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument
    add("--tree", metavar="DIR", help="kernel tree: git checkout, bare repository or unpacked tarball"
        " (default: the tree one stands in, else the embedded one if the series is made for it)")  # fmt: skip
    add("--base", metavar="REV", default="", help="revision to apply to (default: base-commit trailer, blob ids, HEAD)")
    add("--patch", action="store_true", help="a mail out of a series: the tree holds the patches before it already")
    add("--previous", metavar="OLD.json", help="the review of an earlier version: say what is gone, what remains and"
        " what is new, and do not run unchanged patches again")  # fmt: skip


def _effort(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument
    add("--budget", metavar="SECONDS", type=_seconds, default=BUDGET, help="effort for each patch, at most; a second"
        " stands for a fixed number of scenarios, so the answer is the same on any machine; fewer are run of what comes"
        " to nothing new any more (default: 2)")  # fmt: skip
    add("--seed", metavar="N", type=int, default=1, help="seed of the scenarios (default: 1)")
    add("--flavour", metavar="NAME", action="append", default=[], choices=sorted(FLAVOURS),
        help=f"run only on these: {', '.join(FLAVOURS)} (default: {' and '.join(DEFAULT)}, and for changes"
        " of contpte code larger pages, too)")  # fmt: skip
    add("--jobs", metavar="N", type=jobs, default=os.cpu_count() or 1,
        help="pairs to run at a time (default: all cores)")  # fmt: skip
    add("--require-sandbox", action="store_true", help="fail when a layer of the sandbox is missing on this machine"
        " (see review-patch doctor)")  # fmt: skip


def _told(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument
    add("--verbose", action="store_true", help="each finding with its whole table and explanation, and each function"
        " with how far it ran")  # fmt: skip
    add("--quiet", action="store_true", help="no progress, and of the report only the verdict and the findings")
    add("--preexisting", action="store_true", help="show what was wrong before the series, too, not only how much")
    add("--only", metavar="RULE", action="append", default=[], help="report only these rules or categories")
    add("--ignore", metavar="RULE", action="append", default=[], help="do not report these rules or categories")
    add("--fail-on", choices=("violation", "difference", "never"), default="violation", help="what makes exit status 1")
    add("--attach", action="store_true", help="with each draft of a reply the findings it tells, for replay")
    add("--reply-clean", action="store_true", help="a draft of two lines, too, where nothing was found")


def _seconds(text: str) -> float:
    with suppress(ValueError):
        if 0 < (value := float(text)) <= 86400:
            return value
    raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds that is more than 0 and at most a day")


def jobs(text: str) -> int:
    """How many at a time, of an option."""
    with suppress(ValueError):
        if (value := int(text)) >= 1:
            return value
    raise argparse.ArgumentTypeError(f"{text!r} is no number that is at least 1")
