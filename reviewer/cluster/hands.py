# SPDX-License-Identifier: GPL-2.0-or-later
"""What a campaign does in the place of a review that runs all itself: it cuts, sends, and puts together what comes.

So a campaign's review of a series is that of `review-patch`, by the same line from mail to report.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from oracle.cost import Row
from oracle.entries import GENERIC
from oracle.flavours import FLAVOURS
from oracle.reference.walkers.kernel import Kernel
from oracle.workloads import workloads
from reviewer.building.identity import Same, provable, unchanged
from reviewer.building.pair import Pair, build, build_from_text, unbuilt
from reviewer.cluster.merging import merged
from reviewer.cluster.units import ROUND, Agreement, Answer, Code, Forcing, Round, Unit
from reviewer.findings.agreement import Odd
from reviewer.model import ChangedFunction, Finding, PatchTrees
from reviewer.patches import Hands
from reviewer.running.pairs import Came, Job, task_of, unfit
from reviewer.running.tried import Ran

_AT_ONCE = 16  # rounds of a pair that are under way
Ask = Callable[[Unit], Answer]


class Sent(Hands):
    """Asks others to run what a review needs to be run."""

    def __init__(self, ask: Ask, seeds: Sequence[int]) -> None:
        self.ask = ask
        self.seeds = seeds

    def run(self, job: Job, progress: Callable[[float], None]) -> Came:
        """Cut a pair, and have it run. What an entry by signature is made of was built when it was tried."""
        cut = build if job.entry.adapter == GENERIC else unbuilt
        came = self._run(job, self._cut(job, cut), progress)
        if came is None:  # what does not compile may be stood in for, if no change is beneath it
            came = self._run(job, self._cut(job, build), progress)
        return came if came is not None else "its slices do not compile where it is to run"

    @staticmethod
    def _cut(job: Job, cut: Callable[..., Pair]) -> Pair:
        step = job.step
        return cut(step.before, step.after, job.entry, job.flavour, job.names, job.changed.sources, job.kept)

    def _run(self, job: Job, pair: Pair, progress: Callable[[float], None]) -> Came | None:
        """What comes of a pair; None when it does not compile. A tree against itself is the same, and to be run."""
        if job.step.before is not job.step.after and unchanged(pair):
            return Same(pair, None)
        lead, *others = rounds(job, pair, self.seeds)
        answer = self.ask(lead)
        progress(1 / (1 + len(others)))
        if not answer.compiles:
            return None
        if answer.proof is not None:
            return _proven(pair, lead, answer)
        if answer.why:
            return answer.why
        answers = [answer]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for more in pool.map(self.ask, others):
                answers.append(more)
                progress(1 / (1 + len(others)))
        return _ran(job, pair, [lead, *others], answers)

    def found(self, step: PatchTrees, changed: Sequence[ChangedFunction], ran: Sequence[Ran]) -> list[Finding]:
        """The findings of an entry: where there are any, their pairs are built here, to find the guilty lines."""
        return super().found(step, changed, [_here(one) if one.result.faults else one for one in ran])

    def compare(self, pairs: Mapping[str, Pair], seed: int, kernels: Mapping[str, Kernel]) -> Odd:
        """Where flavours disagree."""
        codes = tuple((flavour, _code(pair)) for flavour, pair in pairs.items())
        entry = next(iter(pairs.values())).entry
        return self.ask(Agreement(entry, codes, seed, tuple(kernels.items()))).odd

    def force(self, one: Ran, probe: int, seed: int, count: int) -> set[int]:
        """Probes come to by force."""
        text = one.pair.after.forced(probe)
        if text == one.pair.after.text:
            return set()
        unit = Forcing(one.pair.entry, (one.pair.before.text, text), one.flavour, seed, count)
        return set(self.ask(unit).probes - one.result.after)


def rounds(job: Job, pair: Pair, seeds: Sequence[int]) -> list[Round]:
    """The rounds of a pair, the leading one first. Lines that are not reached are steered to in the first of a seed."""
    task, settings = task_of(job, pair), job.settings
    proof = provable(pair) if job.step.before is not job.step.after else None
    lead = Round(
        _code(pair), proof, pair.entry, pair.flavour, job.kernel, seeds[0], 0, min(ROUND, task.count), True,
        task.tainted, task.promised, task.smallest, settings.only, settings.ignore, task.targets.wanted,
        (task.targets.near.start, task.targets.near.stop), task.targets.asked,
    )  # fmt: skip
    others = replace(lead, leads=False, proof=None)
    later = replace(others, wanted=frozenset(), near=(0, 0))
    return [lead, *(
        replace(later if first else others, seed=seed, first=first, count=min(ROUND, task.count - first))
        for seed in seeds for first in range(0, task.count, ROUND) if first or seed != lead.seed
    )]  # fmt: skip


def _code(pair: Pair) -> Code:
    return pair.before.text, pair.after.text


def _here(one: Ran) -> Ran:
    return replace(one, pair=replace(one.pair, program=build_from_text(_code(one.pair), one.flavour)))


def _proven(pair: Pair, lead: Round, answer: Answer) -> Same:
    """The proof, with what its worker told of it."""
    proof = Same(pair, lead.proof)
    if answer.proof is not None:
        vars(proof).update(vars(answer.proof))  # else compiled once more
    return proof


def _ran(job: Job, pair: Pair, asked: Sequence[Round], answers: Sequence[Answer]) -> Came:
    """What came of all rounds. If some did not run nothing is claimed of the pair; what others found is not lost."""
    done = [((r.seed, r.first), a.result) for r, a in zip(asked, answers, strict=True) if a.result is not None]
    failed = next((a.why for a in answers if a.result is None), "")
    result = merged(done)
    if why := unfit(pair, result):
        return why
    if failed and not any(f.judgement.relation == "introduced" for f in result.faults):
        return f"not all of {len(answers)} rounds ran: {failed}"
    loads = workloads(pair.entry, FLAVOURS[pair.flavour].cont_ptes)
    rows = ((loads[r.load], r) for r in answers[0].rows)
    counted = tuple(Row(of.folios, of.ptes, r.before, r.after, of.guises[r.guise], of.part) for of, r in rows)
    return Ran(pair, job.kernel, result, counted)
