# SPDX-License-Identifier: GPL-2.0-or-later
"""From what a campaign met to faults: what the patch did in each case, which of them have one cause, and the smallest
scenario of each.

A fault is named after the rule that explains it, and shown on a scenario of the worst that comes of it. What shows in
the same scenarios is part of it; what would be worse is so only where it never shows without it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from oracle.judge import Judgement, judged, rule_of, shows
from oracle.rules import HARMS
from oracle.runner import Hit, Outcome, Runner
from oracle.shrink import shrink
from oracle.sides import Relation, Sides, by_rules, rows_of, sides
from oracle.task import Met, Task, timely
from oracle.wire import Scenario


@dataclass(frozen=True)
class Fault:
    """A judged hit and the smallest scenario that shows it, with the states it leads to. worst: the hit of the same
    cause that is worst, and shows there as well. also: other rules that break so. sides: what is wrong with each."""

    judgement: Judgement
    worst: Judgement
    scenario: Scenario
    outcome: Outcome
    also: tuple[str, ...]
    reached: frozenset[int]  # probes of the side after the patch that this scenario reaches
    sides: Sides

    @property
    def rules(self) -> tuple[str, ...]:
        """All rules it breaks, the one that explains it first."""
        return (self.judgement.rule.id, *self.also)


@dataclass(frozen=True)
class _Case:
    """A kind of hit with one relation, and scenarios that show it."""

    judgement: Judgement
    relation: Relation | None
    some: tuple[Scenario, ...]

    @property
    def hit(self) -> Hit:
        return self.judgement.hit

    @property
    def grave(self) -> bool:
        return self.judgement.kind == "violation" and self.judgement.harm < HARMS.index("stale")

    def alike(self, other: _Case) -> bool:
        return self.judgement.relation == other.judgement.relation


class _Look:
    """What scenarios show, each run once."""

    def __init__(self, runner: Runner, task: Task) -> None:
        self.runner = runner
        self.task = task
        self.known: dict[Scenario, tuple[Outcome, Sides]] = {}
        self.broken: frozenset[str] = frozenset()  # rules that the code before breaks in some scenario

    def at(self, scenario: Scenario) -> tuple[Outcome, Sides]:
        """Outcome, with its rows, and what is wrong with each side."""
        if scenario not in self.known:
            outcome = self.runner.run(scenario, rows=True)
            self.known[scenario] = outcome, self._sides(scenario, outcome)
        return self.known[scenario]

    def _sides(self, scenario: Scenario, outcome: Outcome) -> Sides:
        return sides(self.task.entry, scenario, outcome, self.task.kernel).under(self.task.wanted)

    def cases(self, met: Met) -> Iterator[_Case]:
        """Each kind of hit, by what the patch did in the scenarios that show it."""
        self.broken = self._broken_before(met)
        for hit in timely(met.hits):
            if hit.what == "CALLS" and self.task.tainted:
                continue
            found: dict[Relation | None, list[Scenario]] = {}
            for scenario in met.some[hit.relation, hit.what]:
                found.setdefault(self.relation(hit, *self.at(scenario)), []).append(scenario)
            for relation, some in found.items():
                part = None if len(found) == 1 else len(some)
                meant = judged(self.task.entry, hit, relation, self.task.promised, part)
                if meant is not None and self.task.wanted(meant.rule.id):
                    yield _Case(meant, relation, tuple(some))

    def _broken_before(self, met: Met) -> frozenset[str]:
        """Rules that the code before breaks in some scenario."""
        swapped = [s for (relation, _), some in met.some.items() if relation == "swapped" for s in some]
        broken = {name for s in swapped for name in self.at(s)[0].sides["before"].violated}
        return frozenset(broken.union(what for relation, what in met.hits if relation in {"both", "fixed"}))

    def relation(self, hit: Hit, outcome: Outcome, both: Sides) -> Relation | None:
        """What the patch did in a scenario that shows a hit. Where both sides are wrong, each otherwise, what is wrong
        after it was there before, if only hidden; but where the code before came to its end and did this right, or
        never breaks this rule, one fault was given for another. Where a rule is broken both times, a batch that breaks
        it otherwise than one entry at a time is no further fault."""
        if hit.relation == "drift":
            return None  # harmless, whatever else there is
        if hit.relation == "both":
            return "preexisting"
        if hit.relation == "fixed":
            return "fixed"
        if hit.relation == "batch" and rule_of(self.task.entry, hit).id in both.before & both.after:
            return "preexisting"
        if both.relation != "preexisting" or outcome.sides["before"].ending:
            return both.relation
        if hit.is_violation:
            return "preexisting" if hit.what in self.broken else "introduced"
        was, now = (rows_of(side, hit.what) for side in (both.before, both.after))
        return "introduced" if now - was else "preexisting" if now else "fixed" if was else None

    def shows(self, scenario: Scenario, hit: Hit) -> bool:
        return shows(self.at(scenario)[0], hit)

    def follows(self, case: _Case, lead: _Case) -> bool:
        """Whether a case comes of another: what is grave must never show without it."""
        if case.judgement.relation == lead.judgement.relation == "fixed":
            return True  # what is mended at once was one thing wrong
        some = case.some if case.grave else case.some[:1]
        return case.alike(lead) and all(self.shows(s, lead.hit) for s in some)

    def shown(self, case: _Case, fault: Fault) -> bool:
        """Whether a fault's smallest scenario shows a case that is not grave, too."""
        alike = case.judgement.relation == fault.judgement.relation
        return alike and not case.grave and shows(fault.outcome, case.hit)

    def predicate(self, case: _Case, hits: Sequence[Hit], start: Scenario) -> Callable[[Scenario], bool]:
        """What is kept while shrinking: the fault. The reference is asked where the rules alone do not tell."""
        outcome, both = self.at(start)
        enough = not both.told and self.relation(case.hit, outcome, self._alone(outcome)) == case.relation

        def check(candidate: Scenario) -> bool:
            outcome = self.runner.attempt(candidate)
            if outcome is None or not all(shows(outcome, hit) for hit in hits):
                return False
            if enough or case.hit.is_violation:
                same = self.relation(case.hit, outcome, self._alone(outcome)) == case.relation
                if same or enough:
                    return same
            outcome = self.runner.run(candidate, rows=True)
            return self.relation(case.hit, outcome, self._sides(candidate, outcome)) == case.relation

        return check

    def _alone(self, outcome: Outcome) -> Sides:
        """What a run shows by itself."""
        return by_rules(outcome).under(self.task.wanted)


def faults(runner: Runner, task: Task, met: Met) -> list[Fault]:
    """One fault for each cause, the gravest relation and the most telling rule first."""
    look = _Look(runner, task)
    left = sorted(_true(list(look.cases(met))), key=lambda case: case.judgement.rank)
    found: list[Fault] = []
    while left:
        lead = left.pop(0)
        if any(_part_of(lead.judgement, f.judgement, task.promised) for f in found):
            continue
        group = [case for case in left if look.follows(case, lead)]
        fault = _fault(look, lead, group)
        shown = [case for case in left if look.shown(case, fault)]
        found.append(replace(fault, also=_names(fault.judgement, (*group, *shown))))
        left = [case for case in left if case not in group and case not in shown]
    return found


def _true(cases: list[_Case]) -> list[_Case]:
    """The cases without those of a rule that say less than others of it: mended is only what does not break any more,
    and what the patch brings is not said to have been there as well."""
    there = {(c.judgement.rule.id, c.judgement.relation) for c in cases if c.judgement.kind == "violation"}
    mended = any(c.judgement.relation == "fixed" and c.hit.relation != "allowed" for c in cases)

    def said(case: _Case) -> bool:
        name, relation = case.judgement.rule.id, case.judgement.relation
        if relation == "fixed":
            shown = {(name, "introduced"), (name, "preexisting")} & there
            return not shown and not (mended and case.hit.relation == "allowed")
        return relation == "introduced" or (name, "introduced") not in there

    return [case for case in cases if said(case)]


def _fault(look: _Look, lead: _Case, group: list[_Case]) -> Fault:
    """The fault of some cases, at the smallest scenario that shows the worst of them."""
    near = (c for c in group if c.judgement.kind == lead.judgement.kind and look.shows(c.some[0], lead.hit))
    worst = min((lead, *near), key=lambda c: c.judgement.harm)
    start, hits = worst.some[0], dict.fromkeys((lead.hit, worst.hit))
    small = shrink(start, look.predicate(lead, tuple(hits), start)) if look.task.smallest else start
    outcome, both = look.at(small)
    return Fault(lead.judgement, worst.judgement, small, outcome, (), reached(look.task.program, small), both)


def _names(lead: Judgement, cases: Sequence[_Case]) -> tuple[str, ...]:
    """The other rules, the worst first."""
    worst = sorted(
        (case.judgement for case in cases if case.judgement.rule != lead.rule and case.judgement.kind == lead.kind),
        key=lambda j: (j.harm, j.rank),
    )
    return tuple(dict.fromkeys(judgement.rule.id for judgement in worst))


def _part_of(later: Judgement, known: Judgement, promised: bool) -> bool:
    """Whether a hit has a fault's cause by its nature: the same thing lost or gained with batches and without; or, in
    code that did wrong, a change of behaviour, which is what mending it comes to, unless none was to come."""
    if later.kind == "behaviour":
        return known.relation == "fixed" and not promised
    return (later.relation, _thing(later.hit)) == (known.relation, _thing(known.hit))


def _thing(hit: Hit) -> str:
    return hit.what.replace("_GRANTED", "_GAINED")


def reached(program: Path, scenario: Scenario) -> frozenset[int]:
    """Probes after the patch that one scenario reaches, in a process of its own."""
    with Runner(program) as runner:
        runner.run(scenario)
        return runner.coverage()[1]
