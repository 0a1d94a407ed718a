# SPDX-License-Identifier: GPL-2.0-or-later
"""The pairs of a patch: built, run and measured, both cores at a time."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass

from oracle import campaign, sandbox
from oracle.entries import GENERIC, Entry
from oracle.explain.tree import kernel_of
from oracle.flavours import FLAVOURS
from oracle.reference.walkers.kernel import Kernel, newest
from oracle.task import Task
from oracle.workloads import workloads
from reviewer.building.identity import Same, same
from reviewer.building.pair import Pair, build, unbuilt
from reviewer.changes.changed import Changes
from reviewer.intake.promises import promise
from reviewer.model import PatchTrees
from reviewer.running.listener import Listener
from reviewer.running.mishaps import reason
from reviewer.running.reached import targets
from reviewer.running.tried import Ran, Tried
from reviewer.selection.plan import Plan
from reviewer.settings import Settings

# Scenarios that one second of budget stands for: a count, so that the same input gives the same answer anywhere.
_PER_SECOND = 100_000
_LEAST = 2_000

Came = Ran | Same | str  # what came of a pair; a string says why it cannot be run


@dataclass(frozen=True)
class Job:
    """A pair of a patch to be built and run. names, kept: as touched and kept of pair.build(); count: scenarios."""

    step: PatchTrees
    entry: Entry
    flavour: str
    kernel: Kernel
    changed: Changes
    names: frozenset[str]
    kept: frozenset[str]
    count: int
    settings: Settings


Do = Callable[[Job, Callable[[float], None]], Came]


def here(job: Job, progress: Callable[[float], None]) -> Came:
    """Build and run a pair in this process, unless both sides are the same code."""
    step = job.step
    asked = (step.before, step.after, job.entry, job.flavour, job.names, job.changed.sources, job.kept)
    if (proof := same(unbuilt(*asked))) is not None:
        return proof
    pair = build(*asked)
    result = campaign.run(task_of(job, pair), progress)
    if why := unfit(pair, result):
        return why
    return Ran(pair, job.kernel, result, result.counted)


def run_all(
    step: PatchTrees, changed: Changes, chosen: Plan, settings: Settings, told: Listener, do: Do = here,
    pool: Executor | None = None,
) -> dict[str, Tried]:  # fmt: skip
    """Run the chosen entries on their flavours. told: as for review(); do: runs a pair; pool: runs several at a time,
    those of other patches among them; without it one is run after the other."""
    wanted = settings.runs_on(changed.also)
    jobs = [(e, f) for e in chosen.entries for f in (e.flavours or tuple(FLAVOURS)) if f in wanted]
    count = max(_LEAST, int(settings.budget * _PER_SECOND / max(1, len(jobs))))

    def work(job: tuple[Entry, str]) -> Came:
        left = 1.0

        def ran(part: float) -> None:
            nonlocal left
            left -= part
            told.ran(part / len(jobs), int(part * _share(job[0], count)))

        sandbox.check()
        came = _run_one(step, job[0], job[1], changed, count, settings, ran, do)
        told.ran(max(left, 0.0) / len(jobs), 0)  # the same code, or what cannot be run
        return came

    results = list((pool.map if pool is not None else map)(work, jobs))
    by_entry: dict[str, Tried] = {}
    for entry in chosen.entries:
        mine = [(flavour, r) for (e, flavour), r in zip(jobs, results, strict=True) if e is entry]
        why = tuple((flavour, r) for flavour, r in mine if isinstance(r, str))
        alike = tuple(r for _, r in mine if isinstance(r, Same))
        by_entry[entry.name] = Tried(tuple(r for _, r in mine if isinstance(r, Ran)), alike, why)
    return by_entry


def _run_one(step: PatchTrees, entry: Entry, flavour: str, changed: Changes, count: int, settings: Settings,
             progress: Callable[[float], None], do: Do) -> Came:  # fmt: skip
    """What comes of one pair.

    Where the tree's own code of what the world has as well does not fit, the world's stays, unless that changed."""
    kernel = newest(*(kernel_of(tree.read, FLAVOURS[flavour]) for tree in (step.before, step.after)))
    first = ""
    own = (changed.names, frozenset[str]()), (changed.names - changed.covers, changed.covers)
    for names, kept in dict.fromkeys(own):
        try:
            came = do(Job(step, entry, flavour, kernel, changed, names, kept, count, settings), progress)
        except Exception as error:
            came = reason(error)
        if not isinstance(came, str):
            return came
        first = first or came
    return first


def _share(entry: Entry, count: int) -> int:
    """How many scenarios a pair gets."""
    return max(_LEAST, count // entry.weight)


def task_of(job: Job, pair: Pair) -> Task:
    """What is to be run of a pair."""
    entry = pair.entry
    tainted = set(pair.before.stubs) != set(pair.after.stubs)
    # What a call by signature alone keeps to is known of scenarios made by chance only.
    wanted = targets(pair, job.changed.functions, steered=entry.adapter != GENERIC)
    return Task(
        pair.program, entry.name, job.kernel, job.settings.seed, _share(entry, job.count), job.settings.wants, tainted,
        entry.calls, bool(promise(job.step.patch.message)), job.settings.smallest, wanted,
        workloads(entry, FLAVOURS[pair.flavour].cont_ptes),
    )  # fmt: skip


def unfit(pair: Pair, result: campaign.Result) -> str:
    """Why what a campaign gave says nothing of the patch; empty when it does."""
    if result.died:
        return f"the run ended early: {result.died}"
    broken = sorted({f.judgement.rule.id for f in result.faults if f.judgement.hit.relation == "both"})
    if broken and pair.entry.adapter == GENERIC:
        return f"a call by its signature alone does not meet what callers guarantee ({', '.join(broken)})"
    if broken and (instead := pair.before.instead - set(pair.entry.own)):
        own = ", ".join(sorted(instead))
        return f"the simulated world has {own} itself and does not fit the tree's own ({', '.join(broken)})"
    return ""
