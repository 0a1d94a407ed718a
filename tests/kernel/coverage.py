# SPDX-License-Identifier: GPL-2.0-or-later
"""Lines of the functions that batch which no scenario runs, over all entries that have an adapter.

python tests/kernel/coverage.py TREE[,TREE...] [--count N] [--only ENTRY,...] [--seed N]

A row for each function in mm/ and in contpte code: how many of its lines with code ran, on x86-64 and arm64-4k
together, and the numbers of the others. docs/coverage.md says why they do not.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from oracle.entries import ENTRIES
from oracle.flavours import DEFAULT
from reviewer.changes.touching import touching
from reviewer.model import Tree
from reviewer.selection.trial import Trial, attempt
from reviewer.trees.kernel import open_tree

ENOUGH = 0.85


def trials(tree: Tree, only: Sequence[str], count: int, seed: int) -> list[Trial]:
    """Each entry of the choice on each flavour that is always run, against itself."""
    return [
        attempt(tree, entry, flavour, seed, count)
        for entry in ENTRIES
        if not only or entry.name in only
        for flavour in DEFAULT
        if not entry.flavours or flavour in entry.flavours
    ]


def missed(tree: Tree, ran: Sequence[Trial]) -> Iterator[tuple[str, str, int, list[int]]]:
    """(function, file, lines with code, those not run) of each function that batches and is reached."""
    for function in touching(tree):
        if not function.batches or function.file.startswith(("include/", "arch/arm64/include/")):
            continue
        at = [t.lines(function.name, function.file) for t in ran]
        lines, covered = (set().union(*(pair[side] for pair in at)) for side in (0, 1))
        if covered:
            yield function.name, function.file, len(lines), sorted(lines - covered)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("trees")
    parser.add_argument("--count", type=int, default=50_000)
    parser.add_argument("--only", default="")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    short = 0
    for path in args.trees.split(","):
        with open_tree(path) as kernel:
            tree = kernel.at(kernel.head)
            print(f"| {kernel.name} | file | lines run | not run |\n|---|---|---|---|")
            ran = trials(tree, [n for n in args.only.split(",") if n], args.count, args.seed)
            for name, file, lines, left in missed(tree, ran):
                short += (lines - len(left)) / lines < ENOUGH
                print(f"| {name} | {file} | {lines - len(left)} of {lines} | {_ranges(left)} |", flush=True)
    return 1 if short else 0


def _ranges(lines: Sequence[int]) -> str:
    """Line numbers, those of a row together: 3, 7-9."""
    found: list[list[int]] = []
    for line in lines:
        if found and line == found[-1][1] + 1:
            found[-1][1] = line
        else:
            found.append([line, line])
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in found)


if __name__ == "__main__":
    sys.exit(main())
