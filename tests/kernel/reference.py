# SPDX-License-Identifier: GPL-2.0-or-later
"""The reference against real trees, in any number; prints what was compared and what differs.

python tests/kernel/reference.py batches|contpte|world TREE[,TREE...] [--flavour NAME] [--count N] [--seed N] [--bits N]

batches: every table of up to six entries over --bits states of a page (at most 9), three that end a batch, and nine
swap states. contpte, world: --count random sequences.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from reviewer.trees.kernel import open_tree
from tests.kernel import batches, sequences
from tests.kernel.lab import Lab, make


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("batches", "contpte", "world"))
    parser.add_argument("trees")
    parser.add_argument("--flavour", choices=("x86-64", "arm64-4k"), action="append")
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--bits", type=int, default=4)
    args = parser.parse_args()
    flavours = args.flavour or (["arm64-4k"] if args.what == "contpte" else ["x86-64", "arm64-4k"])
    bad = 0
    for path in args.trees.split(","):
        with open_tree(path) as kernel:
            version = kernel.name.removeprefix("linux ").rsplit(".", 1)[0]
            for flavour in flavours:
                with tempfile.TemporaryDirectory() as where:
                    program = make(kernel.at(kernel.head), flavour, Path(where))
                    with Lab(program) as lab:
                        bad += _one(lab, version, flavour, args)
    return 1 if bad else 0


def _one(lab: Lab, version: str, flavour: str, args: argparse.Namespace) -> int:
    started = time.monotonic()
    if args.what == "batches":
        folio = batches.compare_folio(lab, version, flavour, args.bits)
        swap = batches.compare_swap(lab, version, flavour)
        said = (f"{folio.tables:,} tables and {folio.calls:,} calls of folio batches, "
                f"{swap.tables:,} tables of swap batches")  # fmt: skip
        differences = [*folio.differences, *swap.differences]
    else:
        done = sequences.compare(lab, version, flavour, args.seed, args.count, args.what == "world")
        said = f"{done.sequences:,} sequences, {done.operations:,} operations, refused {dict(done.refused)}"
        differences = sorted(done.differences, key=len)
    print(
        f"{version} {flavour} {args.what}: {said}, {len(differences)} differences, {time.monotonic() - started:.0f} s"
    )
    for one in differences[:5]:
        print(f"   {one}")
    return len(differences)


if __name__ == "__main__":
    sys.exit(main())
