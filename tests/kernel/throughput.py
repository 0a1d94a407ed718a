"""Benchmark: pairs of runs (before and after) a second on one core, for one entry.

    python tests/kernel/throughput.py TREE [ENTRY] [--flavour NAME] [--count N]

A benchmark, not a test: the machine decides the figure. "with forced runs" is the ordinary campaign, in which every
eighth scenario is also run with all batches forced to one PTE.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from oracle.entries import entry
from oracle.flavours import DEFAULT, FLAVOURS
from oracle.runner import Runner
from reviewer.kernel import open_tree
from reviewer.pair import build

_ROUNDS = 5


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tree")
    parser.add_argument("entry", nargs="?", default="move_ptes")
    parser.add_argument("--flavour", choices=sorted(FLAVOURS), action="append")
    parser.add_argument("--count", type=int, default=400_000)
    args = parser.parse_args()
    known = entry(args.entry)
    if known is None:
        parser.error(f"no entry {args.entry}")
    with open_tree(args.tree) as kernel:
        tree = kernel.at(kernel.head)
        for flavour in args.flavour or DEFAULT:
            pair = build(tree, tree, known, flavour)
            with Runner(pair.program, timeout=600) as runner:
                best = max(_rate(runner, n, args.count) for n in range(_ROUNDS))
            print(f"{kernel.name} {flavour} {args.entry}: {best:,.0f} pairs/s, best of {_ROUNDS} x {args.count:,}")
    return 0


def _rate(runner: Runner, seed: int, count: int) -> float:
    started = time.perf_counter()
    runner.campaign(seed, 0, count)
    return count / (time.perf_counter() - started)


if __name__ == "__main__":
    sys.exit(main())
