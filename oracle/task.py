# SPDX-License-Identifier: GPL-2.0-or-later
"""What a campaign is to run, and what it met: kinds of hits, each with some scenarios that show it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from oracle.exhaustive import Calls
from oracle.reference.walkers.kernel import Kernel
from oracle.runner import Hit
from oracle.spending import Asked
from oracle.wire import Scenario
from oracle.workloads import Workload

_ENDLESS = 50  # runs to the end of their step budget
_SOME = 16  # scenarios of a kind of hit that are looked at


@dataclass(frozen=True)
class Targets:
    """Probes after the patch that are to be reached; near: all those of the functions they are in, or more. asked: what
    is claimed of rests on these, as in oracle/spending.py."""

    wanted: frozenset[int] = frozenset()
    near: range = range(0)
    asked: Asked = ()


@dataclass(frozen=True)
class Task:
    """What to run: count scenarios of a seed, from first on. kernel: which the reference is asked of. wanted: which
    rules count. tainted: some function is a stub on one side only, so that calls to stubs cannot be compared. calls:
    options to try small tables with. promised: the patch says that it changes no behaviour. smallest: whether a fault's
    scenario is shrunk. targets: what is to be reached, if it can be. work: what cost is counted on; chance hardly makes
    such scenarios, as with long batches, so they are asked the rules as well."""

    program: Path
    entry: str
    kernel: Kernel
    seed: int
    count: int
    wanted: Callable[[str], bool] = lambda _: True
    tainted: bool = False
    calls: Calls = ()
    promised: bool = False
    smallest: bool = True
    targets: Targets = Targets()
    work: tuple[Workload, ...] = ()
    first: int = 0


class Met:
    """The kinds of hits that a campaign met, how often each, and some scenarios that show it, the first one first."""

    def __init__(self) -> None:
        self.hits: dict[tuple[str, str], Hit] = {}
        self.some: dict[tuple[str, str], list[Scenario]] = {}

    def add(self, hits: list[Hit], scenario: Callable[[int], Scenario]) -> None:
        """Count hits; scenario: of a hit by its number."""
        for hit in hits:
            key = (hit.relation, hit.what)
            known = self.hits.get(key)
            some = self.some.setdefault(key, [])
            some += map(scenario, hit.some[: _SOME - len(some)])
            numbers, more = (known.some, known.count) if known else (hit.some, 0)
            self.hits[key] = Hit(*key, more + hit.count, numbers)

    def runs_away(self) -> bool:
        """Whether code that does not end took its time from so many scenarios that more would take too long."""
        return any(hit.what == "X3" and hit.count >= _ENDLESS for hit in self.hits.values())


def timely(hits: dict[tuple[str, str], Hit]) -> list[Hit]:
    """The hits without accidents of timing: hardware that works on meanwhile (B10) meets the two sides at different
    moments, so what it shows of both, though in different scenarios, is neither's doing alone."""
    known = {r for r in ("introduced", "both", "fixed") if (r, "B10") in hits}
    one_sided = {("introduced", "B10"), ("fixed", "B10")} if len(known) > 1 else set()
    return [h for key, h in hits.items() if key not in one_sided]
