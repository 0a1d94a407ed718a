# SPDX-License-Identifier: GPL-2.0-or-later
"""review-patch campaign: many series, many seeds or a long budget, on the cores of one machine or on a dask cluster.

Each series is reviewed as by itself; its scenarios are cut into units of fixed numbers, so that the answer is the same
however many workers there are and whichever are lost. What is done is kept in a file: the same command goes on where
it was ended. Workers get slices of code as text, and build and run them contained as every review does.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from oracle.entries import ENTRIES
from oracle.flavours import DEFAULT, FLAVOURS
from oracle.rules import select
from reviewer.cluster import pool, shown
from reviewer.cluster.asked import Asked
from reviewer.cluster.line import Tally, campaign
from reviewer.cluster.page import page
from reviewer.cluster.progress import progress
from reviewer.cluster.store import Store
from reviewer.commands.arguments import Parser
from reviewer.errors import ReviewError
from reviewer.report import status
from reviewer.report.console import console
from reviewer.settings import Settings

_EPILOG = """\
review-patch campaign show [--function F] [--rule R] [--series S] [--html FILE] [--json -] DB   what a file says

examples:
  review-patch campaign list/*.mbox --tree ~/linux --db list.db --workers 8
  review-patch campaign v5.mbox --tree ~/linux --seeds 1..20 --budget 600
  review-patch campaign --entry move_ptes --entry zap_pte_range --tree ~/linux --budget 3600
  review-patch campaign list/*.mbox --tree ~/linux --scheduler tcp://head:8786
exit status: 0 nothing introduced; 1 an introduced violation, or an entry of the tree that breaks a rule; 2 usage or
tool error, or a series that could not be reviewed; 3 something changed that could not be exercised"""


def main(argv: Sequence[str]) -> int:
    """Run a campaign, or show what came of one."""
    if argv[:1] == ["show"]:
        return _show(argv[1:])
    args = parser().parse_args(argv)
    if not args.series and not args.entry:
        raise ReviewError("a campaign needs series, or entries of the tree", hint="See review-patch campaign --help.")
    if args.entry and not args.tree:
        raise ReviewError("entries are those of a tree", place="--entry", hint="Name it with --tree DIR.")
    settings = Settings(budget=args.budget, flavours=tuple(args.flavour), only=select(args.only),
        ignore=select(args.ignore))  # fmt: skip
    names = tuple(e.name for e in ENTRIES) if "all" in args.entry else tuple(args.entry)
    asked = Asked(tuple(args.series), names, args.tree, args.base, args.seeds, settings)
    with Store(args.db) as store:
        if args.again:
            store.forget_failed()
        with _pool(args) as workers:
            tally, ask = Tally(), pool.Asking(workers, store)
            with progress(tally, ask, args.quiet):
                campaign(asked, ask, tally)
        shown.render(shown.shown(store), console(sys.stdout), narrow=False)
        return _status(store)


def _pool(args: argparse.Namespace) -> AbstractContextManager[pool.Pool]:
    if args.scheduler:
        return pool.remote(args.scheduler)
    return pool.local(args.workers) if args.workers else nullcontext(pool.Here())


def _status(store: Store) -> int:
    """Of all that the file holds."""
    verdicts = {row["verdict"] for row in store.rows("SELECT DISTINCT verdict FROM series")}
    if "findings" in verdicts:
        bad = store.rows("SELECT 1 FROM finding WHERE kind = 'violation' AND (relation = 'introduced' OR series IN "
            "(SELECT key FROM series WHERE name LIKE '%()')) LIMIT 1")  # fmt: skip
        if bad:
            return status.FOUND
    return status.ERROR if "failed" in verdicts else status.INCONCLUSIVE if "inconclusive" in verdicts else status.CLEAN


def _show(argv: Sequence[str]) -> int:
    parser = Parser(prog="review-patch campaign show", description=shown.__doc__)
    add = parser.add_argument
    add("db", metavar="DB", help="the file that a campaign was kept in")
    add("--function", metavar="F", default="", help="only what has to do with this function")
    add("--rule", metavar="R", default="", help="only findings of this rule")
    add("--series", metavar="S", default="", help="only the series of this name or subject, or a part of it")
    add("--html", metavar="FILE", help="write it as one page")
    add("--json", choices=("-",), metavar="-", help="with --series: its review as JSON on standard output, as --json of"
        " a review writes it, for replay and --previous")  # fmt: skip
    args = parser.parse_args(argv)
    with Store(args.db, write=False) as store:
        if args.json:
            return _document(store, args.series)
        what = shown.shown(store, args.function, args.rule, args.series)
    if args.html:
        try:
            Path(args.html).write_text(page(what), encoding="utf-8")
        except OSError as error:
            raise ReviewError(error.strerror or str(error), place=f"--html {args.html}") from error
    else:
        shown.render(what, console(sys.stdout), narrow=bool(args.function or args.rule or args.series))
    return 0


def _document(store: Store, series: str) -> int:
    if not series:
        raise ReviewError("whose review?", place="--json", hint="Name it with --series.")
    text = store.document(shown.find(store, series))
    if not text:
        raise ReviewError("this series could not be reviewed", place=f"--series {series}")
    sys.stdout.write(text)
    return 0


def parser() -> Parser:
    """The parser of a campaign's arguments."""
    made = Parser(
        prog="review-patch campaign", description=__doc__, epilog=_EPILOG, fromfile_prefix_chars="@",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    add = made.add_argument
    add("series", metavar="SERIES", nargs="*", help="mboxes, maildirs, folders of either, patch files: a mailbox may"
        " hold many series; @FILE reads arguments from a file, one a line")  # fmt: skip
    add("--entry", metavar="NAME", action="append", default=[], help="run an entry of the tree as it is; 'all' for all")
    add("--tree", metavar="DIR", help="kernel tree, as for a review; it stays on this machine")
    add("--base", metavar="REV", default="", help="revision to apply to, as for a review")
    add("--db", metavar="FILE", default="campaign.db", help="where results are kept (default: campaign.db)")
    add("--again", action="store_true", help="run again what could not be run the last time")
    where = made.add_mutually_exclusive_group()
    where.add_argument("--workers", metavar="N", type=_whole, default=os.cpu_count() or 1,
        help="processes on this machine (default: all cores); 0: none, all in this process")  # fmt: skip
    where.add_argument("--scheduler", metavar="ADDRESS", help="a dask scheduler whose workers have review-patch")
    add("--budget", metavar="SECONDS", type=_seconds, default=2.0, help="effort for each patch and seed, as for a"
        " review (default: 2)")  # fmt: skip
    add("--seeds", metavar="N or A..B", type=_seeds, default=(1,), help="seeds of the scenarios (default: 1)")
    add("--flavour", metavar="NAME", action="append", default=[], choices=sorted(FLAVOURS),
        help=f"run only on these: {', '.join(FLAVOURS)} (default: {' and '.join(DEFAULT)}, and for changes"
        " of contpte code larger pages, too)")  # fmt: skip
    add("--only", metavar="RULE", action="append", default=[], help="report only these rules or categories")
    add("--ignore", metavar="RULE", action="append", default=[], help="do not report these rules or categories")
    add("--quiet", action="store_true", help="no progress")
    return made


def _whole(text: str) -> int:
    value = int(text)
    if not 0 <= value <= 1024:
        raise argparse.ArgumentTypeError("must be from 0 to 1024")
    return value


def _seconds(text: str) -> float:
    value = float(text)
    if not 0 < value <= 30 * 86400:
        raise argparse.ArgumentTypeError("must be more than 0 and at most 30 days")
    return value


def _seeds(text: str) -> tuple[int, ...]:
    """N: 1 to N; A..B."""
    first, dots, last = text.partition("..")
    low, high = (int(first), int(last)) if dots else (1, int(first))
    if not 0 <= low <= high < 1 << 32 or high - low >= 100_000:
        raise argparse.ArgumentTypeError("must be N, for 1 to N, or A..B, at most 100000 seeds")
    return tuple(range(low, high + 1))
