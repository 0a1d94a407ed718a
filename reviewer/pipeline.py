"""The straight line: series and tree in, Review out. Every stage is a module; this is their order."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

from oracle import campaign, cost
from oracle.entries import GENERIC, Entry
from oracle.flavours import DEFAULT, FLAVOURS
from oracle.runner import Runner
from oracle.workloads import workloads
from reviewer import __version__
from reviewer.agreement import agreement_findings
from reviewer.changed import Changes, changes
from reviewer.claims import claimed, joined, unused, verdict, waiting
from reviewer.costs import cost_findings, unless_unseen
from reviewer.entries import Plan, plan
from reviewer.errors import SliceError
from reviewer.findings import findings
from reviewer.forcing import forced
from reviewer.identity import Same, same
from reviewer.model import (
    Finding,
    PatchReview,
    PatchTrees,
    Review,
    Series,
    SeriesTrees,
)
from reviewer.objects import compiler_version
from reviewer.pair import build
from reviewer.precedents import citing
from reviewer.promises import promise
from reviewer.reached import targets
from reviewer.repairs import fixed_later
from reviewer.static.check import settle, static_findings
from reviewer.tried import Ran, Tried
from reviewer.uncalled import Key, called
from reviewer.versions import compared, digest_of, taken_over

# Scenarios that one second of budget stands for: a count, so that the same input gives the same answer anywhere.
_PER_SECOND = 100_000
_LEAST = 2_000
_FORCED = 5_000


@dataclass(frozen=True)
class Settings:
    """budget: seconds of campaign, all pairs together. only, ignore: rule ids. flavours: empty for the usual ones.
    smallest: whether the scenario of a finding is shrunk; without, whether there is one is known sooner."""

    budget: float = 2.0
    seed: int = 1
    flavours: tuple[str, ...] = ()
    only: frozenset[str] = frozenset()
    ignore: frozenset[str] = frozenset()
    jobs: int = field(default_factory=lambda: os.cpu_count() or 1)
    smallest: bool = True

    def wants(self, rule: str) -> bool:
        """Whether findings of that rule are asked for."""
        return (not self.only or rule in self.only) and rule not in self.ignore

    def told(self) -> str:
        """All that the results depend on, as text."""
        chosen = (self.flavours, sorted(self.only), sorted(self.ignore))
        return repr((self.budget, self.seed, *chosen))


Told = Callable[[str, float], None]


def review(
    series: Series,
    trees: SeriesTrees,
    settings: Settings,
    tell: Told = lambda _text, _part: None,
    previous: Review | None = None,
) -> Review:
    """Review a series that was applied. tell(text, part): what is being done, and how much of a patch it is.

    previous: the review of an earlier version; what has not changed since is taken from there."""
    done: list[PatchReview] = []
    found: list[Finding] = []
    for step in trees.patches:
        tell(f"{step.patch.index}/{series.total} {step.patch.subject}", 0.0)
        pending = frozenset((f.name, f.file) for f in (f for p in joined(done) for f in p.functions) if f.open)
        said = f"{settings.told()} {promise(step.patch.message)} {sorted(pending)}"
        digest = digest_of(step, said, compiler_version())
        known = taken_over(previous, digest, step) if previous else None
        one, more = known or _patch(step, pending, settings, tell)
        done.append(replace(one, digest=digest))
        found += more
    kept = citing(fixed_later([f for f in found if settings.wants(f.rule)]))
    kept, history = compared(previous, kept, done, settings.wants) if previous else (kept, None)
    done = joined(done)
    return Review(
        version=__version__, seed=settings.seed, compiler=compiler_version(), series=series, base=trees.base,
        base_how=trees.how, tree=trees.tree, verdict=verdict(done, kept), patches=tuple(done), findings=tuple(kept),
        previous=history,
    )  # fmt: skip


def _patch(
    step: PatchTrees, pending: frozenset[Key], settings: Settings, tell: Told
) -> tuple[PatchReview, list[Finding]]:
    flavours = dict.fromkeys((*DEFAULT, *settings.flavours))
    apart = called(step, changes(step, flavours), flavours, pending)
    changed = apart.changes
    chosen = plan(step, changed.functions, changed.names, flavours, changed.sources)
    runs = _run_all(step, changed, chosen, settings, tell)
    found: list[Finding] = []
    for entry in chosen.entries:
        mine = [f for f in changed.functions if entry in chosen.reached.get((f.name, f.file), ())]
        ran, told = runs[entry.name].ran, promise(step.patch.message)
        found += findings(step.patch.index, entry.name, mine, ran, step.before.read, told)
        found += cost_findings(step.patch.index, entry.name, mine, ran)
        alike = {s.flavour: s.pair.program for s in runs[entry.name].same} if ran else {}
        found += agreement_findings(step.patch.index, entry.name, mine, ran, alike, settings.seed)
    # What is neither reached nor has to do with PTEs is not ours to speak of.
    ours = [f for f in changed.functions if f.bears or (f.name, f.file) in chosen.reached]
    if not any(f.relation == "introduced" for f in found):
        runs = forced(ours, chosen.reached, runs, settings.seed, _FORCED)
    functions = (
        *(claimed(f, chosen, runs) for f in ours),
        *(waiting(f) for f in apart.waiting if f.bears),
        *(unused(f) for f in apart.unused if f.bears),
    )
    message = step.patch.message
    found = _once(found)
    asked = settle(static_findings(step, changed.functions), found)
    found = unless_unseen(found, asked) + asked
    return PatchReview(step.patch.index, step.patch.subject, message.message_id, functions), found


def _once(found: list[Finding]) -> list[Finding]:
    """Each rule of each function once: what a helper does shows through every entry that was run."""
    kept: dict[tuple[str, str, str, str, str], Finding] = {}
    for f in found:
        kept.setdefault((f.rule, f.relation, f.kind, f.function, f.file), f)
    return list(kept.values())


def _run_all(step: PatchTrees, changed: Changes, chosen: Plan, settings: Settings, tell: Told) -> dict[str, Tried]:
    wanted = settings.flavours or DEFAULT
    jobs = [(e, f) for e in chosen.entries for f in (e.flavours or tuple(FLAVOURS)) if f in wanted]
    count = max(_LEAST, int(settings.budget * _PER_SECOND / max(1, len(jobs))))

    def work(job: tuple[Entry, str]) -> Ran | Same | str:
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
    """Build and run one pair, unless both sides are the same code. A string says why it cannot be."""
    try:
        pair = build(step.before, step.after, entry, flavour, changed.names, changed.sources)
    except SliceError as error:
        return f"{error.place + ': ' if error.place else ''}{error.message}"
    if (proof := same(pair, settings.seed)) is not None:
        return proof
    tainted = set(pair.before.stubs) != set(pair.after.stubs)
    least = max(_LEAST, count // entry.weight)
    # What a call by signature alone keeps to is known of scenarios made by chance only.
    wanted = campaign.Targets() if entry.adapter == GENERIC else targets(pair, changed.functions)
    task = campaign.Task(
        pair.program, entry.name, settings.seed, least, settings.wants, tainted, entry.calls,
        bool(promise(step.patch.message)), settings.smallest, wanted,
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
        counted = cost.measure(runner, workloads(entry, FLAVOURS[flavour].cont_ptes))
    return Ran(pair, result, tuple(counted))
