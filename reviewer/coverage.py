"""How far each changed function was exercised: lines, entries, flavours, bounds, and why not further."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from oracle.campaign import Targets
from reviewer.csource import Item
from reviewer.entries import Plan
from reviewer.findings import Ran
from reviewer.model import ChangedFunction, FunctionReview, Status
from reviewer.pair import Pair
from reviewer.slicing.emit import Slice
from reviewer.slicing.probes import lines_of

# How what may differ between the sides is told.
ALLOWED = "the sides differ in what a patch may change: "
_WORDS = {
    "WRITE_LOST": "write left for a fault to give", "YOUNG": "accessed bits", "DIRTY_GAINED": "dirty set without need",
    "SOFT_GAINED": "soft-dirty set without need", "SOFT_UNSEEN": "soft-dirty bits that nobody can see",
    "ORDER_GAINED": "barriers that were not there",
    "CONT": "which contpte blocks are folded", "KEPT": "how far an unmap that gave up had come",
}  # fmt: skip


@dataclass(frozen=True)
class Tried:
    """An entry at one patch: what ran, or why nothing could."""

    ran: tuple[Ran, ...]
    same: tuple[str, ...]  # flavours on which the compiled text does not differ
    why: tuple[tuple[str, str], ...]  # (flavour, reason)


def reviewed(function: ChangedFunction, chosen: Plan, runs: Mapping[str, Tried]) -> FunctionReview:
    """What is told of a changed function, by the runs of the entries that reach it."""
    key = (function.name, function.file)
    entries = chosen.reached.get(key, ())
    if not entries:
        return _unrun(function, "", "not-exercised", chosen.why[key])
    ran = tuple(r for e in entries for r in runs[e.name].ran)
    why = _reasons([r for e in entries for r in runs[e.name].why])
    if not ran:
        same = tuple(dict.fromkeys(f for e in entries for f in runs[e.name].same))
        if same and not why:
            return _unrun(function, entries[0].name, "exercised", "the same code is compiled before and after", same)
        return _unrun(function, entries[0].name, "not-runnable", why or "no flavour of the choice has it")
    lines, covered = _lines(function, ran)
    missed = tuple(sorted(lines - covered))
    status: Status = "exercised" if not missed else "partly" if covered else "not-exercised"
    stubs = sorted({s for r in ran for s in (*r.pair.before.stubs, *r.pair.after.stubs, *_ends(r))})
    reason = (
        f"not everywhere: {why}" if why and not missed else why or ("no scenario reached these lines" if missed else "")
    )
    flavours = dict.fromkeys(r.flavour for r in ran)
    alike = [f for f in dict.fromkeys(f for e in entries for f in runs[e.name].same) if f not in flavours]
    reason = reason or _harmless(ran) or (f"the same code before and after on {', '.join(alike)}" if alike else "")
    return FunctionReview(
        function.name, function.file, ", ".join(dict.fromkeys(r.pair.entry.name for r in ran)), status, reason,
        tuple(sorted(lines)), tuple(sorted(covered)), missed, sum(r.result.scenarios for r in ran), _bounds(ran),
        tuple(flavours), tuple(stubs),
    )  # fmt: skip


def _harmless(ran: tuple[Ran, ...]) -> str:
    """What of a state differs where all that differs is what any patch may change; nothing where more does."""
    if any(r.result.faults for r in ran):
        return ""
    seen: dict[str, int] = {}
    for what, count in (a for r in ran for a in r.result.allowed):
        seen[what] = seen.get(what, 0) + count
    told = "; ".join(f"{_WORDS[what]} ({what}, {count} scenarios)" for what, count in seen.items())
    return ALLOWED + told if told else ""


def targets(pair: Pair, functions: Iterable[ChangedFunction]) -> Targets:
    """The lines of these functions that the patch changed, as probes of the side after it."""
    found: set[int] = set()
    near: set[int] = set()
    for function in functions:
        item = pair.after.functions.get(function.name)
        at = _probes(pair.after, item) if item is not None else {}
        lines = {at[n] for n in function.changed_lines if n in at}
        found |= lines
        near |= {*at.values()} if lines else set()
    return Targets(frozenset(found), range(min(near), max(near) + 1) if near else range(0))


def _bounds(ran: tuple[Ran, ...]) -> str | None:
    """Up to where every small table was tried, through each entry and on the flavours that ran; None: nowhere."""
    names = dict.fromkeys(r.pair.entry.name for r in ran)
    flavours = dict.fromkeys(r.flavour for r in ran)
    told: dict[str, list[Ran]] = {}
    for one in ran:
        if one.result.bound is not None:
            told.setdefault(str(one.result.bound), []).append(one)
    parts = []
    for bound, runs in told.items():
        through = dict.fromkeys(r.pair.entry.name for r in runs)
        on = dict.fromkeys(r.flavour for r in runs)
        parts.append(
            bound
            + (f", through {', '.join(through)}" if len(through) < len(names) else "")
            + (f", on {', '.join(on)}" if len(on) < len(flavours) else "")
        )
    return "; ".join(parts) or None


def _reasons(why: list[tuple[str, str]]) -> str:
    """Each reason once, with its flavours; the first two of many."""
    flavours: dict[str, list[str]] = {}
    for flavour, reason in why:
        flavours.setdefault(reason, []).append(flavour)
    said = [f"{', '.join(dict.fromkeys(at))}: {reason}" for reason, at in flavours.items()]
    more = [f"and {len(said) - 2} more reasons"] if len(said) > 3 else []
    return "; ".join((said[:2] + more) if more else said)


def _ends(one: Ran) -> list[str]:
    """Functions that are not modelled at which some run came to its end."""
    return [name for name, probe in one.pair.after.ends.items() if probe in one.result.after]


def _unrun(
    function: ChangedFunction, entry: str, status: Status, why: str, flavours: tuple[str, ...] = ()
) -> FunctionReview:
    lines = function.changed_lines
    missed = () if status == "exercised" else lines
    return FunctionReview(function.name, function.file, entry, status, why, lines, (), missed, 0, None, flavours, ())


def _lines(function: ChangedFunction, ran: tuple[Ran, ...]) -> tuple[set[int], set[int]]:
    """(changed lines with code on some flavour, those of them that a scenario reached).

    Where no line with code was added, what was dropped has to be reached before the patch; by line numbers there. Where
    only declarations changed, the function itself has to be reached."""
    lines: set[int] = set()
    covered: set[int] = set()
    for one in ran:
        side, reached = (one.pair.after, one.result.after)
        item = side.functions.get(function.name)
        if item is None:
            side, reached = (one.pair.before, one.result.before)
            item = side.functions.get(function.name)
        if item is None and function.name in {*side.stubs, *side.ends, *one.pair.after.stubs, *one.pair.after.ends}:
            lines |= set(function.changed_lines)  # stood in for: not run
            continue
        if item is None:
            continue  # a macro or a type: what uses it ran
        at = _probes(side, item)
        wanted = {n for n in function.changed_lines if n in at and function.added}
        if not wanted and (old := one.pair.before.functions.get(function.name)) is not None:
            before = _probes(one.pair.before, old)
            if wanted := {n for n in function.removed_lines if n in before}:
                at, reached = before, one.result.before
        wanted = wanted or {min(at, default=0)} & at.keys()
        lines |= wanted
        covered |= {n for n in wanted if at[n] in reached}
    return lines, covered


def _probes(side: Slice, item: Item) -> dict[int, int]:
    """Line -> the probe of the statement on it."""
    mine = [i for i, p in enumerate(side.probes) if p.function == item.name]
    return {n: mine[k] for n, k in lines_of(item, [side.probes[i] for i in mine]).items()}
