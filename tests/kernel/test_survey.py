# SPDX-License-Identifier: GPL-2.0-or-later
"""Real trees: what touches PTEs there, and generic entries that come through unchanged code without a word."""

from __future__ import annotations

import re

import pytest

from reviewer.changes.touching import touching
from reviewer.commands.survey import SurveySettings, survey
from reviewer.report.surveyed import totals
from reviewer.trees.kernel import KernelTree
from reviewer.trees.overlays import Overlay

from .conftest import VERSIONS

pytestmark = pytest.mark.kernel
# Functions that no adapter reaches, on all these kernels, with the least part of their lines that has to run.
_GENERIC = {
    "wp_pte": 1.0,
    "walk_pte_range": 0.4,
    "break_ksm_pmd_entry": 0.8,
    "prot_none_pte_entry": 1.0,
    "ptep_clear_flush": 1.0,
    "vunmap_pte_range": 1.0,
    "remap_pte_range": 0.7,
    "page_idle_clear_pte_refs_one": 0.7,
}


@pytest.mark.parametrize("kernel", VERSIONS, indirect=True)
def test_generic_entries_are_silent_and_not_vacuous(kernel: KernelTree) -> None:
    settings = SurveySettings(count=2_000, seed=7, flavours=("x86-64",), jobs=1, functions=frozenset(_GENERIC))
    found = {f.name: f for f in survey(kernel.at(kernel.head), settings)}
    assert found.keys() == _GENERIC.keys() - ({"break_ksm_pmd_entry"} if "6.12" in kernel.name else set())
    for name, function in found.items():
        least = _GENERIC[name]
        assert function.exercisable, (name, function.why)
        assert function.violations == 0, name
        assert function.covered >= least * function.lines, (name, function.covered, function.lines)


@pytest.mark.parametrize("kernel", VERSIONS, indirect=True)
def test_the_functions_that_touch_ptes_are_found(kernel: KernelTree) -> None:
    found = {(f.name, f.file): f for f in touching(kernel.at(kernel.head))}
    assert len([f for f in found.values() if f.file.endswith(".c")]) >= 130
    assert found["try_to_unmap_one", "mm/rmap.c"].batches or "6.12" in kernel.name
    assert found["copy_pte_range", "mm/memory.c"].flavours == ("x86-64", "arm64-4k")
    # Those of other tables, other folders and other machines count, and say what hides them.
    assert found["hugetlb_change_protection", "mm/hugetlb.c"].flavours
    assert found["smaps_pte_range", "fs/proc/task_mmu.c"].flavours == ("x86-64", "arm64-4k")
    assert found["damon_young_pmd_entry", "mm/damon/vaddr.c"].hidden == ""
    hidden = found["walk_hugetlb_range", "mm/pagewalk.c"]
    assert (hidden.flavours, hidden.hidden.split(" (")[0]) == ((), "CONFIG_HUGETLB_PAGE is off")
    assert all(f.hidden == "no flavour is of riscv" for f in found.values() if f.file.startswith("arch/riscv/"))


@pytest.mark.parametrize("kernel", ["7.2"], indirect=True)
def test_what_no_flavour_compiles_is_listed_with_its_condition(kernel: KernelTree) -> None:
    settings = SurveySettings(
        count=2_000, seed=7, flavours=("x86-64",), jobs=1, functions=frozenset({"kunmap_local_indexed"})
    )
    (one,) = survey(kernel.at(kernel.head), settings)
    assert (one.exercisable, one.flavours, one.lines) == (False, (), 0)
    assert one.why.startswith("CONFIG_KMAP_LOCAL is off (mm/highmem.c:")


@pytest.mark.parametrize("kernel", ["7.3"], indirect=True)
def test_a_tree_newer_than_any_names_what_is_missing(kernel: KernelTree) -> None:
    """One helper that the world has goes by another name, and a primitive is new: what does not need them runs on."""
    tree = kernel.at(kernel.head)
    changed = {
        path: re.sub(rb"\bfolio_remove_rmap_ptes\b", b"folio_unmap_ptes", raw)
        for path in [*tree.list("mm"), "include/linux/rmap.h"]
        if path.endswith((".c", ".h")) and b"folio_remove_rmap_ptes" in (raw := tree.read(path) or b"")
    }
    internal = tree.read("mm/internal.h") or b""
    at = internal.index(b"#endif", internal.index(b"swap_pte_batch"))
    changed["mm/internal.h"] = internal[:at] + b"void tag_ptes(pte_t *ptep, unsigned int nr);\n" + internal[at:]
    changed["mm/mprotect.c"], found = re.subn(
        rb"(\bmodify_prot_commit_ptes\(vma, addr, (\w+), [^;]*;)",
        rb"\1\n\ttag_ptes(\2, nr_ptes);",
        tree.read("mm/mprotect.c") or b"",
    )
    assert len(changed) > 3
    assert found == 1
    names = {"zap_present_folio_ptes", "prot_commit_flush_ptes", "mprotect_folio_pte_batch", "copy_present_ptes"}
    settings = SurveySettings(count=2_000, seed=7, flavours=("x86-64",), jobs=1, functions=frozenset(names))
    surveyed = survey(Overlay(tree, changed), settings)
    ends = {f.name: f.ends for f in surveyed}
    assert not any(f.violations for f in surveyed)
    # Every run through it comes to what is not modelled, so it has shown nothing.
    assert {f.name for f in surveyed if not f.exercisable} == {"prot_commit_flush_ptes"}
    assert ends.pop("prot_commit_flush_ptes") == ()
    assert ends.pop("zap_present_folio_ptes") == ("folio_unmap_ptes",)
    assert ends.pop("copy_present_ptes") == ()
    assert set(ends.values()) == {("tag_ptes",)}
    assert "not modelled, with the functions that come to it: folio_unmap_ptes (1), tag_ptes (1)" in totals(surveyed)
