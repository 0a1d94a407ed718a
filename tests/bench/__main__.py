# SPDX-License-Identifier: GPL-2.0-or-later
"""python -m tests.bench TREE: what reviews of fixed inputs cost, beside another checkout and against the last run.

Processor time counts; wall time says something on an idle machine only. Counts are exact, and so is what the reviews
say: status 1 when two checkouts, two states of the cache or two rounds come to something else, or a review fails.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from reviewer.building.toolchain import compiler_version
from reviewer.trees.kernel import open_tree
from tests.bench import table
from tests.bench.growth import grown
from tests.bench.inputs import inputs
from tests.bench.one import Setup
from tests.bench.rounds import Bench, Row

_HERE = Path(__file__).resolve().parents[2]


def main() -> int:
    """1 when what reviews say is not the same; see above."""
    args = _parser().parse_args()
    chosen, primers = inputs()
    unknown = set(args.input or ()) - {one.name for one in chosen}
    if unknown:
        raise SystemExit(
            f"there is no input {', '.join(sorted(unknown))}: {', '.join(dict.fromkeys(one.name for one in chosen))}"
        )
    chosen = [one for one in chosen if not args.input or one.name in args.input]
    tree = Path(args.tree).resolve()
    setups = [Setup(_HERE, tree)] + ([Setup(Path(args.beside).resolve(), tree)] if args.beside else [])
    with tempfile.TemporaryDirectory(prefix="bench-") as place:
        bench = Bench(setups, Path(place))
        if args.growth:
            print(grown(bench, inputs()[0], primers, args.rounds))
            return 0
        rows, *other = bench.measured(bench.mails(chosen, primers), args.rounds)
    beside = other[0] if other else []
    about = _about(args.tree, args.rounds)
    print(f"{about['tree']}, {about['compiler']}, {about['cores']} cores, median of {args.rounds}\n")
    print(table.table(rows, beside))
    last = json.loads(Path(args.last).read_text(encoding="utf-8")) if args.last and Path(args.last).exists() else None
    wrong = _told(rows, beside) | (_since(last, about, rows) if last is not None else False)
    if args.json:
        Path(args.json).parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(table.document(about, rows, beside), indent=1)
        Path(args.json).write_text(f"{text}\n", encoding="utf-8")
    _print("Reviews that did not come to their end", [f"{name}: {why}" for name, why in bench.failed.items()])
    return int(wrong or bool(bench.failed))


def _told(rows: Sequence[Row], beside: Sequence[Row]) -> bool:
    """Print what is not the same within this run; whether that is wrong."""
    odd = [f"{row.input}, {row.state}: {what}" for row in (*rows, *beside) for what in row.odd]
    _print("Not the same in each round", odd)
    states = [*table.states_differ(rows), *table.states_differ(beside)]
    said = table.said_differs(beside, rows)
    _print("Not the same in each state of the cache", states)
    _print("Verdicts and findings that are not the same beside", said)
    _print("What claims rest on, where that is not the same beside", table.claims_differ(beside, rows))
    return bool(said or states or any(row.odd and "what was said" in row.odd for row in (*rows, *beside)))


def _since(last: dict[str, Any], about: dict[str, Any], rows: Sequence[Row]) -> bool:
    """Print what is not as it was the last time; whether that is wrong. Of another tree or compiler there is no last
    time."""
    for what in ("tree", "compiler"):
        if last.get(what) != about[what]:
            print(f"\nThe last run had another {what}: {last.get(what)}. It is not compared.")
            return False
    old = table.stored(last)
    print("\nThe last run:\n")
    print(table.table(rows, old))
    counts, said = table.counts_differ(old, rows), table.said_differs(old, rows)
    _print("Counts that are not as they were", counts)
    _print("Verdicts and findings that are not as they were", said)
    _print("What claims rest on, where that is not as it was", table.claims_differ(old, rows))
    if not counts and not said:
        print("\nAll counts, verdicts and findings are as they were.")
    return bool(said)


def _print(what: str, lines: Sequence[str]) -> None:
    if lines:
        print(f"\n{what}:")
        print("\n".join(f"  {line}" for line in lines))


def _about(tree: str, rounds: int) -> dict[str, Any]:
    with open_tree(tree) as kernel:
        name = f"{kernel.name} {kernel.head[:12]}".strip()
    return {"tree": name, "compiler": compiler_version(), "cores": os.cpu_count(), "rounds": rounds}


def _parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="python -m tests.bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument("tree", metavar="TREE", help="kernel tree; linux 7.2 has all inputs")
    made.add_argument("--beside", metavar="CHECKOUT", help="measure that checkout in the same sitting, by turns")
    made.add_argument("--rounds", type=int, default=5, help="of which the median is taken (default: 5)")
    made.add_argument("--input", metavar="NAME", action="append", help="only this (more than once: these)")
    made.add_argument("--json", metavar="FILE", help="store the figures")
    made.add_argument("--last", metavar="FILE", help="compare with what was stored; read before --json is written")
    made.add_argument("--growth", action="store_true", help="how cost grows with functions, patches, PTEs and the tree")
    return made


if __name__ == "__main__":
    sys.exit(main())
