# SPDX-License-Identifier: GPL-2.0-or-later
"""What a review may claim, of each changed function and as a whole: decided here, from the runs that were made.

A function is exercised when its changed lines ran on every flavour that has them; what compiles to the same code is
proven the same, which is not the same as exercised; of all else nothing is claimed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from oracle.differences import DIFFERENCES
from reviewer.building.identity import Same
from reviewer.model import ChangedFunction, Evidence, Finding, FunctionReview, PatchReview, Status, Verdict
from reviewer.running.reached import Key, Lines, holds, lines, unrun
from reviewer.running.tried import Ran, Tried
from reviewer.selection.plan import Plan

# How it is told what may differ between the sides.
ALLOWED = "the sides differ in what a patch may change: "
_UNSTEADY = "what differs shows only where PMDs migrate, signals wait and the like, which the simulated world has not"


def verdict(patches: Sequence[PatchReview], found: Iterable[Finding], *, whole: bool = True) -> Verdict:
    """What the series as a whole is called. whole: all of it that was given was reviewed."""
    functions = [f for p in patches for f in p.functions]
    if any(f.relation == "introduced" and f.kind != "static" for f in found):
        return "findings"
    if not whole:
        return "inconclusive"
    if not functions:
        return "not-applicable"
    return "clean" if all(f.settled for f in functions) else "inconclusive"


def claimed(
    function: ChangedFunction, chosen: Plan, runs: Mapping[str, Tried], users: frozenset[Key] = frozenset()
) -> FunctionReview:
    """What is told of a changed function, by the runs of the entries that reach it. users: the functions that use what
    is no function."""
    key = (function.name, function.file)
    entries = chosen.reached.get(key, ())
    if not entries:
        return _nothing(function, "", "not-exercised", chosen.why[key])
    tried = [runs[e.name] for e in entries]
    ran = [r for t in tried for r in t.ran if holds(function, r.pair)]
    alike = [s for t in tried for s in t.same if holds(function, s.pair)]
    same = [s for s in alike if s.steady]
    missing = [(on, why) for t in tried for on, why in t.why]
    missing += [(s.flavour, _UNSTEADY) for s in alike if not s.steady]
    if not ran and not alike:
        why = _reasons(missing) or "no flavour of the choice has it"
        return _nothing(function, entries[0].name, "not-runnable", why)
    told = lines(function, ran, alike)
    seen = {r.flavour for r in ran} | {s.flavour for s in same}
    # Another entry may do where one does not compile; where none does, the flavour is missing.
    lacking = _reasons([(on, why) for on, why in missing if on not in seen])
    one = _run(function, ran, same, told, lacking) if ran else _alike(function, same or alike, told, lacking)
    left = unrun(function, users, ran, alike)
    elsewhere = f"{', '.join(f'{name}()' for name, _ in left[:3])} use it as well, and did not run" if left else ""
    open_ = "; ".join(filter(None, (function.hidden, elsewhere)))
    return _besides(one, open_) if open_ else one


def _besides(one: FunctionReview, hidden: str) -> FunctionReview:
    """A function of which something is left open, by these words: the rest is no proof of it."""
    status: Status = "partly" if one.covered_lines else "not-exercised"
    evidence: Evidence = one.evidence if one.covered_lines else "none"
    return replace(one, status=status, evidence=evidence, why=f"{hidden}{f'; {one.why}' if one.why else ''}")


def _run(function: ChangedFunction, ran: list[Ran], same: list[Same], told: Lines, lacking: str) -> FunctionReview:
    missed = told.missed
    # What was only come to by force rounds off what ran, and is nothing by itself.
    ran_at_all = bool(told.covered | told.same)
    whole = ran_at_all and not missed and not lacking
    status: Status = "exercised" if whole else "partly" if told.covered else "not-exercised"
    flavours = tuple(dict.fromkeys(r.flavour for r in ran))
    alike = [f for f in dict.fromkeys(s.flavour for s in same) if f not in flavours]
    reason = f"not everywhere: {lacking}" if lacking else "no scenario reached these lines" if missed else ""
    if told.forced:
        where = ", ".join(map(str, sorted(told.forced)))
        reason = reason or f"no scenario reached {where}; with its condition taken for true, nothing comes of it"
    reason = reason or _harmless(ran) or (f"the same code before and after on {', '.join(alike)}" if alike else "")
    bound = _bounds(ran)
    exhausted = bound and _everywhere(ran) and not told.forced
    evidence: Evidence = "none" if not told.covered else "exhaustive" if exhausted else "scenarios"
    return replace(
        _nothing(function, ", ".join(dict.fromkeys(r.pair.entry.name for r in ran)), status, reason),
        changed_lines=tuple(sorted(told.wanted)), covered_lines=tuple(sorted(told.covered)),
        uncovered=tuple(sorted(missed)), scenarios=sum(r.result.scenarios for r in ran), exhaustive=bound,
        evidence=evidence, not_asked=_not_asked(ran), flavours=flavours, stubs=_stubs(ran),
    )  # fmt: skip


def _alike(function: ChangedFunction, same: list[Same], told: Lines, lacking: str) -> FunctionReview:
    """A function of which both sides are the same code wherever it was compiled."""
    flavours = tuple(dict.fromkeys(s.flavour for s in same))
    on = ", ".join(flavours)
    # What a slice leaves out of a type, and a macro that no code in it uses, are the same without any line to show.
    proven = not told.missed and not lacking and (bool(told.same) or function.kind != "function")
    why = f"compiles to the same machine code before and after on {on}"
    if not any(s.steady for s in same):
        why = lacking
    elif told.missed:
        why = f"no code comes of these lines in the simulated world on {on}"
    elif lacking:
        why = f"not everywhere: {lacking}; {why}"
    elif not told.same:
        why = f"what is compiled with it is the same before and after on {on}"
    wanted = told.wanted or function.changed_lines
    return replace(
        _nothing(function, same[0].pair.entry.name, "not-exercised", why),
        changed_lines=tuple(sorted(wanted)), uncovered=() if proven else tuple(sorted(told.missed or wanted)),
        evidence="same-code" if proven else "none", flavours=flavours,
    )  # fmt: skip


def waiting(function: ChangedFunction) -> FunctionReview:
    """A new function that nothing calls: the patch that calls it is judged with its lines."""
    return replace(_nothing(function, "", "not-exercised", "nothing calls it yet: waits for its caller"), waits=True)


def unused(function: ChangedFunction) -> FunctionReview:
    """A function that goes and that nothing called."""
    told = _nothing(function, "", "not-exercised", "it goes, and nothing called it")
    return replace(told, evidence="same-code", uncovered=())


def joined(patches: Sequence[PatchReview]) -> list[PatchReview]:
    """The patches, with what waits for its caller in one of them judged with the first that has it run."""

    def settle(index: int, f: FunctionReview) -> FunctionReview:
        key = (f.name, f.file)
        later = (p.index for p in patches for g in p.functions if (g.name, g.file) == key and not g.waits)
        judge = next((n for n in later if n > index), None) if f.waits else None
        return replace(f, judged_with=judge, why=f"{f.why}, patch {judge}", uncovered=()) if judge else f

    return [replace(p, functions=tuple(settle(p.index, f) for f in p.functions)) for p in patches]


def _harmless(ran: Iterable[Ran]) -> str:
    """What of a state differs where all that differs is what any patch may change; nothing where more does."""
    if any(r.result.faults for r in ran):
        return ""
    seen: dict[str, int] = {}
    for what, count in (a for r in ran for a in r.result.allowed):
        seen[what] = seen.get(what, 0) + count
    told = "; ".join(f"{DIFFERENCES[what].words} ({what}, {count} scenarios)" for what, count in seen.items())
    return ALLOWED + told if told else ""


def _everywhere(ran: Iterable[Ran]) -> bool:
    """Whether all small tables were tried on each flavour that ran."""
    flavours: dict[str, bool] = {}
    for one in ran:
        flavours[one.flavour] = flavours.get(one.flavour, False) or one.result.bound is not None
    return all(flavours.values())


def _bounds(ran: Sequence[Ran]) -> str | None:
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


def _not_asked(ran: Iterable[Ran]) -> tuple[str, ...]:
    """Rules that nobody asked after the patch, through any entry."""
    missing = [{*one.pair.after.not_asked, *one.result.unasked} for one in ran]
    return tuple(sorted(set.intersection(*missing), key=lambda rule: (rule[0], int(rule[1:])))) if missing else ()


def _stubs(ran: Iterable[Ran]) -> tuple[str, ...]:
    """What was stood in for on some side, and functions that are not modelled at which some run came to its end."""
    found: set[str] = set()
    for one in ran:
        found |= {*one.pair.before.stubs, *one.pair.after.stubs, *one.pair.kept}
        found |= {name for name, probe in one.pair.after.ends.items() if probe in one.result.after}
    return tuple(sorted(found))


def _nothing(function: ChangedFunction, entry: str, status: Status, why: str) -> FunctionReview:
    at = function.changed_lines
    return FunctionReview(
        name=function.name, file=function.file, entry=entry, status=status, why=why, changed_lines=at, covered_lines=(),
        uncovered=at, scenarios=0, exhaustive=None, flavours=(), stubs=(), symbol=function.kind,
    )  # fmt: skip
