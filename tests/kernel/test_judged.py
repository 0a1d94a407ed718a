# SPDX-License-Identifier: GPL-2.0-or-later
"""Each side is judged by what is right: mending is mending, what is wrong both times was there, nothing is masked."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from reviewer.model import Review, Tree
from reviewer.settings import Settings
from reviewer.trees.kernel import KernelTree

from .editing import edited, of_steps

pytestmark = pytest.mark.kernel
_CASES = tomllib.loads(Path(__file__).with_name("judged.toml").read_text("utf-8"))["edit"]
_WRITE_BIT = {"file": "mm/mremap.c", "function": "mremap_folio_pte_batch", "pattern": "FPB_RESPECT_WRITE", "with": "0"}
_HINT = {
    "file": "mm/mremap.c", "function": "mremap_folio_pte_batch",
    "pattern": r"if \(pte_batch_hint\(\w+, \w+\) == 1\)\s*return 1;", "with": "",
}  # fmt: skip
_SOFT_DIRTY = {
    "file": "mm/mremap.c", "function": "move_ptes", "pattern": r"pte = move_soft_dirty_pte\(pte\);", "with": "",
}  # fmt: skip

_FLUSH = {
    "file": "mm/mremap.c", "function": "move_ptes",
    "pattern": r"if \(force_flush\)\s*flush_tlb_range\([^;]*;", "with": "",
}  # fmt: skip

# What unpatched kernels do wrong (docs/kernel-findings.md), mended: the folio hears of every dirty entry of the batch;
# and of the first one's only.
_DROPS = {"file": "mm/khugepaged.c", "function": "try_collapse_pte_mapped_thp"}
_CLEARS = r"clear_ptes\(mm, addr, pte, (\w+)\);"
_TELLS = {
    **_DROPS, "pattern": _CLEARS,
    "with": r"if (pte_dirty(get_and_clear_full_ptes(mm, addr, pte, \1, 0))) folio_mark_dirty(folio);",
}  # fmt: skip
_TELLS_OF_ONE = {
    **_DROPS, "pattern": _CLEARS,
    "with": r"if (pte_dirty(ptent)) folio_mark_dirty(folio); clear_ptes(mm, addr, pte, \1);",
}  # fmt: skip
_MAKES_CLEAN = {
    **_DROPS, "pattern": r"nr_mapped_ptes \+= nr_batch_ptes;",
    "with": "nr_mapped_ptes += nr_batch_ptes; folio_clear_dirty(folio);",
}  # fmt: skip


def _step(before: Tree, after: Tree, file: str, budget: float = 1.5) -> Review:
    return of_steps(before, [(after, (file,))], Settings(budget=budget))


def _told(review: Review, relation: str) -> list[tuple[str, tuple[str, ...]]]:
    return [(f.rule, f.flavours) for f in review.findings if f.relation == relation and f.kind == "violation"]


@pytest.mark.parametrize("kernel", ["7.2"], indirect=True)
@pytest.mark.parametrize("case", _CASES, ids=lambda c: c["name"])
def test_a_mending_is_one(kernel: KernelTree, case: dict[str, Any]) -> None:
    tree = kernel.at(kernel.head)
    mended = _step(edited(tree, case), tree, case["file"])
    assert [(f.rule, f.kind, f.summary) for f in mended.findings if f.relation == "introduced"] == []
    fixed = [f for f in mended.findings if f.relation == "fixed" and f.kind == "violation"]
    assert [f.function for f in fixed] == [case["function"]]


@pytest.mark.parametrize("kernel", ["7.2"], indirect=True)
def test_a_hole_that_is_spread_is_not_mended(kernel: KernelTree) -> None:
    """The write bit is wrong with contpte blocks before; batching small pages brings it to x86."""
    before = edited(kernel.at(kernel.head), _WRITE_BIT)
    done = _step(before, edited(before, _HINT), "mm/mremap.c")
    assert ("B5", ("x86-64",)) in [(rule, flavours[:1]) for rule, flavours in _told(done, "introduced")]
    assert _told(done, "fixed") == []


@pytest.mark.parametrize("kernel", ["7.2"], indirect=True)
def test_what_a_mending_leaves_was_there_before(kernel: KernelTree) -> None:
    """Two bugs, of which the patch mends one."""
    tree = kernel.at(kernel.head)
    left = edited(tree, _FLUSH)
    done = _step(edited(left, _WRITE_BIT), left, "mm/mremap.c")
    assert [f for f in done.findings if f.relation == "introduced"] == []
    assert [rule for rule, _ in _told(done, "preexisting")] == ["T4"]
    assert [rule for rule, _ in _told(done, "fixed")] == ["B5"]


@pytest.mark.parametrize("kernel", ["7.2"], indirect=True)
def test_of_two_that_are_brought_each_is_found(kernel: KernelTree) -> None:
    """Neither swallows the other, and each has its own lines."""
    tree = kernel.at(kernel.head)
    done = _step(tree, edited(edited(tree, _SOFT_DIRTY), _WRITE_BIT), "mm/mremap.c")
    found = {f.rule: f.function for f in done.findings if f.relation == "introduced" and f.kind == "violation"}
    assert found == {"B5": "mremap_folio_pte_batch", "D4": "move_ptes"}


@pytest.mark.parametrize("kernel", ["7.2"], indirect=True)
def test_one_fault_given_for_another_is_brought(kernel: KernelTree) -> None:
    """The code before is wrong in every batch, so that there is no state in which only the code after is."""
    tree, file = kernel.at(kernel.head), "mm/memory.c"
    counts = {
        "function": "copy_present_ptes",
        "pattern": r"rss\[MM_ANONPAGES\] \+= nr;",
        "with": "rss[MM_ANONPAGES]++;",
    }
    shares = {"function": "__copy_present_ptes", "pattern": r"(wrprotect_ptes\([^;]*), nr\)", "with": r"\1, 1)"}
    done = _step(edited(tree, {"file": file, **counts}), edited(tree, {"file": file, **shares}), file)
    found = [f for f in done.findings if f.relation == "introduced" and f.kind == "violation"]
    assert [f.function for f in found] == ["__copy_present_ptes"]
    assert "S7" in {found[0].rule, *found[0].also}
    assert [rule for rule, _ in _told(done, "fixed")] == ["G4"]


@pytest.mark.parametrize("kernel", ["7.2", "7.3"], indirect=True)
def test_a_fault_of_the_tree_itself_is_mended_wholly_or_not(kernel: KernelTree) -> None:
    tree, file = kernel.at(kernel.head), _DROPS["file"]
    mended = edited(tree, _TELLS)
    done = _step(tree, mended, file)
    assert [(f.relation, f.rule) for f in done.findings] == [("fixed", "D1")]
    half = _step(tree, edited(tree, _TELLS_OF_ONE), file)
    assert [(f.relation, f.rule) for f in half.findings] == [("preexisting", "D1")]
    again = _step(mended, edited(tree, _TELLS_OF_ONE), file)
    assert [(f.relation, f.rule) for f in again.findings] == [("introduced", "D1")]


@pytest.mark.parametrize("kernel", ["7.2"], indirect=True)
def test_a_fault_of_the_tree_itself_hides_no_other_of_its_rule(kernel: KernelTree) -> None:
    """Whether or not the patch mends the first."""
    tree, file = kernel.at(kernel.head), _DROPS["file"]
    for before in (tree, edited(tree, _TELLS)):
        done = _step(tree, edited(before, _MAKES_CLEAN), file)
        assert [(f.rule, f.function) for f in done.findings if f.relation == "introduced"] == [
            ("D1", _DROPS["function"])
        ]
