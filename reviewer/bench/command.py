# SPDX-License-Identifier: GPL-2.0-or-later
"""review-patch bench: the tool judged on a tree, by slips it should find and rewrites it should be silent on.

Each function of the tree that batches PTEs is changed at one place at a time, and the change is reviewed as a patch
would be. A mutant is a slip that such code is prone to (a count off by one, a flag forgotten, no flush, ...); a
rewrite keeps what the code does, and a finding on it is a false alarm.

What comes of a mutant:
  found       the review has a finding
  same-code   it compiles to the same machine code on every flavour: equivalent
  exhaustive  silent on all scenarios within a bound: equivalent
  allowed     the states do differ, but only in what any patch may change, such as a write bit that is dropped where
              the next fault gives it back: no slip that a review could hold against it, counted as equivalent
  silent      nothing seen: to be read, it is a hole of the tool or an equivalent that nothing shows to be one
  unreached   no scenario comes to the changed lines: to be read
  unbuilt     it does not compile, and is not counted

The score is found / (mutants - equivalent).

With --turned each mutant that is found is reviewed the other way round too, as the patch that mends it: that has to be
called fixed, and must never be a violation.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from reviewer.bench import score
from reviewer.bench.turned import WORDS
from reviewer.commands.arguments import Parser
from reviewer.report.console import console
from reviewer.report.progress import progress
from reviewer.trees.kernel import open_tree


def main(argv: Sequence[str]) -> int:
    """Run the bench and print a table or the JSON; 1 when there is a false alarm, either way round."""
    args = parser().parse_args(argv)
    with open_tree(args.tree) as kernel:
        tree = kernel.at(kernel.head)
        chosen = score.jobs(score.functions(tree, frozenset(args.function)), args.seed, args.most, args.rewrites)
        with progress(1) as steps:
            steps.step(f"{len(chosen)} edits")
            tries = score.run(tree, chosen, args.seed, args.jobs, lambda _: steps.advance(1 / len(chosen)), args.turned)
    found: dict[str, Any] = score.document(tries)
    if args.json == "-":
        sys.stdout.write(json.dumps(found, indent=2) + "\n")
    else:
        _print(kernel.name, tries, found)
    return 1 if found["false_alarms"] or found.get("turned", {}).get("alarm") else 0


def parser() -> Parser:
    """The parser of its arguments."""
    made = Parser(
        prog="review-patch bench",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="An edit takes one to five seconds: begin with --function NAME, or --most 1. Exit status 1: there is a "
        "false alarm, or with --turned one on what mends.",
    )
    add = made.add_argument
    add("--tree", metavar="DIR", required=True, help="kernel tree: git checkout, bare repository or unpacked tarball")
    add("--json", choices=("-",), metavar="-", help="the score as JSON on standard output, and nothing else there")
    add("--function", metavar="NAME", action="append", default=[],
        help="only these functions (default: all that batch)")  # fmt: skip
    add("--most", metavar="N", type=int, default=2, help="mutants of an operator in a function (default: 2)")
    add("--rewrites", metavar="N", type=int, default=1, help="rewrites of a kind in a function (default: 1)")
    add("--turned", action="store_true", help="review each found mutant the other way round, too, as what mends it")
    add("--seed", metavar="N", type=int, default=1, help="seed of the choice and of the scenarios (default: 1)")
    add("--jobs", metavar="N", type=int, default=os.cpu_count() or 1, help="edits at a time (default: all cores)")
    return made


def _print(name: str, tries: Sequence[score.Try], found: Mapping[str, Any]) -> None:
    out = console(sys.stdout)
    counted = found["mutants"] - found["equivalent"]
    part = f" ({100 * found['found'] / counted:.1f} %)" if counted else ""
    out.print(
        f"{name}: {found['found']} of {counted} mutants found{part}, {found['equivalent']} more are equivalent; "
        f"{found['false_alarms']} false alarms on {found['rewrites']} rewrites; {found['unbuilt']} did not build"
    )
    for what, number in found["evidence"].items():
        if number:
            out.print(f"  {number} {what}: {score.EVIDENCE[what]}")
    if turned := found.get("turned"):
        share = f" ({100 * turned['fixed'] / turned['mutants']:.1f} %)" if turned["mutants"] else ""
        out.print(f"turned round: {turned['fixed']} of {turned['mutants']} called fixed{share}")
        for what, words in WORDS.items():
            if turned[what] and what != "fixed":
                out.print(f"  {turned[what]} {what}: {words}")
    for by in ("function", "operator"):
        table = Table(by, "mutants", "found", "equivalent", "left", title=f"By {by}")
        for row, numbers in found[f"by_{by}"].items():
            left = numbers["mutants"] - numbers["found"] - numbers["equivalent"]
            table.add_row(row, *map(str, numbers.values()), str(left or ""))
        out.print(table)
    _list(out, "To be read", [t for t in tries if t.kind == "mutant" and t.outcome in score.LEFT])
    _list(out, "False alarms", [t for t in tries if t.kind == "rewrite" and t.outcome == "found"])
    _list(out, "Not called fixed", [t for t in tries if t.back and t.back.what not in ("fixed", "asked")])
    _list(out, "Set apart", [t for t in tries if t.kind == "mutant" and t.outcome in ("exhaustive", "allowed")])


def _list(out: Console, title: str, tries: Sequence[score.Try]) -> None:
    if not tries:
        return
    table = Table("operator", "function", "line", "edit", "outcome", title=title)
    for t in tries:
        told = " ".join((t.outcome, *t.rules)) + (f": {t.told}" if t.told else "")
        told = " ".join((told, "- back:", t.back.what, *t.back.rules)) if t.back else told
        table.add_row(t.operator, t.function, f"{t.file}:{t.line}", t.note, told)
    out.print(table)
