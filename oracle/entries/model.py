# SPDX-License-Identifier: GPL-2.0-or-later
"""What is said of an entry: one row for the slicer, the runner, the reference, the judgement and cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

# The option of entries that say themselves which call fails; of the others the scenario says it (Scenario.fails).
OWN_FAILING = "failing call"
# Ends of what results are called: of one whose value tells nobody anything, of one with a bit for each folio.
DIGEST, FOLIOS = "*", "#"
# Ends of differences that mean something else where batches have no part in them.
PLAIN = " without batches"

Allowed = Literal["around", "kept", "dirty-of-its-batch"]


@dataclass(frozen=True)
class Reference:
    """How the reference is asked what an entry has to leave.

    call: calls the walker on a scenario, as the adapter calls the entry; "module:function" of oracle/explain/.
    untold: tells the scenarios that the reference has no word on, in its docstring why; the same.
    told: on how many of a hundred scenarios it has one at least.
    unsaid: rows that it does not compute.
    done: what the call returns when it did its work, where it is not said why it did not.
    allows: differences that are right in this entry only, by their names in oracle/explain/refine.py; of others the
    family of its adapter says that they are."""

    call: str
    untold: str = ""
    told: int = 90
    unsaid: tuple[str, ...] = ()
    done: int | None = None
    allows: tuple[Allowed, ...] = ()


@dataclass(frozen=True)
class Entry:
    """A kernel function that can be called on a scenario. Only the first three have to be said of each.

    name: the kernel function.
    files: where it may lie, newest kernel first; then those of which it is to exercise functions as well.
    adapter: file beside this one.
    options: names of the scenario's options by number, for people.
    reference: None where there is no walker.
    flavours: empty for all.
    since, until: of the kernels that are tested the first that has it, and the first that has it no more; "" for all.
    own: names of the world for which the tree's own code is run.
    beyond: names of the world that stay even where a patch changes what the tree's code of them leads to: what lies
    beyond is for other entries.

    measured: whether cost is compared (not for the primitives themselves).
    part: what a call is to the user where it works on a part of the range: cost is that of all calls that it takes.
    weight: how many times dearer than others a scenario is.
    calls: the options with which all small tables are tried, those that are not named 0; none: they are not.

    destination: from which slot entries are counted in the second pair of tables, where the first entry of the range
    goes to, as the adapter has it in W.dst_first; "module:function" of oracle/explain/.
    results: what the numbers that its adapter hands back are (W.facts.out), in order.
    system: the system call that comes to it on a running kernel, a word of reviewer/reproducing/calls.py and what that
    is given; empty where none is known.
    breaks: the rule that a difference (oracle/differences.py) breaks in this function, where it is another there."""

    name: str
    files: tuple[str, ...]
    adapter: str
    options: tuple[str, ...] = ()
    reference: Reference | None = None
    flavours: tuple[str, ...] = ()
    since: str = ""
    until: str = ""
    own: tuple[str, ...] = ()
    beyond: tuple[str, ...] = ()
    measured: bool = True
    part: Literal["", "fault", "walk", "call"] = ""
    weight: int = 1
    calls: tuple[tuple[int, ...], ...] = ((),)
    destination: str = "state:first_slot"
    results: tuple[str, ...] = ()
    system: str = ""
    breaks: Mapping[str, str] = field(default_factory=dict, hash=False)

    def known_to(self, kernel: str) -> bool:
        """Whether a kernel of this version ("6.12") is said to have it."""
        first, gone = _number(self.since), _number(self.until)
        return first <= _number(kernel) and not (gone and gone <= _number(kernel))


def _number(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split("."))) if version else ()
