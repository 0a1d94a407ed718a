# SPDX-License-Identifier: GPL-2.0-or-later
"""The reference against the real code: the walker and the unpatched function on the same scenarios.

python tests/kernel/walkers.py TREE[,TREE...] FLAVOUR[,...] ENTRY[,...]|all COUNT [--seed N] [--first N] [--show N]

Prints, for each, how many scenarios were compared; in how many the final state differs and nothing allows it; and in
how many it differs in an allowed way, by the name of that (oracle/explain/refine.py). Every scenario is compared twice:
as the code is, and with all its batches forced to one entry.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from oracle.entries import ENTRIES, Entry, entry
from oracle.explain import Row, Rows, judge, tells
from oracle.explain.calls import unfailing
from oracle.explain.tree import kernel_of
from oracle.flavours import FLAVOURS
from oracle.runner import Outcome, Runner
from reviewer.building.pair import build
from reviewer.model import Tree
from reviewer.trees.kernel import open_tree

SIDES = {"as it is": "before", "batch=1": "before-one"}
# What these do with a folio depends on whether one batch covers it: forced to one they are other functions.
_BY_LENGTH = (
    "madvise_free_pte_range", "madvise_cold_or_pageout_pte_range", "mlock_pte_range", "queue_folios_pte_range",
    "folio_referenced_one", "do_swap_page", "handle_pte_fault",
)  # fmt: skip

# Real properties of a kernel, each with its page in docs/kernel-findings.md.
PROTNONE, UNEVEN = "6.12 folds PROT_NONE entries", "a folio of folded and unfolded blocks is no one batch"
AGED = "folio_referenced() ages device-exclusive entries"
DROPPED = "collapse drops the dirty bits of shmem"


def known(name: str, flavour: str, version: str, row: Row, start: Rows) -> str:
    """What explains a row that differs and is not allowed, empty when nothing is known."""
    if name == "try_collapse_pte_mapped_thp" and row.label.startswith("folio "):
        return DROPPED if row.reference.replace(" dirty", "") == row.real and "shmem" in row.real else ""
    if FLAVOURS[flavour].cont_ptes == 1:
        return ""
    if name == "copy_pte_range" and version.startswith("6.12"):
        return PROTNONE if row.reference == row.real.replace("kernel-only", "protnone") else ""
    if name == "folio_referenced_one":
        lost = row.reference.startswith("device-exclusive") or row.label.startswith("result ")
        return AGED if lost and any(text.startswith("device-exclusive") for text in start.values()) else ""
    if name in _BY_LENGTH:
        folios = [label.removeprefix("folio ") for label in start if label.startswith("folio ")]
        if "PTE " in row.label or row.label.startswith("folio "):
            folios = [f for f in folios if row.reference.startswith(f"{f}[") or row.label == f"folio {f}"]
        return UNEVEN if any(_uneven(f, start) for f in folios) else ""
    return ""


def _uneven(folio: str, start: Rows) -> bool:
    """Whether some blocks of the folio are folded and some of its entries lie in none."""
    return {text.endswith(" cont") for text in start.values() if text.startswith(f"{folio}[")} == {False, True}


@dataclass
class Figures:
    """compared: scenarios by side; wrong: (side, index, rows); allowed: scenarios by (side, reason); known: the same
    for differences that are a property of the kernel."""

    compared: Counter[str] = field(default_factory=Counter)
    wrong: list[tuple[str, int, list[Row]]] = field(default_factory=list)
    allowed: Counter[tuple[str, str]] = field(default_factory=Counter)
    known: Counter[tuple[str, str]] = field(default_factory=Counter)


def compare_many(
    tree: Tree, version: str, what: Entry, flavour: str, count: int, seed: int = 1, first: int = 0
) -> Figures:
    """Run scenarios first..first+count of a seed both ways."""
    pair = build(tree, tree, what, flavour)
    kernel, figures = kernel_of(tree.read, FLAVOURS[flavour]), Figures()
    with Runner(pair.program) as runner:
        for index in range(first, first + count):
            scenario = unfailing(what.name, runner.scenario(seed, index))
            if not tells(what.name, scenario):
                continue
            outcome = runner.run(scenario, rows=True)
            for title, rows in sides(what, outcome).items():
                found = judge(what.name, scenario, kernel, rows)
                figures.compared[title] += 1
                figures.allowed.update({(title, row.why) for row in found if row.why})
                rest = [row for row in found if not row.why]
                reasons = {known(what.name, flavour, version, row, outcome.start) for row in rest}
                figures.known.update((title, reason) for reason in reasons if reason)
                if "" in reasons:
                    figures.wrong.append((title, index, found))
    return figures


def sides(what: Entry, outcome: Outcome) -> dict[str, dict[str, str]]:
    """The rows to compare, by what ran. A run that did not return is a row that differs."""
    wanted = {t: s for t, s in SIDES.items() if s == "before" or what.name not in _BY_LENGTH}
    return {title: outcome.sides[side].rows for title, side in wanted.items()}


def version_of(kernel: str) -> str:
    """ "linux 6.12.107" -> "6.12"."""
    return ".".join(kernel.removeprefix("linux ").split(".")[:2])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("trees")
    parser.add_argument("flavours")
    parser.add_argument("entries")
    parser.add_argument("count", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--show", type=int, default=1, help="how many differing scenarios to print of each")
    args = parser.parse_args()
    bad = 0
    for path in args.trees.split(","):
        with open_tree(path) as kernel:
            tree = kernel.at(kernel.head)
            for name in (
                sorted(e.name for e in ENTRIES if e.reference) if args.entries == "all" else args.entries.split(",")
            ):
                for flavour in args.flavours.split(","):
                    bad += _one(kernel.name, tree, name, flavour, args)
    return 1 if bad else 0


def _one(kernel: str, tree: Tree, name: str, flavour: str, args: argparse.Namespace) -> int:
    what = entry(name)
    assert what is not None, f"no entry {name}"
    started = time.monotonic()
    figures = compare_many(tree, version_of(kernel), what, flavour, args.count, args.seed, args.first)
    for title, count in figures.compared.items():
        wrong = [(i, rows) for t, i, rows in figures.wrong if t == title]
        allowed = ", ".join(f"{why} {n}" for (t, why), n in sorted(figures.allowed.items()) if t == title) or "none"
        for reason, n in sorted((why, n) for (t, why), n in figures.known.items() if t == title):
            allowed += f"; known: {reason} {n}"
        rate = count / (time.monotonic() - started)
        print(f"{kernel} {flavour} {name}, {title}: {count} compared, {len(wrong)} differ; allowed: {allowed}"
              f" ({rate:,.0f}/s)")  # fmt: skip
        for index, rows in wrong[: args.show]:
            print(f"  scenario {index} of seed {args.seed}")
            for row in rows:
                print(f"    {row.label:14} reference {row.reference!r}, real {row.real!r} {row.why}")
    return len(figures.wrong)


if __name__ == "__main__":
    sys.exit(main())
