# SPDX-License-Identifier: GPL-2.0-or-later
"""How cost grows: with functions of a patch, patches of a series, PTEs of a scenario, files of a tree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from oracle import sandbox
from oracle.entries import entry
from oracle.flavours import DEFAULT, FLAVOURS
from oracle.runner import Runner
from oracle.sandbox.policy import NAMESPACES
from oracle.wire import command
from oracle.workloads import SIZES, Workload, workloads
from reviewer.building.pair import build
from reviewer.trees.kernel import open_tree
from tests.bench.inputs import Input
from tests.bench.one import Setup
from tests.bench.rounds import Bench, Row
from tests.bench.table import table
from tests.kernel.throughput import clock

_FUNCTIONS = (1, 2, 4, 8)
_PATCHES = (1, 2, 5, 10)
_ENTRY = "move_ptes"
_CLASSES = ("order 0", "64K")
_TIMES = 300  # runs of one scenario
_HERE = Path(__file__).resolve().parents[2]
_EMBEDDED = _HERE / "corpus" / "tree"


def grown(bench: Bench, known: Sequence[Input], primers: Sequence[Input], rounds: int) -> str:
    """The tables, of this checkout alone."""
    setup, ten = bench.setups[0], next(one for one in known if one.name == "ten")
    one = [one for one in known if one.name == "one"][-1]  # which both trees have
    alone = Bench([setup], bench.place)
    functions = [ten.part(f"functions-{n}", n) for n in _FUNCTIONS]
    patches = [ten.part(f"patches-{n}", *[1] * n) for n in _PATCHES]
    wanted = [*functions, *patches, replace(one, name="whole tree", states=("new",))]
    (rows,) = alone.measured(alone.mails(wanted, primers), rounds)
    small = _embedded(one, primers, bench.place, rounds)
    parts = ["Functions of a patch, patches of a series, and the tree, new:", table([*rows, *small])]
    parts += ["PTEs of a scenario, both sides, each with its batches and one by one:", _ptes(setup)]
    return "\n\n".join(parts)


def _embedded(one: Input, primers: Sequence[Input], place: Path, rounds: int) -> Sequence[Row]:
    """The same on the embedded tree, which has hardly more than mremap, mprotect and the reverse map."""
    (place / "embedded").mkdir()
    small = Bench([Setup(_HERE, _EMBEDDED)], place / "embedded")
    wanted = [replace(one, name="embedded tree", states=("new",))]
    (rows,) = small.measured(small.mails(wanted, primers), rounds)
    return rows


def _ptes(setup: Setup) -> str:
    """Microseconds of a run by the number of PTEs: what the runner takes for the same scenario again and again."""
    lines = ["| flavour | folios | " + " | ".join(f"{n} PTEs" for n in SIZES) + " |", "|---|---|" + "--:|" * len(SIZES)]
    mover = entry(_ENTRY)
    assert mover is not None
    # In namespaces of its own the program is not the process that was started, the clock of which is read.
    with open_tree(setup.tree) as kernel, sandbox.using(sandbox.found().without(NAMESPACES)):
        tree = kernel.at(kernel.head)
        for flavour in DEFAULT:
            with Runner(build(tree, tree, mover, flavour).program, timeout=600) as runner:
                loads = workloads(mover, FLAVOURS[flavour].cont_ptes)
                for folios in _CLASSES:
                    spent = [_run(runner, load) for load in loads if load.folios == folios]
                    lines.append(f"| {flavour} | {folios} | " + " | ".join(f"{s * 1e6:.1f}" for s in spent) + " |")
    return "\n".join(lines)


def _run(runner: Runner, load: Workload) -> float:
    """Seconds of processor time of a run."""
    guise = next(g for g in load.guises if runner.attempt(g) is not None)
    runner.ask(command("take", guise.numbers()))
    started = clock(runner)
    for _ in range(_TIMES):
        runner.ask(command("run"))
    return (clock(runner) - started) / _TIMES
