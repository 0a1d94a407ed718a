# SPDX-License-Identifier: GPL-2.0-or-later
"""The patches of a series: read one after the other, judged several at a time, and given back in their order.

What takes the time are compilers and runners, so that threads keep all cores busy; a patch is read while those before
it run. What is known of one already is taken over.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, replace

from oracle import sandbox
from oracle.flavours import DEFAULT, may_be_for
from oracle.reference.walkers.kernel import Kernel
from reviewer.building.pair import Pair
from reviewer.building.toolchain import compiler_version
from reviewer.changes.changed import Changes, changes
from reviewer.changes.spread import spread
from reviewer.changes.uncalled import Called, Key, called
from reviewer.findings.agreement import Odd, agreeing, agreement_findings
from reviewer.findings.costs import cost_findings, unless_unseen
from reviewer.findings.findings import findings, once
from reviewer.findings.versions import Archive, Known, digest_of, taken_over
from reviewer.intake.promises import promise
from reviewer.model import ChangedFunction, Finding, PatchReview, PatchTrees, Review, SeriesTrees
from reviewer.running.claims import claimed, unused, waiting
from reviewer.running.forcing import forced, harmless
from reviewer.running.listener import Listener
from reviewer.running.mishaps import unreviewed
from reviewer.running.pairs import Came, Job, here, run_all
from reviewer.running.tried import Ran, Tried
from reviewer.running.turns import Turn, Turns
from reviewer.selection.plan import Plan, plan
from reviewer.settings import Settings
from reviewer.static.check import settle, static_findings
from reviewer.words import listing

_FORCED = 5_000  # scenarios with a condition taken for true
Result = tuple[PatchReview, list[Finding]]


class Hands:
    """What runs code for a review: all in this process. A campaign (reviewer/cluster/) has it run elsewhere."""

    def run(self, job: Job, progress: Callable[[float], None]) -> Came:
        """Build and run a pair."""
        return here(job, progress)

    def found(self, step: PatchTrees, changed: Sequence[ChangedFunction], ran: Sequence[Ran]) -> list[Finding]:
        """The findings of one entry."""
        return findings(step, changed, ran, promise(step.patch.message))

    def compare(self, pairs: Mapping[str, Pair], seed: int, kernels: Mapping[str, Kernel]) -> Odd:
        """Where flavours disagree."""
        return agreeing(pairs, seed, kernels)

    def force(self, one: Ran, probe: int, seed: int, count: int) -> set[int]:
        """Probes come to by force."""
        return harmless(one, probe, seed, count)


@dataclass(frozen=True)
class Conditions:
    """How patches are reviewed: by what settings, by whom, and what is known of earlier. previous: the review of an
    earlier version."""

    settings: Settings
    hands: Hands
    previous: Review | None = None
    memory: Archive | None = None

    def flavours(self, also: Iterable[str]) -> tuple[str, ...]:
        """Those that a change is looked at on: the usual ones, and those that it runs on. also: that it may be for."""
        return tuple(dict.fromkeys((*DEFAULT, *self.settings.runs_on(also))))


@dataclass(frozen=True)
class _Read:
    """A patch that was read: its change, or what came of it at once. said: what its results depend on beside the code;
    digest: all that they depend on. waits: (name, file) of what nothing has called up to here."""

    step: PatchTrees
    turn: Turn
    said: str
    digest: str
    waits: frozenset[Key]
    apart: Called | None = None
    came: Result | None = None


def each(trees: SeriesTrees, total: int, asked: Conditions, told: Listener) -> Iterator[Result]:
    """What comes of each patch, in their order. As many of them are under way as there are cores, at most."""
    turns, jobs = Turns(told), max(1, asked.settings.jobs)
    most = min(jobs, os.cpu_count() or 1)
    under_way: deque[Future[Result]] = deque()
    waits = frozenset[Key]()
    with ThreadPoolExecutor(most) as judging, ThreadPoolExecutor(jobs) as pairs:
        try:
            for step in trees.patches:
                turn = turns.next()
                turn.begins(step.patch, total)
                one = _read(step, waits, asked, turn)
                waits = one.waits
                under_way.append(judging.submit(_judged, one, asked, pairs))
                if len(under_way) > most:
                    yield under_way.popleft().result()
            while under_way:
                yield under_way.popleft().result()
        except sandbox.Halted:
            while under_way and under_way[0].done() and under_way[0].exception() is None:
                yield under_way.popleft().result()
            raise


def _read(step: PatchTrees, waits: frozenset[Key], asked: Conditions, turn: Turn) -> _Read:
    """Read a patch. waits: of those before it."""
    settings = asked.settings
    said = f"{settings.told()} {promise(step.patch.message)} {sorted(waits)}"
    if asked.memory is not None and (known := asked.memory.get(step, said)) is not None:
        return _Read(step, turn, said, known.patch.digest, known.waits, came=(known.patch, list(known.findings)))
    digest = digest_of(step, said, compiler_version())
    if asked.previous is not None and (old := taken_over(asked.previous, digest, step)) is not None:
        functions = old[0].functions
        new, met = ({(f.name, f.file) for f in functions if f.waits is is_new} for is_new in (True, False))
        return _Read(step, turn, said, digest, (waits | new) - met, came=old)
    turn.stage("reading the change")
    try:
        flavours = asked.flavours(may_be_for(step.paths))
        apart = called(step, changes(step, flavours), flavours, waits)
    except Exception as error:  # its own answer, and the others keep theirs
        return _Read(step, turn, said, "", waits, came=(unreviewed(step, error), []))
    new = {(f.name, f.file) for f in apart.waiting if f.bears}
    met = {(f.name, f.file) for f in (*apart.changes.functions, *apart.unused) if f.bears}
    return _Read(step, turn, said, digest, (waits - met) | new, apart)


def _judged(one: _Read, asked: Conditions, pairs: Executor) -> Result:
    """What comes of a patch that was read. pairs: what runs pairs."""
    done, found = one.came or _run(one, asked, pairs)
    told = [f for f in found if asked.settings.wants(f.rule)]
    one.turn.ends(done, told)
    return done, told


def _run(one: _Read, asked: Conditions, pairs: Executor) -> Result:
    """What comes of a patch that has to be run; kept for the next time if nothing went wrong that need not again."""
    assert one.apart is not None
    troubles = sandbox.troubles()
    try:
        done, found = _patch(one.step, one.apart, asked, one.turn, pairs)
    except Exception as error:
        return unreviewed(one.step, error), []
    done = replace(done, digest=one.digest)
    if asked.memory is not None and sandbox.troubles() == troubles:
        asked.memory.put(one.step, one.said, Known(done, tuple(found), one.waits))
    return done, found


def _patch(step: PatchTrees, apart: Called, asked: Conditions, told: Listener, pairs: Executor) -> Result:
    """Run what a patch changes, and judge it."""
    settings, hands = asked.settings, asked.hands
    changed = apart.changes
    flavours = asked.flavours(changed.also)
    users = {(f.name, f.file): spread(step, f, flavours) for f in changed.functions if f.bears}
    chosen = plan(step, changed.functions, changed.names, flavours, changed.sources, users)
    told.stage(f"running {listing([e.name for e in chosen.entries])}")
    runs = run_all(step, changed, chosen, settings, told, hands.run, pairs)
    told.stage("looking for causes")
    found = _found(step, changed, chosen, runs, settings.seed, hands)
    # What is neither reached nor has to do with PTEs is not ours to speak of.
    ours = [f for f in changed.functions if f.bears or (f.name, f.file) in chosen.reached]
    if not any(f.relation == "introduced" for f in found):
        runs = forced(ours, chosen.reached, runs, settings.seed, _FORCED, hands.force)
    functions = (
        *(claimed(f, chosen, runs, users.get((f.name, f.file), frozenset())) for f in ours),
        *(waiting(f) for f in apart.waiting if f.bears),
        *(unused(f) for f in apart.unused if f.bears),
    )
    message = step.patch.message
    found = once(found)
    questions = settle(static_findings(step, [f for f in changed.functions if f.compiled]), found)
    found = unless_unseen(found, questions) + questions
    return PatchReview(step.patch.index, step.patch.subject, message.message_id, functions), found


def _found(
    step: PatchTrees, changed: Changes, chosen: Plan, runs: Mapping[str, Tried], seed: int, hands: Hands
) -> list[Finding]:
    """What the entries of a patch show, cost last: what it means depends on the rest."""
    found: list[Finding] = []
    mine = {
        e.name: [f for f in changed.functions if e in chosen.reached.get((f.name, f.file), ())] for e in chosen.entries
    }
    index = step.patch.index
    for name, functions in mine.items():
        ran = runs[name].ran
        found += hands.found(step, changed.functions, ran)
        alike = {s.flavour: s.pair for s in runs[name].same} if ran else {}
        found += agreement_findings(index, functions, ran, alike, seed, hands.compare)
    for name, functions in mine.items():
        found += cost_findings(index, name, functions, runs[name].ran, found)
    return found
