# SPDX-License-Identifier: GPL-2.0-or-later
"""review-patch survey: which functions of a tree touch PTEs, which can be exercised, how well, and what is missing.

Every function is run against itself, as a helper of an entry that has an adapter, or else by a generic entry.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from oracle.entries import ENTRIES, Entry, generic
from oracle.flavours import DEFAULT, FLAVOURS
from reviewer.changes.touching import Touching, touching
from reviewer.commands.arguments import Parser
from reviewer.errors import ReviewError
from reviewer.model import Tree
from reviewer.report import surveyed
from reviewer.report.console import console
from reviewer.report.progress import progress
from reviewer.report.surveyed import Surveyed
from reviewer.selection.trial import Trial, attempt
from reviewer.trees.kernel import open_tree

_PER_SECOND = 100_000
_LEAST = 1_000
Key = tuple[str, str]


@dataclass(frozen=True)
class SurveySettings:
    """count: scenarios for each entry and flavour. flavours: those to run on. functions: names, empty for all."""

    count: int
    seed: int
    flavours: tuple[str, ...]
    jobs: int
    functions: frozenset[str] = frozenset()


def main(argv: Sequence[str]) -> int:
    """Survey a tree and print a table or the JSON; 0 unless the tree cannot be read."""
    args = parser().parse_args(argv)
    count = max(_LEAST, int(args.budget * _PER_SECOND))
    flavours = tuple(args.flavour) or DEFAULT
    settings = SurveySettings(count, args.seed, flavours, args.jobs, frozenset(args.function))
    with open_tree(args.tree) as kernel:
        name, found = kernel.name, survey(kernel.at(kernel.head), settings)
    if unknown := sorted(settings.functions - {one.name for one in found}):
        raise ReviewError(f"no function of {name} that touches PTEs is called {unknown[0]!r}", place="--function")
    if args.json == "-":
        sys.stdout.write(surveyed.dumps(name, found))
    else:
        surveyed.render(name, found, console(sys.stdout))
    return 0


def parser() -> Parser:
    """The parser of its arguments."""
    made = Parser(prog="review-patch survey", description=__doc__)
    add = made.add_argument
    add("--tree", metavar="DIR", required=True, help="kernel tree: git checkout, bare repository or unpacked tarball")
    add("--json", choices=("-",), metavar="-", help="the survey as JSON on standard output, and nothing else there")
    add("--flavour", metavar="NAME", action="append", default=[], choices=sorted(FLAVOURS),
        help=f"run only on these: {', '.join(FLAVOURS)} (default: {' and '.join(DEFAULT)})")  # fmt: skip
    add("--function", metavar="NAME", action="append", default=[], help="survey only these functions (default: all)")
    add("--jobs", metavar="N", type=int, default=os.cpu_count() or 1, help="runs at a time (default: all cores)")
    add("--seed", metavar="N", type=int, default=1, help="seed of the scenarios (default: 1)")
    add("--budget", metavar="SECONDS", type=float, default=0.1, help="effort for each entry and flavour; a second"
        " stands for a fixed number of scenarios (default: 0.1)")  # fmt: skip
    return made


def survey(tree: Tree, settings: SurveySettings) -> tuple[Surveyed, ...]:
    """What became of each function of the tree that touches PTEs, in the order of the files."""
    functions = [f for f in touching(tree) if not settings.functions or f.name in settings.functions]
    wanted = {f.file for f in functions}
    known = [
        e for e in ENTRIES if not settings.functions or wanted & {*e.files, "mm/internal.h", "include/linux/pgtable.h"}
    ]
    with progress(2) as steps, ThreadPoolExecutor(max(1, settings.jobs)) as pool:

        def tried(text: str, jobs: Sequence[tuple[Entry, str]]) -> list[Trial]:
            steps.step(text)

            def one(job: tuple[Entry, str]) -> Trial:
                trial = attempt(tree, job[0], job[1], settings.seed, settings.count)
                steps.advance(1 / max(1, len(jobs)))
                return trial

            return list(pool.map(one, jobs))

        by_hand = tried("entries with an adapter", _jobs(known, settings))
        left = [f for f in functions if not f.hidden and not _through(f, by_hand)]
        by_type = tried("entries made by signature", _jobs((generic(f.name, f.file) for f in left), settings, left))
    return tuple(_surveyed(f, by_hand, by_type) for f in functions)


def _jobs(
    entries: Iterable[Entry], settings: SurveySettings, functions: Sequence[Touching] = ()
) -> list[tuple[Entry, str]]:
    """Every entry on every flavour that has it."""
    compiled = {(f.name, f.file): f.flavours for f in functions}
    return [
        (entry, flavour)
        for entry in entries
        for flavour in compiled.get((entry.name, entry.files[0])) or entry.flavours or tuple(FLAVOURS)
        if flavour in settings.flavours
    ]


def _through(function: Touching, trials: Sequence[Trial]) -> list[Trial]:
    """The trials in which some line of the function ran, those of the function itself first."""
    ran = [t for t in trials if t.lines(function.name, function.file)[1]]
    return sorted(ran, key=lambda t: t.entry.name != function.name)


def _surveyed(function: Touching, by_hand: Sequence[Trial], by_type: Sequence[Trial]) -> Surveyed:
    own = [t for t in by_type if (t.entry.name, t.entry.files[0]) == (function.name, function.file)]
    ran = _through(function, by_hand) or [t for t in own if not t.why]
    at = [t.lines(function.name, function.file) for t in ran]
    lines, covered = (set().union(*(pair[side] for pair in at)) for side in (0, 1))
    stubs = {s for t in ran if t.piece is not None for s in t.piece.stubs}
    through = list(dict.fromkeys(t.entry.name for t in ran))
    reasons = {t.why: ", ".join(u.flavour for u in own if u.why == t.why) for t in own}
    why = "; ".join(f"{on}: {reason}" for reason, on in reasons.items())
    why = function.hidden or why or "no flavour of the choice has it"
    ends = [name for t in ran for name in t.ends] if all(t.ends for t in ran) else []
    ends = list(dict.fromkeys(ends))
    if ran:
        more = f" and {len(through) - 1} more" if len(through) > 1 else ""
        why = "; ".join([
            *([] if through == [function.name] else [f"through {through[0]}{more}"]),
            *([f"some runs end at {', '.join(ends[:3])}, not modelled"] if ends else []),
        ])  # fmt: skip
    mine = [t for t in ran if t.entry.name == function.name]
    return Surveyed(
        function.name, function.file, function.batches, bool(ran), why,
        tuple(f for f in FLAVOURS if any(t.flavour == f for t in ran)), len(lines), len(covered),
        tuple(sorted(stubs)), tuple(sorted(ends)), sum(t.scenarios for t in ran), sum(len(t.hits) for t in mine),
    )  # fmt: skip
