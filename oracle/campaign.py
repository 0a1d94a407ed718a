"""A campaign: scenarios for one pair until its share of the budget is used, then each fault at its smallest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from oracle.judge import Judgement, judge, shows
from oracle.runner import Hit, Outcome, Runner, RunnerError
from oracle.shrink import shrink
from oracle.tables import Bound, Calls, exhaust
from oracle.wire import Scenario

_CHUNK = 20_000
FIRST = 500  # scenarios, at most: enough to tell what ends in few from what does in most
_ENDLESS = 50  # runs to the end of their step budget
# For each small table two scenarios made by chance, which take about twice as long.
_TABLES = 2
# When lines were not reached by half the scenarios, the rest is spent near those that came farthest; each such is run
# with all checks, on a table of its own.
_STEERED = 4


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
    """What a campaign of one pair gave. scenarios: all that were run. before, after: probes reached. died: why the
    process ended. bound: up to where every small table was tried. allowed: differences that any patch may bring
    (HARMLESS of world/wire.h), with the number of scenarios. unasked: rules that were not in force."""

    scenarios: int
    faults: tuple[Fault, ...]
    before: frozenset[int]
    after: frozenset[int]
    died: str = ""
    bound: Bound | None = None
    allowed: tuple[tuple[str, int], ...] = ()
    unasked: tuple[str, ...] = ()


@dataclass(frozen=True)
class Targets:
    """Probes after the patch that are to be reached; near: all those of the functions they are in, or more."""

    wanted: frozenset[int] = frozenset()
    near: range = range(0)


@dataclass(frozen=True)
class Task:
    """What to run: scenarios first to count of a seed. wanted: which rules count. tainted: some function is a
    stub on one side only, so that calls to stubs cannot be compared. calls: options to try small tables with.
    promised: the patch says that it changes no behaviour. smallest: whether a fault's scenario is shrunk.
    targets: what is to be reached, if it can be. further: scenarios that chance hardly makes, such as long batches; of
    them only the rules are asked."""

    program: Path
    entry: str
    seed: int
    count: int
    wanted: Callable[[str], bool] = lambda _: True
    tainted: bool = False
    calls: Calls = ()
    promised: bool = False
    smallest: bool = True
    targets: Targets = Targets()
    further: tuple[Scenario, ...] = ()


class _Met:
    """The kinds of hits that a campaign met, how often each, and the first scenario that shows it."""

    def __init__(self) -> None:
        self.hits: dict[tuple[str, str], Hit] = {}
        self.first: dict[tuple[str, str], Scenario] = {}

    def add(self, hits: list[Hit], scenario: Callable[[int], Scenario]) -> None:
        """Count hits; scenario: of a hit by its number."""
        for hit in hits:
            key = (hit.relation, hit.what)
            known = self.hits.get(key)
            if known is None:
                self.first[key] = scenario(hit.first)
            first, more = (known.first, known.count) if known else (hit.first, 0)
            self.hits[key] = Hit(*key, more + hit.count, first)

    def runs_away(self) -> bool:
        """Whether code that does not end took its time from so many scenarios that more would take too long."""
        return any(hit.what == "X3" and hit.count >= _ENDLESS for hit in self.hits.values())

    def scenario(self, judgement: Judgement) -> Scenario:
        """The first scenario that shows a hit."""
        return self.first[judgement.hit.relation, judgement.hit.what]


def run(task: Task, progress: Callable[[float], None] = lambda _: None) -> Result:
    """Run the scenarios of a task, and all small tables; shrink what they show."""
    met = _Met()
    done = steered = 0
    half = task.count // 2
    with Runner(task.program) as runner:
        try:
            while done < task.count and not steered and not met.runs_away():
                n = min(_CHUNK if done else FIRST, (half if done < half else task.count) - done)
                met.add(runner.campaign(task.seed, done, n), lambda index: runner.scenario(task.seed, index))
                done += n
                progress(n / task.count)
                if done == half and task.targets.wanted - runner.coverage()[1]:
                    more = (task.count - done) // _STEERED
                    steered, hits, first = runner.steer(task.seed, done, more, task.targets.near)
                    met.add(hits, first.__getitem__)
            before, after = runner.coverage()
            unasked = runner.unasked()
            _add_further(runner, task.further, met)
            small = _Small() if met.runs_away() else _small(task, met)
            kept = [h for h in timely(met.hits) if h.what != "CALLS" or not task.tainted]
            faults = _faults(runner, task, met, kept)
        except RunnerError as error:
            return Result(done, (), frozenset(), frozenset(), str(error))
    allowed = tuple((h.what, h.count) for h in met.hits.values() if h.relation == "allowed")
    before, after = before | small.before, after | small.after
    bound = None if task.targets.wanted & after - small.after else small.bound
    return Result(
        done + steered + small.scenarios, tuple(faults), before, after, bound=bound, allowed=allowed, unasked=unasked
    )


def _add_further(runner: Runner, further: Sequence[Scenario], met: _Met) -> None:
    for number, what in enumerate(further):
        if (outcome := runner.attempt(what)) is not None:
            broken = sorted(set(outcome.sides["after"].violated) - set(outcome.sides["before"].violated))
            met.add([Hit("introduced", rule, 1, number) for rule in broken], further.__getitem__)


@dataclass(frozen=True)
class _Small:
    """Small tables that were run, and the probes that they reached."""

    bound: Bound | None = None
    before: frozenset[int] = frozenset()
    after: frozenset[int] = frozenset()

    @property
    def scenarios(self) -> int:
        return self.bound.tables * self.bound.calls if self.bound else 0


def _small(task: Task, met: _Met) -> _Small:
    """All small tables, in a process of their own: that nothing is left out within a bound may only be said of a change
    that they reach as far as other scenarios do."""
    if not task.calls:
        return _Small()
    with Runner(task.program) as runner:
        return _Small(exhaust(runner, task.calls, task.count // _TABLES, met.add), *runner.coverage())


def timely(hits: dict[tuple[str, str], Hit]) -> list[Hit]:
    """The hits without accidents of timing: hardware that works on meanwhile (B10) meets the two sides at different
    moments, so what it shows of both, though in different scenarios, is neither's doing alone."""
    known = {r for r in ("introduced", "both", "fixed") if (r, "B10") in hits}
    one_sided = {("introduced", "B10"), ("fixed", "B10")} if len(known) > 1 else set()
    return [h for key, h in hits.items() if key not in one_sided]


def _faults(runner: Runner, task: Task, met: _Met, hits: list[Hit]) -> list[Fault]:
    """One fault for each cause: hits that a fault's smallest scenario shows too are part of it."""
    faults: list[Fault] = []
    left = judge(task.entry, hits, task.wanted, task.promised)
    while left:
        judgement = left.pop(0)
        if any(_part_of(judgement, f.judgement, task.promised) for f in faults):
            continue
        small = met.scenario(judgement)
        small = shrink(small, _predicate(runner, judgement.hit)) if task.smallest else small
        outcome = runner.run(small, rows=True)
        same = [j for j in left if j.relation == judgement.relation and shows(outcome, j.hit)]
        left = [j for j in left if j not in same]
        also = tuple(dict.fromkeys(j.rule.id for j in same if j.rule.id != judgement.rule.id))
        faults.append(Fault(judgement, small, outcome, also, reached(task.program, small)))
        left = [j for j in left if not _follows(runner, met.scenario(j), j, faults[-1])]
    return faults


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


def _follows(runner: Runner, first: Scenario, later: Judgement, fault: Fault) -> bool:
    """A later hit of the same relation whose own scenario shows the fault as well is taken for its consequence."""
    if later.relation != fault.judgement.relation:
        return False
    return shows(runner.run(first), fault.judgement.hit)


def _predicate(runner: Runner, hit: Hit) -> Callable[[Scenario], bool]:
    def check(candidate: Scenario) -> bool:
        outcome = runner.attempt(candidate)
        return outcome is not None and shows(outcome, hit)

    return check
