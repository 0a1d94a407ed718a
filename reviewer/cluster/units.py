# SPDX-License-Identifier: GPL-2.0-or-later
"""What is sent to a worker and what comes back: plain frozen data, no tree, no path, no code but that of the slices.

A pair's scenarios are cut into rounds of fixed numbers, so that what is run depends on the seeds and the budget alone,
never on who runs it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from oracle.campaign import Result
from oracle.entries import Entry
from oracle.reference.walkers.kernel import Kernel
from reviewer.findings.agreement import Odd
from reviewer.slicing.apart import Apart

ROUND = 1_000_000  # scenarios
Code = tuple[str, str]  # the slices before and after


@dataclass(frozen=True)
class Round:
    """Scenarios of a pair, count of a seed from first on. proof: what is compiled to see whether both sides are the
    same code; None where they cannot be. leads: the first round, in which that is asked, small tables are tried, and
    cost is measured. The others are as in oracle.task.Task; only and ignore as in the settings."""

    code: Code
    proof: Apart | None
    entry: Entry
    flavour: str
    kernel: Kernel
    seed: int
    first: int
    count: int
    leads: bool
    tainted: bool
    promised: bool
    smallest: bool
    only: frozenset[str]
    ignore: frozenset[str]
    wanted: frozenset[int]
    near: tuple[int, int]
    asked: tuple[tuple[frozenset[int], bool], ...]


@dataclass(frozen=True)
class Agreement:
    """Two flavours to be compared. kernels: of those that the patch changes."""

    entry: Entry
    codes: tuple[tuple[str, Code], ...]
    seed: int
    kernels: tuple[tuple[str, Kernel], ...]


@dataclass(frozen=True)
class Forcing:
    """A pair with a condition of its patched side taken for true."""

    entry: Entry
    code: Code
    flavour: str
    seed: int
    count: int


Unit = Round | Agreement | Forcing


@dataclass(frozen=True)
class Proof:
    """Both sides are the same code; whether in a kernel, too (identity.steady()), and of which probes there is code."""

    steady: bool
    before: frozenset[int]
    after: frozenset[int]


@dataclass(frozen=True)
class CountedUnit:
    """What a workload cost before and after: its number, and that of its guise. The scenarios themselves, which are
    large, are those of oracle.workloads on either side."""

    load: int
    guise: int
    before: Mapping[str, int]
    after: Mapping[str, int]


@dataclass(frozen=True)
class Answer:
    """What came of a unit. why: it was not run, for this reason; again: which another worker may not meet; compiles:
    its code does. Then what it was asked for, be it a round, the agreement of flavours or a condition."""

    why: str = ""
    again: bool = False
    compiles: bool = True
    proof: Proof | None = None
    result: Result | None = None
    rows: tuple[CountedUnit, ...] = ()
    odd: Odd = ()
    probes: frozenset[int] = field(default=frozenset())
