# SPDX-License-Identifier: GPL-2.0-or-later
"""Benchmark: pairs of runs (before and after) a second on one core, for one entry, and what each relation costs.

    python tests/kernel/throughput.py TREE [ENTRY] [--flavour NAME] [--count N] [--relations]

A benchmark, not a test: the machine decides the figure. Time is processor time of the runner's process, so that a
shared machine matters less. The ordinary campaign is what is measured: every eighth scenario is also run with all
batches forced to one PTE, and asked every rule on its final state. --relations adds one relation after the other.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from oracle import sandbox
from oracle.entries import Entry, entry
from oracle.flavours import DEFAULT, FLAVOURS
from oracle.runner import Runner
from oracle.sandbox.policy import NAMESPACES
from oracle.wire import command
from reviewer.building.pair import build
from reviewer.model import Tree
from reviewer.trees.kernel import open_tree

_ROUNDS = 5
# Bits of W_WITHOUT_* (world/runtime.h), and what is asked with those left out beyond the line before.
_RUNS, _AFTER, _ONE, _END, _AGENT = 1, 2, 4, 8, 16
_STEPS = (
    (_RUNS, "scenarios, made up and built"),
    (_AFTER | _END | _AGENT, "one side run, with contracts of primitives and counters"),
    (_ONE | _END | _AGENT, "the other side run, and held against it"),
    (_ONE | _AGENT, "rules on the final state"),
    (_AGENT, "batches against batches of one"),
    (0, "hardware that works on meanwhile"),
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tree")
    parser.add_argument("entry", nargs="?", default="move_ptes")
    parser.add_argument("--flavour", choices=sorted(FLAVOURS), action="append")
    parser.add_argument("--count", type=int, default=400_000)
    parser.add_argument("--relations", action="store_true", help="print what each relation adds")
    args = parser.parse_args()
    known = entry(args.entry)
    if known is None:
        parser.error(f"no entry {args.entry}")
    # In namespaces of its own the program is not the process that was started, the clock of which is read.
    with open_tree(args.tree) as kernel, sandbox.using(sandbox.found().without(NAMESPACES)):
        tree = kernel.at(kernel.head)
        for flavour in args.flavour or DEFAULT:
            what = f"{kernel.name} {flavour} {known.name}"
            if args.relations:
                _relations(what, tree, known, flavour, args.count)
                continue
            with Runner(build(tree, tree, known, flavour).program, timeout=600) as runner:
                best = min(_campaign(runner, n, args.count) for n in range(_ROUNDS))
            print(f"{what}: {args.count / best:,.0f} pairs/s, best of {_ROUNDS} x {args.count:,}")
    return 0


def _relations(what: str, tree: Tree, known: Entry, flavour: str, count: int) -> None:
    """A line for each relation: microseconds a pair that it adds, the least of some rounds over the same scenarios."""
    with Runner(build(tree, tree, known, flavour).program, timeout=600) as runner:
        spent = [min(_campaign(runner, 1, count, without) for _ in range(_ROUNDS)) for without, _ in _STEPS]
        spent.append(spent[-1] + min(_digests(runner, count // 10) * 10 for _ in range(_ROUNDS)))
    print(f"{what}: microseconds a pair, best of {_ROUNDS} x {count:,}")
    told = [text for _, text in _STEPS] + ["flavours against each other, asked of every scenario"]
    for text, before, now in zip(told, [0.0, *spent], spent, strict=False):
        print(f"  {(now - before) / count * 1e6:6.3f}  {text}")


def _campaign(runner: Runner, seed: int, count: int, without: int = 0) -> float:
    """Seconds of processor time for so many scenarios."""
    started = clock(runner)
    runner.ask(command("campaign", seed, 0, count, 0, without))
    return clock(runner) - started


def _digests(runner: Runner, count: int) -> float:
    started = clock(runner)
    for side in ("before", "after"):
        runner.digests(side, 1, 0, count)
    return clock(runner) - started


def clock(runner: Runner) -> float:
    """Processor time of the process: the clock id that clock_getcpuclockid(3) makes of its number."""
    return time.clock_gettime(~runner.process.pid << 3 | 2)


if __name__ == "__main__":
    sys.exit(main())
