# SPDX-License-Identifier: GPL-2.0-or-later
"""A campaign: scenarios for one pair until they bring nothing new, or its share of the budget is used; then each fault
at its smallest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain

from oracle.cost import Row, measure
from oracle.exhaustive import Bound, exhaust, longest
from oracle.faults import Fault, faults
from oracle.runner import Hit, Outcome, Runner, RunnerError
from oracle.spending import Spending, telling
from oracle.task import Met, Task

_CHUNK = 20_000
FIRST = 500  # scenarios, at most: enough to tell what ends in few from what does in most
# For each small table two scenarios of the budget, since they take about twice as long. What is left of it changes
# nothing of the bound, which is a claim.
_TABLES = 2
# When lines were not reached by half the scenarios, the rest is spent near those that came farthest; each such is run
# with all checks, on a table of its own.
_STEERED = 4


@dataclass(frozen=True)
class Result:
    """What a campaign of one pair gave. scenarios: all that were run. before, after: probes reached. died: why the
    process ended. bound: up to where every small table was tried. allowed: differences that any patch may bring
    (HARMLESS of world/wire.h), with the number of scenarios. unasked: rules that were not in force. counted: what the
    task's work costs."""

    scenarios: int
    faults: tuple[Fault, ...]
    before: frozenset[int]
    after: frozenset[int]
    died: str = ""
    bound: Bound | None = None
    allowed: tuple[tuple[str, int], ...] = ()
    unasked: tuple[str, ...] = ()
    counted: tuple[Row, ...] = ()


def run(task: Task, progress: Callable[[float], None] = lambda _: None) -> Result:
    """Run the scenarios of a task, and all small tables; shrink what they show."""
    met = Met()
    spent = Spending(task.count, task.targets.asked)
    steered, half = 0, task.count // 2
    with Runner(task.program) as runner:
        try:
            while spent.done < task.count and not (steered or spent.enough or met.runs_away()):
                n, hits = _chunk(runner, task, spent)
                met.add(hits, lambda index: runner.scenario(task.seed, index))
                spent.add(n, met.hits.values(), reached := runner.coverage())
                progress(n / task.count)
                if spent.done == half and task.targets.wanted - reached[1]:
                    more = (task.count - spent.done) // _STEERED
                    steered, hits, first = runner.steer(task.seed, spent.done, more, task.targets.near)
                    met.add(hits, first.__getitem__)
            before, after = runner.coverage()
            unasked = runner.unasked()
            known = _attempted(runner, task, met)
            small = _Small() if met.runs_away() else _small(runner, task, met)
            found = faults(runner, task, met)
            counted = measure(runner, task.work, known)
        except RunnerError as error:
            return Result(spent.done, (), frozenset(), frozenset(), str(error))
    allowed = tuple((h.what, h.count) for h in met.hits.values() if h.relation == "allowed")
    before, after = before | small.before, after | small.after
    bound = None if task.targets.wanted & after - small.after else small.bound
    ran = spent.done + steered + small.scenarios
    return Result(ran, tuple(found), before, after, "", bound, allowed, unasked, tuple(counted))


def _chunk(runner: Runner, task: Task, spent: Spending) -> tuple[int, list[Hit]]:
    """The next scenarios, and what they show. Of a chunk the first hits are kept, then ever rarer ones: so that it does
    not matter how soon one asks whether it is enough, a shorter chunk that shows something is run as a whole one."""
    first, whole = task.first + spent.done, _end(spent.done, task.count) - spent.done
    n = whole if spent.shown else min(whole, spent.ahead or FIRST)
    hits = runner.campaign(task.seed, first, n)
    if n < whole and telling(hits):
        return whole, runner.campaign(task.seed, first, whole)
    return n, hits


def _end(done: int, count: int) -> int:
    """Where the whole chunk ends in which a scenario is: the first are few, and half the scenarios are an end."""
    half = count // 2
    start, last = (min(FIRST, half), half) if done < half else (half, count)
    return start if done < start else min(last, start + ((done - start) // _CHUNK + 1) * _CHUNK)


def _attempted(runner: Runner, task: Task, met: Met) -> list[list[Outcome | None]]:
    """What comes of what cost is counted on, one call of each; where a rule breaks it is a hit as any."""
    known = [[runner.attempt(guise) for guise in load.guises] for load in task.work]
    scenarios = tuple(guise for load in task.work for guise in load.guises)
    for number, outcome in enumerate(chain.from_iterable(known)):
        if outcome is not None:
            broken = sorted(set(outcome.sides["after"].violated) - set(outcome.sides["before"].violated))
            met.add([Hit("introduced", rule, 1, (number,)) for rule in broken], scenarios.__getitem__)
    return known


@dataclass(frozen=True)
class _Small:
    """Small tables that were run, and the probes that they reached."""

    bound: Bound | None = None
    before: frozenset[int] = frozenset()
    after: frozenset[int] = frozenset()

    @property
    def scenarios(self) -> int:
        return self.bound.tables * self.bound.calls if self.bound else 0


def _small(runner: Runner, task: Task, met: Met) -> _Small:
    """All small tables, in a process of their own: that nothing is left out within a bound may only be said of a change
    that they reach as far as other scenarios do."""
    most = task.count // _TABLES
    if not longest(runner, task.calls, most):
        return _Small()
    with Runner(task.program) as apart:
        return _Small(exhaust(apart, task.calls, most, met.add), *apart.coverage())
