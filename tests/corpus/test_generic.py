# SPDX-License-Identifier: GPL-2.0-or-later
"""A function that no entry with an adapter reaches is reviewed by its signature, on the embedded tree."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from oracle import campaign
from oracle.entries import GENERIC
from oracle.reference.walkers.kernel import Kernel
from oracle.task import Task
from reviewer.building.pair import build
from reviewer.changes.changed import changes
from reviewer.intake.mail import read_messages
from reviewer.intake.series import series_from_messages
from reviewer.model import PatchTrees, Tree
from reviewer.resources import folder
from reviewer.selection.plan import plan
from reviewer.selection.trial import attempt
from reviewer.trees.overlays import Overlay, open_tree

_PATH = "mm/harden.c"
_HEAD = """#include <linux/mm.h>
#include "internal.h"

struct mm_walk {
	struct mm_struct *mm;
	struct vm_area_struct *vma;
	void *private;
};

struct harden_walk {
	unsigned long total;
};

"""
_STEP = """static int harden_pte_entry(pte_t *pte, unsigned long addr, unsigned long next, struct mm_walk *walk)
{
	struct harden_walk *harden = walk->private;
	pte_t old = ptep_get(pte);

	if (!pte_present(old))
		return 0;
	old = ptep_get_and_clear(walk->mm, addr, pte);
	set_pte_at(walk->mm, addr, pte, pte_wrprotect(old));
	harden->total++;
	return 0;
}
"""
_CHANGED = "pte_wrprotect(old)"


@dataclass(frozen=True)
class _Case:
    trees: PatchTrees

    @property
    def names(self) -> frozenset[str]:
        return changes(self.trees).names


def _case(tree: Tree, before: str, after: str) -> _Case:
    series = series_from_messages(read_messages(str(folder("corpus") / "mremap-write-bit" / "series.mbox")))
    sides = [Overlay(tree, {_PATH: (_HEAD + text).encode()}) for text in (before, after)]
    return _Case(PatchTrees(series.patches[0], sides[0], sides[1], (_PATH,)))


@pytest.fixture(scope="module")
def tree() -> Tree:
    with open_tree(str(folder("corpus") / "tree")) as kernel:
        return kernel.at(kernel.head)


def test_a_lost_bit_shows_through_a_generic_entry(tree: Tree) -> None:
    case = _case(tree, _STEP, _STEP.replace(_CHANGED, "pte_mkclean(pte_wrprotect(old))"))
    functions = changes(case.trees).functions
    chosen = plan(case.trees, functions, case.names)
    assert [(e.name, e.adapter, e.flavours) for e in chosen.entries] == [
        ("harden_pte_entry", GENERIC, ("x86-64", "arm64-4k"))
    ]
    for flavour in chosen.entries[0].flavours:
        pair = build(case.trees.before, case.trees.after, chosen.entries[0], flavour, case.names)
        result = campaign.run(Task(pair.program, "harden_pte_entry", Kernel(), 1, 4000))
        assert {"DIRTY_LOST"} <= {f.judgement.hit.what for f in result.faults} <= {"DIRTY_LOST", "B10"}
        assert {f.judgement.relation for f in result.faults} == {"introduced"}


def test_a_rewrite_is_silent_through_it(tree: Tree) -> None:
    case = _case(
        tree, _STEP, _STEP.replace("\told = ptep", "\tpte_t now = ptep").replace("wrprotect(old)", "wrprotect(now)")
    )
    chosen = plan(case.trees, changes(case.trees).functions, case.names)
    for flavour in chosen.entries[0].flavours:
        pair = build(case.trees.before, case.trees.after, chosen.entries[0], flavour, case.names)
        result = campaign.run(Task(pair.program, "harden_pte_entry", Kernel(), 1, 4000))
        assert (result.faults, result.died) == ((), "")


def test_a_helper_is_reached_through_its_caller(tree: Tree) -> None:
    helper = "static pte_t hardened(pte_t pte, struct widget *gadget)\n{\n\treturn pte_wrprotect(pte);\n}\n\n"
    step = helper + _STEP.replace(_CHANGED, "hardened(old, NULL)")
    case = _case(tree, step, step.replace("return pte_wrprotect(pte)", "return pte_mkold(pte_wrprotect(pte))"))
    chosen = plan(case.trees, changes(case.trees).functions, case.names)
    assert [e.name for e in chosen.entries] == ["harden_pte_entry"]
    assert ("hardened", _PATH) in chosen.reached


def test_a_call_that_lies_to_the_function_is_not_used(tree: Tree) -> None:
    # It expects what no signature tells: that the entry is dirty.
    step = _STEP.replace("\tharden->total++;", "\tWARN_ON(!pte_dirty(old));\n\tharden->total++;")
    case = _case(tree, step, step.replace(_CHANGED, "pte_mkold(pte_wrprotect(old))"))
    chosen = plan(case.trees, changes(case.trees).functions, case.names)
    assert chosen.entries == ()
    assert "X5" in chosen.why["harden_pte_entry", _PATH]


def test_what_is_not_modelled_ends_a_run_and_is_named(tree: Tree) -> None:
    prototype = "struct folio *harden_elsewhere(struct folio *folio);\n\n"
    call = "\tif (pte_dirty(old))\n\t\tharden_elsewhere(pfn_folio(pte_pfn(old)));\n\tharden->total++;"
    case = _case(tree, prototype + _STEP.replace("\tharden->total++;", call), _STEP)
    entry = replace(plan(case.trees, changes(case.trees).functions, case.names).entries[0])
    trial = attempt(case.trees.before, entry, "x86-64", 1, 2000)
    assert trial.why == ""
    assert trial.piece is not None
    assert trial.piece.ends.keys() == {"harden_elsewhere"}
    assert trial.piece.ends["harden_elsewhere"] in trial.covered
