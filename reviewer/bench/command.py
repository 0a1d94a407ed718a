"""review-patch bench: the tool judged on a tree, by slips it should find and rewrites it should be silent on.

Each function of the tree that batches PTEs is changed at one place at a time. A mutant counts as found when a review
of the change has any finding; as equivalent when it compiles to the same code; the others are listed, to be read. A
rewrite that keeps what the code does and still has a finding is a false alarm.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence

from rich.table import Table

from reviewer.bench import score
from reviewer.kernel import open_tree
from reviewer.report.progress import progress
from reviewer.report.terminal import console


def main(argv: Sequence[str]) -> int:
    """Run the bench and print a table or the JSON; 1 when there is a false alarm."""
    args = _parser().parse_args(argv)
    with open_tree(args.tree) as kernel:
        tree = kernel.at(kernel.head)
        chosen = score.jobs(score.functions(tree, frozenset(args.function)), args.seed, args.most, args.rewrites)
        with progress(1) as steps:
            steps.step(f"{len(chosen)} edits")
            tries = score.run(tree, chosen, args.seed, args.jobs, lambda _: steps.advance(1 / len(chosen)))
    found = score.document(tries)
    if args.json == "-":
        sys.stdout.write(json.dumps(found, indent=2) + "\n")
    else:
        _print(kernel.name, tries, found)
    return 1 if found["false_alarms"] else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="review-patch bench", description=__doc__)
    add = parser.add_argument
    add("--tree", metavar="DIR", required=True, help="kernel tree: git checkout, bare repository or unpacked tarball")
    add("--json", choices=("-",), metavar="-", help="the score as JSON on standard output, and nothing else there")
    add(
        "--function", metavar="NAME", action="append", default=[], help="only these functions (default: all that batch)"
    )
    add("--most", metavar="N", type=int, default=2, help="mutants of an operator in a function (default: 2)")
    add("--rewrites", metavar="N", type=int, default=1, help="rewrites of a kind in a function (default: 1)")
    add("--seed", metavar="N", type=int, default=1, help="seed of the choice and of the scenarios (default: 1)")
    add("--jobs", metavar="N", type=int, default=os.cpu_count() or 1, help="edits at a time (default: all cores)")
    return parser


def _print(name: str, tries: Sequence[score.Try], found: dict[str, object]) -> None:
    out = console(sys.stdout)
    out.print(
        f"{name}: {found['found']} of {found['mutants']} mutants found, {found['equivalent']} equivalent; "
        f"{found['false_alarms']} false alarms on {found['rewrites']} rewrites; {found['unbuilt']} did not build"
    )
    table = Table("operator", "function", "line", "edit", "outcome", title="To be read")
    for t in tries:
        if (t.kind == "mutant" and t.outcome in score.LEFT) or (t.kind == "rewrite" and t.outcome == "found"):
            table.add_row(t.operator, t.function, f"{t.file}:{t.line}", t.note, " ".join((t.outcome, *t.rules)))
    out.print(table)
