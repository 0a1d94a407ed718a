# SPDX-License-Identifier: GPL-2.0-or-later
"""What a worker does with a unit: build from text, run, answer. Whatever goes wrong is an answer as well.

It reads no file itself: the compiler and the runner beneath pair.build_from_text() and oracle.runner are contained as
in any review.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from oracle import campaign
from oracle.cost import Row
from oracle.flavours import FLAVOURS
from oracle.runner import RunnerError
from oracle.task import Targets, Task
from oracle.workloads import Workload, workloads
from reviewer.building.identity import alike, steady
from reviewer.building.objects import live_probes
from reviewer.building.pair import build_from_text
from reviewer.cluster.units import Agreement, Answer, CountedUnit, Forcing, Proof, Round, Unit
from reviewer.errors import ReviewError, SliceError
from reviewer.findings.agreement import disagreements
from reviewer.running.forcing import come_to
from reviewer.settings import Settings


def work(unit: Unit) -> Answer:
    """The answer to a unit."""
    try:
        if isinstance(unit, Round):
            return _round(unit)
        return _agreement(unit) if isinstance(unit, Agreement) else _forcing(unit)
    except SliceError as error:
        return Answer(why=str(error), compiles=False)
    except (ReviewError, RunnerError) as error:
        return Answer(why=str(error), again=True)
    except Exception as error:  # of a stranger's code: one unit's failure, whatever it is
        return Answer(why=f"{type(error).__name__}: {error}"[:500], again=True)


def _round(unit: Round) -> Answer:
    if unit.proof is not None and alike(unit.proof):
        return Answer(proof=Proof(steady(unit.proof), *map(live_probes, unit.proof.marked)))
    program = build_from_text(unit.code, unit.flavour)
    work = workloads(unit.entry, FLAVOURS[unit.flavour].cont_ptes) if unit.leads else ()
    task = Task(
        program, unit.entry.name, unit.kernel, unit.seed, unit.count,
        Settings(only=unit.only, ignore=unit.ignore).wants, unit.tainted, unit.entry.calls if unit.leads else (),
        unit.promised, unit.smallest, Targets(unit.wanted, range(*unit.near), unit.asked),
        work, unit.first,
    )  # fmt: skip
    result = campaign.run(task)
    if result.died:
        return Answer(why=f"the run ended early: {result.died}", again=True)
    return Answer(result=replace(result, counted=()), rows=_counted(work, result.counted))


def _counted(work: Sequence[Workload], rows: Sequence[Row]) -> tuple[CountedUnit, ...]:
    at = {
        (load.folios, load.ptes, load.part, guise): (number, n)
        for number, load in enumerate(work) for n, guise in enumerate(load.guises)
    }  # fmt: skip
    return tuple(CountedUnit(*at[r.folios, r.ptes, r.part, r.scenario], r.before, r.after) for r in rows)


def _agreement(unit: Agreement) -> Answer:
    programs = {flavour: build_from_text(code, flavour) for flavour, code in unit.codes}
    return Answer(odd=disagreements(unit.entry.name, programs, unit.seed, dict(unit.kernels)))


def _forcing(unit: Forcing) -> Answer:
    return Answer(probes=come_to(build_from_text(unit.code, unit.flavour), unit.seed, unit.count))
