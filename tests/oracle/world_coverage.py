# SPDX-License-Identifier: GPL-2.0-or-later
"""How much of our own C the self-tests of test_world.py run: lines and branches, by gcov.

python tests/oracle/world_coverage.py [FILES]

The world is built with --coverage in place of the sanitizers, for each entry and flavour of EXERCISED, and is asked
all that test_world.py asks. Prints the figures of all files together; with FILES, those of each file, least covered
first. What oracle/world/ has for slices alone (k_*.h) is not counted: what runs of it depends on the kernel's code.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from test_world import EXERCISED, SOURCES, asked_everything, cc, defines, sides_of

from reviewer.resources import folder
from reviewer.slicing.world import WORLD
from reviewer.trees.kernel import open_tree

_HOW = ("-O0", "-g", "-DW_SELFTEST")
# The world leaves by the system call, behind the back of what counts.
_LEAVE = """void __gcov_dump(void);
void __real_w_leave(void);
void __wrap_w_leave(void) { __gcov_dump(); __real_w_leave(); }
"""


@dataclass
class Counts:
    """Of one file: line -> runs; line -> times that each of its branches was taken."""

    lines: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    branches: dict[int, list[int]] = field(default_factory=dict)

    def add(self, line: dict[str, Any]) -> None:
        """One line of one run: what no flavour shares has its own count of branches."""
        number, taken = line["line_number"], [branch["count"] for branch in line["branches"]]
        self.lines[number] += line["count"]
        known = self.branches.setdefault(number, [])
        known += [0] * (len(taken) - len(known))
        for at, count in enumerate(taken):
            known[at] += count

    def figures(self) -> tuple[int, int, int, int]:
        """Lines that ran, lines, branches that were taken, branches."""
        taken = [count for counts in self.branches.values() for count in counts]
        return sum(map(bool, self.lines.values())), len(self.lines), sum(map(bool, taken)), len(taken)


def measured() -> dict[str, Counts]:
    """The counts of each file of the world, over all that is exercised."""
    found: dict[str, Counts] = defaultdict(Counts)
    with tempfile.TemporaryDirectory() as work:
        worlds = {flavour: _world(flavour, Path(work)) for flavour in dict.fromkeys(f for _, f in EXERCISED)}
        for name, flavour in EXERCISED:
            _run(name, flavour, worlds[flavour])
        for objects in worlds.values():
            for line, file in _lines(objects):
                found[file].add(line)
    return found


def _world(flavour: str, work: Path) -> list[Path]:
    """Its objects, each of which counts for itself."""
    place = work / flavour
    place.mkdir()
    objects = [place / f"{source.stem}.o" for source in SOURCES]
    how = (*_HOW, "--coverage", *defines(flavour), "-c")
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda source, made: cc(*how, source, "-o", made), SOURCES, objects))
    return objects


def _run(name: str, flavour: str, world: list[Path]) -> None:
    where = world[0].parent / name
    where.mkdir()
    with open_tree(folder("corpus") / "tree") as kernel:
        sides = sides_of(kernel.at(kernel.head), name, flavour, where, _HOW)
    (where / "leave.c").write_text(_LEAVE, encoding="utf-8")
    cc("--coverage", *sides, *world, where / "leave.c", "-Wl,--wrap=w_leave", "-o", where / "pair")
    asked_everything(where / "pair")


def _lines(objects: list[Path]) -> Iterator[tuple[dict[str, Any], str]]:
    """What gcov says of each line of the world's files, with the file's name."""
    counted = [made.with_suffix(".gcda") for made in objects if made.with_suffix(".gcda").exists()]
    command = ["gcov", "--json-format", "--stdout", "--branch-probabilities", *map(str, counted)]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    for text in filter(None, told.splitlines()):
        for file in json.loads(text)["files"]:
            if Path(file["file"]).parent == WORLD:
                yield from ((line, Path(file["file"]).name) for line in file["lines"])


def _told(name: str, ran: int, lines: int, taken: int, branches: int) -> str:
    return (
        f"{name}: {ran / max(lines, 1):.1%} of {lines:,} lines, {taken / max(branches, 1):.1%} of {branches:,} branches"
    )


def main() -> int:
    figures = {name: counts.figures() for name, counts in measured().items()}
    if sys.argv[1:]:
        for name, of in sorted(figures.items(), key=lambda one: one[1][0] / max(one[1][1], 1)):
            print(_told(name, *of))
    ran, lines, taken, branches = (sum(column) for column in zip(*figures.values(), strict=True))
    print(_told("C of the world", ran, lines, taken, branches))
    return 0


if __name__ == "__main__":
    sys.exit(main())
