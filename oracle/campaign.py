"""A campaign: scenarios for one pair until its share of the budget is used, then each fault at its smallest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from oracle.judge import Judgement, judge, shows
from oracle.runner import Hit, Outcome, Runner, RunnerError
from oracle.shrink import shrink
from oracle.wire import Scenario

_CHUNK = 20_000


@dataclass(frozen=True)
class Fault:
    """A judged hit and the smallest scenario that shows it, with the states it leads to. also: other rules
    that the same scenario shows."""

    judgement: Judgement
    scenario: Scenario
    outcome: Outcome
    also: tuple[str, ...]
    reached: frozenset[int]  # probes of the side after the patch that this scenario reaches


@dataclass(frozen=True)
class Result:
    """What a campaign of one pair gave. coverage: probes reached, before and after. died: why the process ended."""

    scenarios: int
    faults: tuple[Fault, ...]
    before: frozenset[int]
    after: frozenset[int]
    died: str = ""


@dataclass(frozen=True)
class Task:
    """What to run: scenarios first to count of a seed. wanted: which rules count. tainted: some function is a
    stub on one side only, so that calls to stubs cannot be compared."""

    program: Path
    entry: str
    seed: int
    count: int
    wanted: Callable[[str], bool] = lambda _: True
    tainted: bool = False


def run(task: Task, progress: Callable[[float], None] = lambda _: None) -> Result:
    """Run the scenarios of a task and shrink what they show."""
    hits: dict[tuple[str, str], Hit] = {}
    done = 0
    with Runner(task.program) as runner:
        try:
            while done < task.count:
                n = min(_CHUNK, task.count - done)
                for hit in runner.campaign(task.seed, done, n):
                    known = hits.get((hit.relation, hit.what))
                    first, more = (known.first, known.count) if known else (hit.first, 0)
                    hits[hit.relation, hit.what] = Hit(hit.relation, hit.what, more + hit.count, first)
                done += n
                progress(n / task.count)
            before, after = runner.coverage()
            kept = [h for h in timely(hits) if h.what != "CALLS" or not task.tainted]
            faults = _faults(runner, task, kept)
        except RunnerError as error:
            return Result(done, (), frozenset(), frozenset(), str(error))
    return Result(task.count, tuple(faults), before, after)


def timely(hits: dict[tuple[str, str], Hit]) -> list[Hit]:
    """The hits without accidents of timing: hardware that works on meanwhile (B10) meets the two sides at different
    moments, so what it shows of both, though in different scenarios, is neither's doing alone."""
    known = {r for r in ("introduced", "both", "fixed") if (r, "B10") in hits}
    one_sided = {("introduced", "B10"), ("fixed", "B10")} if len(known) > 1 else set()
    return [h for key, h in hits.items() if key not in one_sided]


def _faults(runner: Runner, task: Task, hits: list[Hit]) -> list[Fault]:
    """One fault for each cause: hits that a fault's smallest scenario shows too are part of it."""
    faults: list[Fault] = []
    left = judge(task.entry, hits, task.wanted)
    while left:
        judgement = left.pop(0)
        small = shrink(runner.scenario(task.seed, judgement.hit.first), _predicate(runner, judgement.hit))
        outcome = runner.run(small, rows=True)
        same = [j for j in left if j.relation == judgement.relation and shows(outcome, j.hit)]
        left = [j for j in left if j not in same]
        also = tuple(dict.fromkeys(j.rule.id for j in same if j.rule.id != judgement.rule.id))
        faults.append(Fault(judgement, small, outcome, also, reached(task.program, small)))
        left = [j for j in left if not _follows(runner, task.seed, j, faults[-1])]
    return faults


def reached(program: Path, scenario: Scenario) -> frozenset[int]:
    """Probes after the patch that one scenario reaches, in a process of its own."""
    with Runner(program) as runner:
        runner.run(scenario)
        return runner.coverage()[1]


def _follows(runner: Runner, seed: int, later: Judgement, fault: Fault) -> bool:
    """A later hit of the same relation whose own scenario shows the fault as well is taken for its consequence."""
    if later.relation != fault.judgement.relation:
        return False
    outcome = runner.run(runner.scenario(seed, later.hit.first))
    return shows(outcome, fault.judgement.hit)


def _predicate(runner: Runner, hit: Hit) -> Callable[[Scenario], bool]:
    def check(candidate: Scenario) -> bool:
        outcome = runner.attempt(candidate)
        return outcome is not None and shows(outcome, hit)

    return check
