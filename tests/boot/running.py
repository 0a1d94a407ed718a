# SPDX-License-Identifier: GPL-2.0-or-later
"""The simulated machine against a running kernel: random scenarios of unpatched functions on both.

python tests/boot/running.py TREE SOURCE FLAVOUR ENTRY[,...]|all COUNT [--seed N] [--keep DIR] [--show N]

TREE is what the functions are sliced from, SOURCE a whole source of the same version, which is built and booted. Of
each entry COUNT scenarios that system calls lead to are run in one boot; what pagemap, page flags, counts and memory
show afterwards has to be what the simulated run left (young and hardware's dirty bits apart). Prints for each entry how
many were tried, reached, and differ, and why the others have no program.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from oracle.entries import ENTRIES, Entry, entry
from oracle.explain.calls import unfailing
from oracle.runner import Runner
from oracle.wire import names
from reviewer.booting.cpio import initramfs
from reviewer.booting.kernel import build as build_kernel
from reviewer.booting.machine import boot
from reviewer.booting.program import compiled
from reviewer.booting.tap import heard
from reviewer.booting.targets import target
from reviewer.building.pair import build
from reviewer.model import Tree
from reviewer.reproducing.case import asked_of
from reviewer.reproducing.consequences import tests_of
from reviewer.reproducing.many import Scene, program_of_many
from reviewer.reproducing.model import CannotError
from reviewer.trees.kernel import open_tree

CALLED = tuple(sorted((e for e in ENTRIES if e.system), key=lambda e: e.name))
_MOST_TRIED = 60  # scenarios looked at for each one that has a program
_LARGEST = 64  # entries that are there: what has more says no more, and takes long
_NONE = names("SLOT_KINDS").index("NONE")


@dataclass
class Figures:
    """Of one entry: scenes by what came of them, and the reasons of scenarios without a program."""

    came: Counter[str] = field(default_factory=Counter)
    cannot: Counter[str] = field(default_factory=Counter)
    wrong: list[tuple[str, list[str]]] = field(default_factory=list)


def scenes(tree: Tree, what: Entry, flavour: str, count: int, seed: int, figures: Figures) -> Iterator[Scene]:
    """Scenarios of an entry that system calls lead to, with what the simulated run left."""
    name, found = what.name, 0
    with Runner(build(tree, tree, what, flavour).program) as runner:
        for index in range(count * _MOST_TRIED):
            scenario = unfailing(name, runner.scenario(seed, index))
            if found == count:
                return
            if sum(slot.kind != _NONE for slot in scenario.slots) > _LARGEST:
                continue
            try:
                side = runner.run(scenario, rows=True).sides["before"]
                if side.violated:  # docs/kernel-findings.md: what both machines then do is no comparison
                    figures.cannot["a fault of the tree"] += 1
                    continue
                rows = side.rows
                asked = asked_of(name, scenario, flavour, (rows, rows), "X1")
                tests = tests_of(asked)
            except CannotError as error:
                figures.cannot[f"{error.kind}: {error.sentence}"] += 1
                continue
            if rows.get("!ending", "returned") != "returned" or not tests:
                figures.cannot["nothing to see"] += 1
                continue
            found += 1
            yield Scene(f"{name}-{flavour}-{seed}-{index}", asked)


def counted(console: str, figures: dict[str, Figures]) -> None:
    """Count what each scene came to."""
    said = re.split(r"^# scene (\S+)\s*$", console, flags=re.MULTILINE)[1:]
    for title, text in zip(said[::2], said[1::2], strict=False):
        mine = figures[title.split("-")[0]]
        if "# state reached" not in text and "not ok" not in text:
            mine.came["not run"] += 1
            continue
        bad = [r.name for r in heard("TAP version 13\n" + text).results if not r.good]
        state = [name for name in bad if name.startswith("state")]
        mine.came["state not reached" if state else "differs" if bad else "agrees"] += 1
        if bad:
            mine.wrong.append((title, state or bad))


def both_machines(
    trees: str, source: Path, flavour: str, entries: Iterable[Entry], count: int, seed: int, keep: Path | None = None
) -> dict[str, Figures]:
    """Run so many scenarios of each entry that this kernel has on both machines. keep: a folder for program and
    console."""
    with open_tree(trees) as kernel:
        version = kernel.name.removeprefix("linux ").rsplit(".", 1)[0]
        tree = kernel.at(kernel.head)
        known = [what for what in entries if what.known_to(version)]
        figures = {what.name: Figures() for what in known}
        found = [s for what in known for s in scenes(tree, what, flavour, count, seed, figures[what.name])]
    program = program_of_many("both-machines", found)
    if keep:
        keep.mkdir(parents=True, exist_ok=True)
        for name, text in (("main.c", program.source), *program.headers):
            (keep / name).write_text(text, "utf-8")
    aim = target(flavour)
    archive = initramfs(compiled(program, aim))
    image = build_kernel(source, {}, flavour, program.needs, lambda what: print(what, file=sys.stderr))
    run = boot(image.image, archive, aim, program.needs, lambda _: None)
    if keep:
        (keep / "console").write_text(run.console, "utf-8")
    counted(run.console, figures)
    return figures


def told(figures: dict[str, Figures], show: int) -> None:
    """Print it. show: how many scenes that differ of each entry."""
    for name, mine in figures.items():
        print(f"{name}: {dict(mine.came)}")
        for title, bad in sorted(mine.wrong, key=lambda item: item[1][0].startswith("state"))[:show]:
            print(f"  {title}")
            for line in bad[:6]:
                print(f"    not so: {line}")
        for why, n in mine.cannot.most_common(4):
            print(f"  {n} without a program: {why}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tree")
    parser.add_argument("source", type=Path)
    parser.add_argument("flavour")
    parser.add_argument("entries")
    parser.add_argument("count", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=4, help="how many differing scenes to print of each")
    parser.add_argument("--keep", type=Path, help="leave program and console there")
    args = parser.parse_args()
    names = [e.name for e in CALLED] if args.entries == "all" else args.entries.split(",")
    chosen = [what for name in names if (what := entry(name))]
    if len(chosen) < len(names):
        parser.error(f"not all of them are entries: {args.entries}")
    figures = both_machines(args.tree, args.source, args.flavour, chosen, args.count, args.seed, args.keep)
    told(figures, args.show)
    return 1 if any(f.came["differs"] for f in figures.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
