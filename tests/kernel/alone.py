# SPDX-License-Identifier: GPL-2.0-or-later
"""Edits that one rule alone finds (alone.toml): what a campaign shows with all rules, and without that one."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from functools import reduce
from pathlib import Path

from oracle.entries import entry
from oracle.explain.tree import kernel_of
from oracle.faults import Fault, faults
from oracle.flavours import FLAVOURS
from oracle.reference.walkers.kernel import newest
from oracle.runner import Runner
from oracle.task import Met, Task
from reviewer.building.pair import build
from reviewer.changes.changed import changes
from reviewer.model import Message, Patch, PatchTrees, Tree

from .editing import Edit, edited

_MESSAGE = Message("", "", (), "", (), (), "", "an edit", "", b"", "")
_ALONE, _EDITS = (Path(__file__).with_name(f"{name}.toml") for name in ("alone", "edits"))
COUNT = 30_000


@dataclass(frozen=True)
class Shown:
    """Rules that an edit is found to break: with all of them in force, and without its own."""

    found: frozenset[str]
    without: frozenset[str]


def edits() -> list[Edit]:
    """Those of alone.toml; where one only names another of edits.toml, with what that says."""
    known = {e["name"]: e for e in tomllib.loads(_EDITS.read_text("utf-8"))["edit"]}
    return [known.get(e["name"], {}) | e for e in tomllib.loads(_ALONE.read_text("utf-8"))["edit"]]


def shown(tree: Tree, edit: Edit) -> Shown:
    """Run the edit once, through its entry and on its flavour, and judge what was met twice."""
    steps = (edit, *edit.get("more", ()))
    after = reduce(edited, steps, tree)
    changed = changes(PatchTrees(Patch(1, edit["name"], _MESSAGE), tree, after, tuple({e["file"]: 0 for e in steps})))
    through, flavour = entry(edit["entry"]), edit.get("flavour", "x86-64")
    assert through is not None
    pair = build(tree, after, through, flavour, changed.names, changed.sources)
    kernel = newest(*(kernel_of(t.read, FLAVOURS[flavour]) for t in (tree, after)))
    tainted = set(pair.before.stubs) != set(pair.after.stubs)
    task = Task(pair.program, through.name, kernel, 1, COUNT, tainted=tainted, smallest=False)
    met = Met()
    with Runner(pair.program) as runner:
        met.add(runner.campaign(task.seed, 0, task.count), lambda index: runner.scenario(task.seed, index))
        every = faults(runner, task, met)
        others = faults(runner, replace(task, wanted=lambda name: name != edit["rule"]), met)
    return Shown(_introduced(every), _introduced(others))


def _introduced(found: list[Fault]) -> frozenset[str]:
    mine = (f for f in found if (f.judgement.relation, f.judgement.kind) == ("introduced", "violation"))
    return frozenset(name for fault in mine for name in fault.rules)
