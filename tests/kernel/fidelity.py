# SPDX-License-Identifier: GPL-2.0-or-later
"""Each entry of a tree against itself: no difference, no violation; prints lines covered.

python tests/kernel/fidelity.py TREE[,TREE...] FLAVOUR[,...] ENTRY[,...] COUNT [--seed N] [--detail] [--lines]
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from oracle.entries import Entry, entry
from oracle.runner import Hit, Runner
from reviewer.building.pair import Pair, build
from reviewer.errors import ReviewError
from reviewer.model import Tree
from reviewer.slicing.probes import lines_of
from reviewer.trees.kernel import open_tree


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("trees")
    parser.add_argument("flavours")
    parser.add_argument("entries")
    parser.add_argument("count", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--detail", action="store_true", help="print the first scenario of each hit")
    parser.add_argument("--lines", action="store_true", help="print coverage of every function, not only gaps")
    args = parser.parse_args()
    bad = 0
    for path in args.trees.split(","):
        with open_tree(path) as kernel:
            tree = kernel.at(kernel.head)
            for name in args.entries.split(","):
                for flavour in args.flavours.split(","):
                    bad += _one(kernel.name, tree, name, flavour, args)
    return 1 if bad else 0


def _one(kernel: str, tree: Tree, name: str, flavour: str, args: argparse.Namespace) -> int:
    known = entry(name)
    assert known is not None, f"no entry {name}"
    try:
        pair = build(tree, tree, known, flavour)
    except ReviewError as error:
        print(f"== {kernel} {flavour} {name}: {error}")
        return 1
    started = time.monotonic()
    with Runner(pair.program, timeout=600) as runner:
        hits = runner.campaign(args.seed, 0, args.count, thorough=True)
        rate = args.count / (time.monotonic() - started)
        print(f"== {kernel} {flavour} {name}: {rate:,.0f} pairs/s, stubs {', '.join(pair.before.stubs) or 'none'}")
        for hit in hits:
            print(f"   {hit.relation} {hit.what}: {hit.count} scenarios, first {hit.first}")
            if args.detail:
                _detail(runner, args.seed, hit)
        covered, _ = runner.coverage()
    _coverage(pair, known, covered, args.lines)
    return len(hits)


def _detail(runner: Runner, seed: int, hit: Hit) -> None:
    scenario = runner.scenario(seed, hit.first)
    outcome = runner.run(scenario, rows=True)
    print(f"     slots {scenario.start}..{scenario.end} of vma {scenario.vma_first}..{scenario.vma_end},"
          f" vma bits {scenario.vma:#x}, options {scenario.options}")  # fmt: skip
    print(f"     codes { {k: v for k, v in outcome.codes.items() if v} }")
    print(f"     violated { {k: s.violated for k, s in outcome.sides.items() if s.violated} }")
    after, one = outcome.sides["after"].rows, outcome.sides["after-one"].rows
    for label in {**outcome.start, **after, **one}:
        cells = [rows.get(label, "") for rows in (outcome.start, after, one)]
        if len(set(cells)) > 1:
            print(f"     {label:16} | {cells[0]:44} | {cells[1]:44} | {cells[2]}")


def _coverage(pair: Pair, known: Entry, covered: frozenset[int], everything: bool) -> None:
    for name, item in pair.before.functions.items():
        if item.file not in known.files and not everything:
            continue
        mine = [i for i, probe in enumerate(pair.before.probes) if probe.function == name]
        lines = lines_of(item, [pair.before.probes[i] for i in mine])
        missed = sorted(line for line, at in lines.items() if mine[at] not in covered)
        if lines:
            print(f"   {name}: {len(lines) - len(missed)} of {len(lines)} lines{f', not {missed}' if missed else ''}")


if __name__ == "__main__":
    sys.exit(main())
