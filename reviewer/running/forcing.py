# SPDX-License-Identifier: GPL-2.0-or-later
"""Lines that no scenario comes to: their condition is taken for true, and what they do must make no difference.

A defensive exit whose reason never arises in a valid state is exercised so: "this folio is not large, so a batch of
one" may be said of any folio. Where a difference shows nothing is learnt, since the condition was a lie, and the line
counts as not reached.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from oracle.entries import Entry
from oracle.runner import Runner, RunnerError
from reviewer.building.pair import build_forced
from reviewer.errors import SliceError
from reviewer.model import ChangedFunction
from reviewer.running.reached import lines, probes_of
from reviewer.running.tried import Ran, Tried

_MOST = 4  # lines of a function, each with a compile of its own
_HARMLESS = frozenset({"both", "opaque", "allowed"})
Force = Callable[[Ran, int, int, int], set[int]]


def forced(
    functions: Iterable[ChangedFunction], reached: Mapping[tuple[str, str], tuple[Entry, ...]],
    tried: Mapping[str, Tried], seed: int, count: int, force: Force,
) -> dict[str, Tried]:  # fmt: skip
    """The runs, with those probes added that were come to by force and made no difference. reached: the entries of each
    function, by name and file; count: scenarios for each condition, which are as many as its entry had, if those are
    more: that nothing comes of a line is said on no less; force: runs them, as harmless()."""
    found = dict(tried)
    for function in functions:
        names = [e.name for e in reached.get((function.name, function.file), ())]
        mine = [found[n] for n in names]
        missed = lines(function, [r for t in mine for r in t.ran], [s for t in mine for s in t.same]).missed
        for name in names if function.kind == "function" and missed else ():
            ran = tuple(
                _forced(one, function, missed, seed, max(count, one.result.scenarios), force) for one in found[name].ran
            )
            found[name] = replace(found[name], ran=ran)
    return found


def _forced(one: Ran, function: ChangedFunction, missed: Collection[int], seed: int, count: int, force: Force) -> Ran:
    at = probes_of(function, one.pair.after)
    gained = set(one.forced)
    for line in sorted(at.keys() & missed)[:_MOST]:
        if at[line] not in gained:
            gained |= force(one, at[line], seed, count)
    return replace(one, forced=frozenset(gained))


def harmless(one: Ran, probe: int, seed: int, count: int) -> set[int]:
    """The probes that are reached with the condition of this one taken for true, if nothing else comes of it."""
    try:
        program = build_forced(one.pair, probe)
        if program is None:
            return set()
        return set(come_to(program, seed, count) - one.result.after)
    except (RunnerError, SliceError):
        return set()


def come_to(program: Path, seed: int, count: int) -> frozenset[int]:
    """The probes after the patch that so many scenarios reach, none if they show a difference."""
    with Runner(program) as runner:
        hits = runner.campaign(seed, 0, count, thorough=True)
        reached = runner.coverage()[1]
    return frozenset() if any(h.relation not in _HARMLESS for h in hits) else reached
