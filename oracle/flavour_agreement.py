# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether flavours with pages of one size agree on what a function does, before a patch and after it.

Each flavour runs the same scenarios; the runner cuts them down to what all of them can represent and answers with
digests of the logical state (world/agree.c). Where they agreed before a patch and do not after, the flavour whose own
state changed is the odd one. A flavour that only does what is harmless (a write bit less) is at no fault: it has to
differ from its own state before the patch by the name of the aspect, too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from oracle.runner import RefusedError, Runner
from oracle.wire import Scenario, Slot, mask, names

_CONT = mask("SLOT_BITS", "CONT")
_SOME = 16


@dataclass(frozen=True)
class Disagreement:
    """odd: which flavours changed at the patch, empty when they disagreed before it too. aspects: differences that
    tell the states apart. count: scenarios, of which `some` are the first ones."""

    odd: tuple[str, ...]
    aspects: tuple[str, ...]
    count: int
    some: tuple[int, ...]


def compare(runners: Mapping[str, Runner], seed: int, count: int) -> list[Disagreement]:
    """Every way in which two flavours disagree over scenarios 0 to count, the most frequent first."""
    after = [runner.digests("after", seed, 0, count) for runner in runners.values()]
    differing = [index for index in sorted(after[0].keys() & after[1].keys()) if after[0][index] != after[1][index]]
    if not differing:
        return []
    before = [runner.digests("before", seed, 0, count) for runner in runners.values()]
    found: dict[tuple[tuple[str, ...], tuple[str, ...]], list[int]] = {}
    for index in differing:
        was, now = ([side.get(index) for side in sides] for sides in (before, after))
        if None not in was:
            odd = tuple(f for f, a, b in zip(runners, was, now, strict=True) if was[0] == was[1] and a != b)
            found.setdefault((odd, _aspects(now[0], now[1])), []).append(index)
    told = [Disagreement(odd, aspects, len(at), tuple(at[:_SOME])) for (odd, aspects), at in found.items()]
    return sorted(told, key=lambda d: -d.count)


def _aspects(a: tuple[int, ...] | None, b: tuple[int, ...] | None) -> tuple[str, ...]:
    return tuple(n for n, x, y in zip(names("ASPECTS"), a or (), b or (), strict=True) if x != y)


def guilty(runners: Mapping[str, Runner], what: Scenario) -> dict[str, tuple[str, ...]]:
    """The flavours that are odd on one scenario, each with the aspects in which its own state differs at the patch;
    empty where the flavours agree, where they disagreed before, and where the scenario is impossible."""
    fitted = dict.fromkeys(runners, what)
    digests: dict[tuple[str, str], tuple[int, ...]] = {}
    for flavour, runner in runners.items():
        for side in ("before", "after"):
            try:
                digest = runner.digest(side, fitted[flavour])
            except RefusedError:
                fitted[flavour] = without_blocks(what)
                digest = _digest(runner, side, fitted[flavour])
            if digest is None:
                return {}
            digests[flavour, side] = digest
    (a, b) = runners
    if digests[a, "before"] != digests[b, "before"]:
        return {}
    aspects = set(_aspects(digests[a, "after"], digests[b, "after"]))
    odd = [f for f in runners if aspects and digests[f, "before"] != digests[f, "after"]]
    own = {f: {name for name, _ in runners[f].run(fitted[f]).codes["pair"]} for f in odd}
    return {f: tuple(n for n in names("ASPECTS") if n in aspects & own[f]) for f in odd if aspects & own[f]}


def _digest(runner: Runner, side: str, what: Scenario) -> tuple[int, ...] | None:
    try:
        return runner.digest(side, what)
    except RefusedError:
        return None


def without_blocks(what: Scenario) -> Scenario:
    """The scenario for a flavour without contpte blocks."""
    return what.change(slots=tuple(Slot(s.kind, s.bits & ~_CONT, s.folio, s.index) for s in what.slots))


def shows(runners: Mapping[str, Runner], flavour: str, aspect: str) -> Callable[[Scenario], bool]:
    """What the shrinker keeps: that flavour is odd in that aspect."""
    return lambda what: aspect in guilty(runners, what).get(flavour, ())
