"""Do x86-64 and arm64-4k agree on the logical state that unpatched entries leave? Prints what they differ in.

python tests/kernel/agreement.py TREE[,TREE...] ENTRY[,...] COUNT [--seed N]
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from oracle.agree import compare
from oracle.entries import entry
from oracle.flavours import DEFAULT
from oracle.runner import Runner
from reviewer.kernel import open_tree
from reviewer.pair import build


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
            for name in args.entries.split(","):
                known = entry(name)
                assert known is not None, f"no entry {name}"
                a, b = (build(tree, tree, known, flavour).program for flavour in DEFAULT)
                with Runner(a, timeout=600) as first, Runner(b, timeout=600) as second:
                    found = compare(dict(zip(DEFAULT, (first, second), strict=True)), args.seed, args.count)
                print(f"== {kernel.name} {name}: {'agree' if not found else ''}")
                for one in found:
                    print(f"   {', '.join(one.aspects)}: {one.count} scenarios, first {one.first}")
                bad += len(found)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
