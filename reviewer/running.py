"""The pairs of a patch: built, run and measured, both cores at a time."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from oracle import campaign, cost, sandbox
from oracle.entries import GENERIC, Entry
from oracle.explain.tree import kernel_of
from oracle.flavours import DEFAULT, FLAVOURS
from oracle.reference.walkers.kernel import Kernel, newest
from oracle.runner import Runner
from oracle.task import Targets, Task
from oracle.workloads import workloads
from reviewer.changed import Changes
from reviewer.entries import Plan
from reviewer.identity import Same, same
from reviewer.mishaps import reason
from reviewer.model import PatchTrees
from reviewer.pair import Pair, build
from reviewer.promises import promise
from reviewer.reached import targets
from reviewer.settings import Settings
from reviewer.tried import Ran, Tried

# Scenarios that one second of budget stands for: a count, so that the same input gives the same answer anywhere.
_PER_SECOND = 100_000
_LEAST = 2_000


Told = Callable[[str, float], None]


def run_all(step: PatchTrees, changed: Changes, chosen: Plan, settings: Settings, tell: Told) -> dict[str, Tried]:
    """Run the chosen entries on their flavours, several at a time. tell: as for review()."""
    wanted = settings.flavours or DEFAULT
    jobs = [(e, f) for e in chosen.entries for f in (e.flavours or tuple(FLAVOURS)) if f in wanted]
    count = max(_LEAST, int(settings.budget * _PER_SECOND / max(1, len(jobs))))

    def work(job: tuple[Entry, str]) -> Ran | Same | str:
        sandbox.check()
        return _run_one(step, job[0], job[1], changed, count, settings, lambda p: tell("", p / len(jobs)))

    with ThreadPoolExecutor(max(1, settings.jobs)) as pool:
        results = list(pool.map(work, jobs))
    by_entry: dict[str, Tried] = {}
    for entry in chosen.entries:
        mine = [(flavour, r) for (e, flavour), r in zip(jobs, results, strict=True) if e is entry]
        why = tuple((flavour, r) for flavour, r in mine if isinstance(r, str))
        alike = tuple(r for _, r in mine if isinstance(r, Same))
        by_entry[entry.name] = Tried(tuple(r for _, r in mine if isinstance(r, Ran)), alike, why)
    return by_entry


def _run_one(step: PatchTrees, entry: Entry, flavour: str, changed: Changes, count: int, settings: Settings,
             progress: Callable[[float], None]) -> Ran | Same | str:  # fmt: skip
    """Build and run one pair, unless both sides are the same code. A string says why it cannot be.

    Where the tree's own code of what the world has as well does not fit, the world's stays, unless that changed."""
    kernel = newest(*(kernel_of(tree.read, FLAVOURS[flavour]) for tree in (step.before, step.after)))
    first = ""
    own = (changed.names, frozenset[str]()), (changed.names - changed.covers, changed.covers)
    for names, kept in dict.fromkeys(own):
        try:
            pair = build(step.before, step.after, entry, flavour, names, changed.sources, kept)
            promised = bool(promise(step.patch.message))
            told: Ran | Same | str = _ran(pair, kernel, changed, count, settings, promised, progress)
        except Exception as error:
            told = reason(error)
        if not isinstance(told, str):
            return told
        first = first or told
    return first


def _ran(pair: Pair, kernel: Kernel, changed: Changes, count: int, settings: Settings, promised: bool,
         progress: Callable[[float], None]) -> Ran | Same | str:  # fmt: skip
    entry = pair.entry
    if (proof := same(pair, settings.seed)) is not None:
        return proof
    tainted = set(pair.before.stubs) != set(pair.after.stubs)
    least = max(_LEAST, count // entry.weight)
    # What a call by signature alone keeps to is known of scenarios made by chance only.
    wanted = Targets() if entry.adapter == GENERIC else targets(pair, changed.functions)
    work = workloads(entry, FLAVOURS[pair.flavour].cont_ptes)
    task = Task(
        pair.program, entry.name, kernel, settings.seed, least, settings.wants, tainted, entry.calls,
        promised, settings.smallest, wanted, tuple(g for w in work for g in w.guises),
    )  # fmt: skip
    result = campaign.run(task, progress)
    if result.died:
        return f"the run ended early: {result.died}"
    broken = sorted({f.judgement.rule.id for f in result.faults if f.judgement.hit.relation == "both"})
    if broken and entry.adapter == GENERIC:
        return f"a call by its signature alone does not meet what callers guarantee ({', '.join(broken)})"
    if broken and (instead := pair.before.instead - set(entry.own)):
        own = ", ".join(sorted(instead))
        return f"the simulated world has {own} itself and does not fit the tree's own ({', '.join(broken)})"
    with Runner(pair.program) as runner:
        counted = cost.measure(runner, work)
    return Ran(pair, kernel, result, tuple(counted))
