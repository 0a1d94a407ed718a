# SPDX-License-Identifier: GPL-2.0-or-later
"""A tree's primitives behind numbers: sequences of operations go in, what can be observed after each comes out.

lab.h is the adapter that runs them on the tree's own code, lab.c the main program. Unlike a pair this is linked
without the sandbox: only trees that are on this machine anyway are built.
"""

from __future__ import annotations

import subprocess
from array import array
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from oracle.entries import Entry
from oracle.flavours import FLAVOURS
from reviewer.building.pair import slice_of
from reviewer.building.toolchain import compiler
from reviewer.model import Tree
from reviewer.slicing.world import ENTRIES, WORLD

HERE = Path(__file__).resolve().parent
(POKE, SET, GET_AND_CLEAR, CLEAR, WRPROTECT, CLEAR_AD, TEST_YOUNG, FLUSH_YOUNG, ACCESS, GET, LOCKLESS, HARDWARE,
 PROTECT, HINT, CLEAR_NONPRESENT, BATCH, SWAP_BATCH, FLUSH) = range(18)  # fmt: skip
ADD_RMAP, REMOVE_RMAP, DUP_ANON, DUP_FILE, SHARE, GET_REF, PUT_REF, RSS, SWAP_DUP, SWAP_FREE, BATCH_ALL = range(20, 31)
SLOTS = 48
PFN_BASE, PFN_SPECIAL = 0x40000, 0x20000
RESULTS, TABLE, ALL = range(3)
BBML2, KERNEL = 1, 2
_OF_PAIRS = {"main", "commands", "outcome", "campaign", "agree"}  # of the world's C: what two sides are for
_FLAGS = ("-O1", "-std=gnu11", "-fno-strict-aliasing", "-fno-strict-overflow", "-funsigned-char", "-fno-common",
          "-fno-delete-null-pointer-checks")  # fmt: skip
Operation = tuple[int, int, int, int, int, int]


class Seen(NamedTuple):
    """What came of one sequence: how it ended (0: it returned), mask of the rules broken, words as in lab.c."""

    ending: int
    violated: int
    words: memoryview


def make(tree: Tree, flavour: str, where: Path) -> Path:
    """Build the program of a tree and flavour in a folder."""
    known = Entry("folio_pte_batch", ("mm/util.c", "mm/internal.h"), str(HERE / "lab.h"))
    source = where / "slice.c"
    source.write_text(slice_of(tree, known, flavour).text, encoding="utf-8")
    defines = [f"-D{name}={value}" for name, value in FLAVOURS[flavour].defines]
    world = [s for s in sorted(WORLD.glob("*.c")) if s.stem not in _OF_PAIRS]
    side = [*_FLAGS, "-DW_SIDE=w_before", "-c", source, "-o", where / "side.o"]
    link = [
        *_FLAGS,
        *defines,
        "-Wl,--defsym=w_after=w_before",
        where / "side.o",
        *world,
        HERE / "lab.c",
        "-o",
        where / "lab",
    ]
    for arguments in (side, link):
        command = [compiler(), f"-I{WORLD}", f"-I{ENTRIES}", *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[:4000]
    return where / "lab"


class Lab:
    """One running laboratory; a context manager."""

    def __init__(self, program: Path) -> None:
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, at: TracebackType | None) -> None:
        self.process.kill()
        self.process.communicate()

    def run(self, sequences: Sequence[Sequence[Operation]], mode: int = TABLE, flags: int = 0) -> list[Seen]:
        """Run sequences, each from an empty table."""
        numbers = array("i")
        for operations in sequences:
            numbers.extend((len(operations), mode, flags))
            for operation in operations:
                numbers.extend(operation)
        return self.run_numbers(numbers, len(sequences))

    def run_numbers(self, numbers: array[int], count: int) -> list[Seen]:
        """The same for sequences that are numbers already."""
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(array("I", [len(numbers)]).tobytes() + numbers.tobytes())
        self.process.stdin.flush()
        seen = []
        for _ in range(count):
            head = array("Q", self.process.stdout.read(24))
            words = self.process.stdout.read(8 * head[2])
            seen.append(Seen(head[0], head[1], memoryview(words).cast("Q")))
        return seen
