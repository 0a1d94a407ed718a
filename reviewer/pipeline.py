# SPDX-License-Identifier: GPL-2.0-or-later
"""The straight line: series and tree in, Review out. Every stage is a module; this is their order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from oracle import sandbox
from oracle.flavours import DEFAULT
from oracle.reference.walkers.kernel import Kernel
from reviewer import __version__
from reviewer.agreement import Odd, agreeing, agreement_findings
from reviewer.changed import Changes, changes
from reviewer.claims import claimed, joined, unused, verdict, waiting
from reviewer.costs import cost_findings, unless_unseen
from reviewer.entries import Plan, plan
from reviewer.findings import findings, once
from reviewer.forcing import forced, harmless
from reviewer.mishaps import unreviewed
from reviewer.model import (
    ChangedFunction,
    Finding,
    PatchReview,
    PatchTrees,
    Review,
    Series,
    SeriesTrees,
)
from reviewer.pair import Pair
from reviewer.precedents import citing
from reviewer.promises import promise
from reviewer.repairs import fixed_later
from reviewer.running import Came, Job, here, run_all
from reviewer.settings import Settings
from reviewer.spread import spread
from reviewer.static.check import settle, static_findings
from reviewer.told import Nobody, Told
from reviewer.toolchain import compiler_version
from reviewer.tried import Ran, Tried
from reviewer.uncalled import Key, called
from reviewer.versions import compared, digest_of, taken_over
from reviewer.words import listing

__all__ = ["Settings", "review"]

_FORCED = 5_000  # scenarios with a condition taken for true


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


def review(
    series: Series,
    trees: SeriesTrees,
    settings: Settings,
    told: Told | None = None,
    previous: Review | None = None,
    hands: Hands | None = None,
) -> Review:
    """Review a series that was applied. told: who hears how it goes.

    previous: the review of an earlier version; what has not changed since is taken from there. hands: what runs
    code. When a signal ends it the patches that are done are reviewed, and the others not seen; Halted when there are
    none."""
    done: list[PatchReview] = []
    found: list[Finding] = []
    told = told or Nobody()
    try:
        for step in trees.patches:
            told.begins(step.patch, series.total)
            one, more = _step(step, done, settings, told, previous, hands or Hands())
            done.append(one)
            found += (asked := [f for f in more if settings.wants(f.rule)])
            told.ends(one, asked)
    except sandbox.Halted:
        if not done:
            raise
        series = _seen(series, {p.index for p in done})
    kept = citing(fixed_later(found))
    done = joined(done)
    kept, history = compared(previous, kept, done, settings.wants, series.part) if previous else (kept, None)
    return Review(
        version=__version__, seed=settings.seed, compiler=compiler_version(), series=series, base=trees.base,
        base_how=trees.how, tree=trees.tree, verdict=verdict(done, kept), patches=tuple(done), findings=tuple(kept),
        previous=history, contained=sandbox.current().names,
    )  # fmt: skip


def _step(
    step: PatchTrees,
    done: list[PatchReview],
    settings: Settings,
    told: Told,
    previous: Review | None,
    hands: Hands,
) -> tuple[PatchReview, list[Finding]]:
    """One patch, after those before it."""
    pending = frozenset((f.name, f.file) for f in (f for p in joined(done) for f in p.functions) if f.open)
    said = f"{settings.told()} {promise(step.patch.message)} {sorted(pending)}"
    digest = digest_of(step, said, compiler_version())
    known = taken_over(previous, digest, step) if previous else None
    try:
        one, more = known or _patch(step, pending, settings, told, hands)
    except Exception as error:  # its own answer, and the others keep theirs
        return unreviewed(step, error), []
    return replace(one, digest=digest), more


def _seen(series: Series, indexes: set[int]) -> Series:
    """The part of a series that was reviewed when a signal came: the rest was not seen."""
    here = tuple(patch for patch in series.patches if patch.index in indexes)
    unseen = {patch.index for patch in series.patches} - indexes
    return replace(series, patches=here, missing=tuple(sorted({*series.missing, *unseen})))


def _patch(
    step: PatchTrees, pending: frozenset[Key], settings: Settings, told: Told, hands: Hands
) -> tuple[PatchReview, list[Finding]]:
    flavours = dict.fromkeys((*DEFAULT, *settings.flavours))
    told.stage("reading the change")
    apart = called(step, changes(step, flavours), flavours, pending)
    changed = apart.changes
    users = {(f.name, f.file): spread(step, f, flavours) for f in changed.functions if f.bears}
    chosen = plan(step, changed.functions, changed.names, flavours, changed.sources, users)
    told.stage(f"running {listing([e.name for e in chosen.entries])}")
    runs = run_all(step, changed, chosen, settings, told, hands.run)
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
    asked = settle(static_findings(step, [f for f in changed.functions if f.compiled]), found)
    found = unless_unseen(found, asked) + asked
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
