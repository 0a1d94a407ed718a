# SPDX-License-Identifier: GPL-2.0-or-later
"""The third relation: where x86-64 and arm64 agreed on the state before a patch they agree on it after.

Asked of an entry in which nothing was found broken or mended: what a flavour loses or gains shows there first, and with
more to say. What is left is a change that was meant, or passes for harmless, and comes out differently on one flavour.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from oracle.faults import Fault, reached
from oracle.flavour_agreement import Disagreement, compare, guilty, shows, without_blocks
from oracle.flavours import DEFAULT
from oracle.judge import judged
from oracle.reference.walkers.kernel import Kernel
from oracle.runner import Hit, Runner, RunnerError
from oracle.shrink import shrink
from oracle.sides import sides
from reviewer.building.pair import Pair, build_from_text
from reviewer.errors import SliceError
from reviewer.findings.blame import reached as place_of
from reviewer.findings.clusters import alone
from reviewer.findings.explanation import Explained
from reviewer.findings.findings import finding_of
from reviewer.model import ChangedFunction, Finding
from reviewer.running.tried import Ran

SCENARIOS = 10_000
Odd = tuple[tuple[str, Fault], ...]  # odd flavours, each with its fault
Compare = Callable[[Mapping[str, Pair], int, Mapping[str, Kernel]], Odd]


def agreement_findings(
    patch: int,
    changed: Sequence[ChangedFunction],
    ran: Sequence[Ran],
    same: Mapping[str, Pair],
    seed: int,
    ask: Compare | None = None,
) -> list[Finding]:
    """A finding for each rule that a disagreement of the two default flavours breaks; none where one has no program.

    same: pairs of the flavours on which the patch changes no code; ask: compares them, for agreeing()."""
    ours = {one.flavour: one for one in ran if one.flavour in DEFAULT}
    pairs = {**same, **{flavour: one.pair for flavour, one in ours.items()}}
    known = [f.judgement for one in ran for f in one.result.faults]
    wrong = any(j.kind == "violation" and j.relation != "preexisting" for j in known)
    if not ours or wrong or not pairs.keys() >= set(DEFAULT):
        return []
    found: dict[str, Finding] = {}
    for flavour, fault in (ask or agreeing)(pairs, seed, {f: one.kernel for f, one in ours.items()}):
        one = ours[flavour]
        made = finding_of(patch, alone(place_of(changed, one, fault, 0), one, fault), Explained("", None))
        found.setdefault(made.rule, replace(made, explanation=_explanation(flavour, fault)))
    return list(found.values())


def agreeing(pairs: Mapping[str, Pair], seed: int, kernels: Mapping[str, Kernel]) -> Odd:
    """What two pairs show. kernels: of the flavours that the patch changes."""
    entry = next(iter(pairs.values())).entry.name
    try:
        programs = {f: pair.program if f in kernels else _standing(pair) for f, pair in pairs.items()}
    except SliceError:
        return ()
    return disagreements(entry, programs, seed, kernels)


def _standing(pair: Pair) -> Path:
    """The program of a pair whose sides are the same code, which was not built: one side of it stands for both."""
    return build_from_text((pair.before.text, pair.before.text), pair.flavour)


def disagreements(entry: str, programs: Mapping[str, Path], seed: int, kernels: Mapping[str, Kernel]) -> Odd:
    """What two programs show; nothing where one dies."""
    try:
        with Runner(programs[DEFAULT[0]]) as a, Runner(programs[DEFAULT[1]]) as b:
            return tuple(_faults(entry, dict(zip(DEFAULT, (a, b), strict=True)), programs, seed, kernels))
    except RunnerError:
        return ()


def _faults(
    entry: str, runners: Mapping[str, Runner], programs: Mapping[str, Path], seed: int, kernels: Mapping[str, Kernel]
) -> Iterator[tuple[str, Fault]]:
    """Each odd flavour with its fault, in the first aspect that it is guilty of. To be odd is wrong only where the
    reference says so; where it has no word that is a question, and where it agrees both were wrong before."""
    for told in compare(runners, seed, SCENARIOS):
        if (case := _first(runners, told, seed)) is None:
            continue
        index, flavour, aspect = case
        hit = Hit("flavours", aspect, told.count, (index,))
        small = shrink(runners[DEFAULT[1]].scenario(seed, index), shows(runners, flavour, aspect))
        if runners[flavour].attempt(small) is None:
            small = without_blocks(small)
        outcome = runners[flavour].run(small, rows=True)
        both = sides(entry, small, outcome, kernels[flavour])
        meant = judged(entry, hit, both.relation)
        if meant is not None and meant.relation == "introduced":
            yield flavour, Fault(meant, meant, small, outcome, (), reached(programs[flavour], small), both)


def _first(runners: Mapping[str, Runner], told: Disagreement, seed: int) -> tuple[int, str, str] | None:
    """The first scenario in which a flavour is guilty: index, flavour, aspect. arm64's has the contpte blocks."""
    for index in told.some if told.odd else ():
        for flavour, aspects in guilty(runners, runners[DEFAULT[1]].scenario(seed, index)).items():
            return index, flavour, aspects[0]
    return None


def _explanation(flavour: str, fault: Fault) -> str:
    broken, count = fault.judgement.rule, fault.judgement.hit.count
    return (
        f"Rule {broken.id}: {broken.title}. {' and '.join(DEFAULT)} left the same state before the patch, and do not "
        f"after: {flavour} is the odd one. {count} of {SCENARIOS} scenarios show it."
    )
