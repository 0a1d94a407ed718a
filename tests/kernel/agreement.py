# SPDX-License-Identifier: GPL-2.0-or-later
"""Do x86-64 and arm64-4k agree on the logical state that unpatched entries leave? Prints what they differ in.

python tests/kernel/agreement.py TREE[,TREE...] ENTRY[,...]|all COUNT [--seed N]
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from oracle.entries import ENTRIES, Entry, entry
from oracle.flavour_agreement import Disagreement, compare
from oracle.flavours import DEFAULT
from oracle.runner import Runner
from reviewer.building.pair import build
from reviewer.errors import SliceError
from reviewer.model import Tree
from reviewer.trees.kernel import open_tree


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("trees")
    parser.add_argument("entries")
    parser.add_argument("count", type=int)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    bad = 0
    for path in args.trees.split(","):
        with open_tree(path) as kernel:
            tree = kernel.at(kernel.head)
            for known in _chosen(args.entries):
                try:
                    found = _compared(tree, known, args.seed, args.count)
                except SliceError as error:
                    print(f"== {kernel.name} {known.name}: {error}")
                    continue
                print(f"== {kernel.name} {known.name}: {'agree' if not found else ''}", flush=True)
                for one in found:
                    print(f"   {', '.join(one.aspects)}: {one.count} scenarios, first {one.some[0]}")
                bad += len(found)
    return 1 if bad else 0


def _chosen(names: str) -> list[Entry]:
    """Those of the names, or all that both flavours have."""
    if names == "all":
        return [e for e in ENTRIES if not e.flavours or set(DEFAULT) <= set(e.flavours)]
    chosen = [entry(name) for name in names.split(",")]
    assert None not in chosen, names
    return [e for e in chosen if e is not None]


def _compared(tree: Tree, known: Entry, seed: int, count: int) -> list[Disagreement]:
    a, b = (build(tree, tree, known, flavour).program for flavour in DEFAULT)
    with Runner(a, timeout=600) as first, Runner(b, timeout=600) as second:
        return compare(dict(zip(DEFAULT, (first, second), strict=True)), seed, count)


if __name__ == "__main__":
    sys.exit(main())
