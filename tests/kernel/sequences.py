# SPDX-License-Identifier: GPL-2.0-or-later
"""Random sequences of primitive operations on the reference and on the tree's own code, state compared after each.

A sequence is made while the reference runs it, since what may be called depends on the state; the tree's code is then
given the same operations. Blocks: two or three contpte blocks' worth of entries. All: also pages, rss, swap counts
and which translations are stale.
"""

from __future__ import annotations

import random
from array import array
from collections import Counter
from dataclasses import dataclass, field

from tests.kernel import lab
from tests.kernel.batches import memory
from tests.kernel.lab import Lab
from tests.kernel.machine import SHARED, Machine
from tests.kernel.maker import Maker


@dataclass
class Result:
    """sequences and operations compared, and the sequences that differ, with the operation and the words."""

    sequences: int = 0
    operations: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    differences: list[str] = field(default_factory=list)


def compare(lab_: Lab, version: str, flavour: str, seed: int, count: int, everything: bool, steps: int = 4) -> Result:
    """Run `count` random sequences of `steps` operations (after what maps something) on both."""
    result = Result()
    mode = lab.ALL if everything else lab.TABLE
    for start in range(0, count, 200):
        flags = (start // 200) % 4 if flavour != "x86-64" else 0
        made = []
        for n in range(start, min(start + 200, count)):
            kernel = bool(flags & lab.KERNEL) and n % 8 == 0
            machine = Machine(flavour, version, bool(flags & lab.BBML2), kernel, memory() if everything else SHARED)
            made.append(Maker(machine, random.Random(seed << 32 | n), everything))
            made[-1].make(steps)
        _check(lab_, made, mode, flags, result)
    return result


def _check(lab_: Lab, made: list[Maker], mode: int, flags: int, result: Result) -> None:
    numbers = array("i")
    for one in made:
        numbers.extend((len(one.operations), mode, flags & lab.BBML2 | (lab.KERNEL if one.machine.kernel else 0)))
        for operation in one.operations:
            numbers.extend(operation)
    for one, seen in zip(made, lab_.run_numbers(numbers, len(made)), strict=True):
        result.sequences += 1
        result.operations += len(one.operations)
        result.refused += one.refused
        if seen.ending or seen.words.tobytes() != one.words.tobytes():
            result.differences.append(explain(one, seen))


def explain(one: Maker, seen: lab.Seen) -> str:
    """The first operation after which the two differ, and where."""
    each = len(one.words) // len(one.operations)
    for i in range(len(one.operations)):
        wanted, got = one.words[i * each : (i + 1) * each], seen.words[i * each : (i + 1) * each].tolist()
        where = [n for n in range(each) if n >= len(got) or wanted[n] != got[n]]
        if where:
            shown = [f"word {n}: tree {got[n]:#x}, reference {wanted[n]:#x}" for n in where[:4] if n < len(got)]
            return f"{one.operations[: i + 1]} ending {seen.ending}: {'; '.join(shown)}"
    return f"{one.operations} ending {seen.ending}"
