# SPDX-License-Identifier: GPL-2.0-or-later
"""What was said of cost when these batches were made comes out of the counters, with figures, on linux 7.2."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from oracle.cost import Growth, Row, growth, measure
from oracle.entries import entry
from oracle.flavours import FLAVOURS
from oracle.runner import Runner
from oracle.workloads import workloads
from reviewer.building.pair import build
from reviewer.model import Review, Tree
from reviewer.pipeline import Settings
from reviewer.trees.kernel import KernelTree
from tests.kernel.editing import edited, of_steps

pytestmark = [pytest.mark.kernel, pytest.mark.parametrize("kernel", ["7.2"], indirect=True)]

_ONE = ("mm/mremap.c", "move_ptes", r"max_nr_ptes = \(old_end - old_addr\) >> PAGE_SHIFT", "max_nr_ptes = 1")
_RESCAN = """nr_ptes = mprotect_folio_pte_batch(folio, pte, oldpte, max_nr_ptes, flags);
if (page && folio && folio_test_anon(folio))
    nr_ptes = page_anon_exclusive_sub_batch(0, nr_ptes, page, PageAnonExclusive(page));"""


def rows(
    kernel: KernelTree, name: str, flavour: str, edit: tuple[str, str, str, str] | None = None, mended: bool = False
) -> list[Row]:
    """Counters of an entry with an edit (file, function, pattern, text) after, or before when that is mended."""
    known = entry(name)
    assert known is not None
    tree = kernel.at(kernel.head)
    other = (
        tree
        if edit is None
        else edited(tree, dict(zip(("file", "function", "pattern", "with"), edit, strict=True)) | {"name": name})
    )
    pair = build(*((other, tree) if mended else (tree, other)), known, flavour)
    with Runner(pair.program) as runner:
        return measure(runner, workloads(known, FLAVOURS[flavour].cont_ptes))


def of(found: list[Row], folios: str, ptes: int) -> Row:
    return next(r for r in found if (r.folios, r.ptes) == (folios, ptes))


def told(found: list[Growth]) -> set[tuple[str, str]]:
    return {(g.counter, g.folios) for g in found}


def test_mremap_in_batches_asks_for_a_sixteenth_of_the_ptes(kernel: KernelTree) -> None:
    """Each ptep_get() of a contpte block reads all sixteen entries of it."""
    found = rows(kernel, "move_ptes", "arm64-4k", _ONE, mended=True)
    for ptes in (16, 64, 256, 512):
        row = of(found, "64K", ptes)
        assert (row.before["ptep_get"], row.after["ptep_get"]) == (ptes, ptes // 16)
    row = of(found, "2M by PTEs", 512)
    assert (row.before["ptep_get"], row.after["ptep_get"]) == (512, 1)
    assert row.before["pte_read"] > 5 * row.after["pte_read"]
    assert ("ptep_get", "64K") not in told(growth(found))


def test_mremap_in_batches_invalidates_at_both_ends_only(kernel: KernelTree) -> None:
    """Whole blocks are moved as they are; one is unfolded where the range starts in it, one where it ends."""
    found = rows(kernel, "move_ptes", "arm64-4k", _ONE, mended=True)
    for ptes in (16, 64, 256):
        row = of(found, "64K from and to the middle", ptes)
        # Beside those of the unfolded blocks one flush covers the range.
        assert (row.after["unfold"], row.after["tlb_flush"], row.after["tlb_pages"]) == (2, 3, ptes + 32)
        assert row.before["unfold"] == ptes // 16 + 1
        assert row.before["tlb_flush"] > ptes // 16 + 1
    assert of(found, "64K", 512).after["unfold"] == 0
    assert of(found, "64K", 512).before["unfold"] == 512 // 16


@pytest.mark.parametrize("flavour", ["x86-64", "arm64-4k"])
def test_without_the_hint_each_small_folio_is_looked_up(kernel: KernelTree, flavour: str) -> None:
    guard = ("mm/mremap.c", "mremap_folio_pte_batch", r"if \(pte_batch_hint\(\w+, \w+\) == 1\)\s*return 1;", "")
    found = rows(kernel, "move_ptes", flavour, guard)
    row = of(found, "order 0", 512)
    # On arm64 each sixteenth entry that is set asks whether its block can be folded.
    assert row.before["folio_lookup"] == (0 if flavour == "x86-64" else 512 // 16)
    assert row.after["folio_lookup"] >= 511
    assert ("folio_lookup", "order 0") in told(growth(found))


def test_sub_batches_that_are_scanned_for_anew_are_quadratic(kernel: KernelTree) -> None:
    """512 entries, then 511, then 510: half of 512 reads for each entry of a half-exclusive folio."""
    edit = (
        "mm/mprotect.c",
        "change_pte_range",
        r"nr_ptes = mprotect_folio_pte_batch\(folio, pte, oldpte, max_nr_ptes, flags\);",
        _RESCAN,
    )
    found = rows(kernel, "change_pte_range", "x86-64", edit)
    row = of(found, "half-exclusive 2M", 512)
    assert row.before["pte_read"] == 2 * 512
    assert row.after["pte_read"] > sum(range(1, 513))
    worst = growth(found)[0]
    assert (worst.counter, worst.folios, worst.quadratic) == ("pte_read", "half-exclusive 2M", True)
    assert {g.folios for g in growth(found) if g.quadratic} == {"half-exclusive 2M"}


_PAGE_BY_PAGE = (
    "mm/memory.c", "finish_fault", r"(unlikely\(userfaultfd_armed\(vma\)\) \|\|)", r"!vma_is_anon_shmem(vma) || \1",
)  # fmt: skip


@pytest.mark.parametrize("name", ["do_fault", "finish_fault"])
def test_sixteen_faults_fold_a_block_that_one_maps_folded(kernel: KernelTree, name: str) -> None:
    """The last of them reads the block, flushes it and sets it anew."""
    row = of(rows(kernel, name, "arm64-4k", _PAGE_BY_PAGE), "64K (file write)", 16)
    counters = ("call", "fold", "tlb_flush", "tlb_pages", "ptep_get", "rmap_op", "pte_write")
    assert [(row.before[c], row.after[c]) for c in counters] == [
        (1, 16), (0, 1), (0, 1), (0, 16), (0, 16), (1, 16), (16, 48),
    ]  # fmt: skip
    assert row.after["atomic"] > 4 * row.before["atomic"]
    row = of(rows(kernel, name, "x86-64", _PAGE_BY_PAGE), "64K (file write)", 16)
    assert [(row.before[c], row.after[c]) for c in counters[:4]] == [(1, 16), (0, 0), (0, 0), (0, 0)]


@pytest.mark.parametrize(
    ("name", "folios", "calls"),
    [
        ("do_swap_page", "order 0 (swap cache)", 64), ("do_swap_page", "64K (swap cache)", 4),
        ("do_wp_page", "64K (write fault)", 64),
        ("filemap_map_pages", "order 0 (file read)", 4),
        ("try_to_unmap_one", "64K", 4), ("try_to_unmap_one", "order 0 (file)", 64),
        ("folio_referenced_one", "16K", 16), ("remove_migration_pte", "64K (migrating)", 4),
    ],
)  # fmt: skip
def test_an_entry_is_called_as_often_as_the_range_takes(kernel: KernelTree, name: str, folios: str, calls: int) -> None:
    row = of(rows(kernel, name, "arm64-4k"), folios, 64)
    assert row.before == row.after
    assert row.after["call"] == calls


def told_of(tree: Tree, other: Tree, file: str) -> Review:
    settings = Settings(budget=0.3, flavours=("arm64-4k",), smallest=False)
    return of_steps(tree, [(other, (file,))], settings)


def test_faults_page_by_page_are_a_regression_and_back_a_gain(kernel: KernelTree) -> None:
    """What page_fault3 of will-it-scale shows: nothing but cost, told by what sixteen pages take."""
    tree = kernel.at(kernel.head)
    other = edited(tree, dict(zip(("file", "function", "pattern", "with"), _PAGE_BY_PAGE, strict=True)))
    for before, after, relation, words in (
        (tree, other, "introduced", ("16 faults for 16 PTEs, 1 before", "faults from 1 to 16", "folds from 0 to 1")),
        (other, tree, "fixed", ("1 fault for 16 PTEs, 16 before", "faults from 16 to 1", "folds from 1 to 0")),
    ):
        (found,) = (f for f in told_of(before, after, _PAGE_BY_PAGE[0]).findings if f.relation != "preexisting")
        assert (found.rule, found.relation, found.function) == ("X4", relation, "finish_fault")
        assert [w for w in words if w not in f"{found.summary} {found.explanation}"] == []


_EDITS = tomllib.loads(Path(__file__).with_name("edits.toml").read_text("utf-8"))["edit"]
_LESS = {
    "fork write-protects one PTE of a batch": "copy_pte_range",
    "folio_referenced asks one PTE of a batch": "folio_referenced_one",
    "MADV_COLD clears young of one PTE of a batch": "madvise_cold_or_pageout_pte_range",
    "swap-in counts one swap entry of a batch": "do_swap_page",
    "zap counts one page of a batch": "zap_pte_range",
    "mremap does not flush the old range": "move_ptes",
}


@pytest.mark.parametrize("edit", [e for e in _EDITS if e["name"] in _LESS], ids=lambda e: e["name"])
def test_what_did_less_than_is_right_is_no_measure(kernel: KernelTree, edit: dict[str, Any]) -> None:
    change = tuple(edit[key] for key in ("file", "function", "pattern", "with"))
    found = rows(kernel, _LESS[edit["name"]], "arm64-4k", change, mended=True)
    assert growth(found) == []


@pytest.mark.parametrize(
    "name", ["fault-around maps over what is there", "MADV_FREE does not flush what it made clean"]
)
def test_the_price_of_a_fix_is_no_regression(kernel: KernelTree, name: str) -> None:
    """Nothing goes wrong on the ranges that cost is counted on: it takes the campaign to tell that less is wrong."""
    edit, tree = next(e for e in _EDITS if e["name"] == name), kernel.at(kernel.head)
    done = told_of(edited(tree, edit), tree, edit["file"])
    assert {(f.kind, f.relation) for f in done.findings if f.relation != "preexisting"} == {("violation", "fixed")}
    done = told_of(tree, edited(tree, edit), edit["file"])
    assert ("cost", "fixed") not in {(f.kind, f.relation) for f in done.findings}


def test_debug_checks_cost_nothing(kernel: KernelTree) -> None:
    check = "VM_WARN_ON_ONCE(pte_none(ptep_get(old_ptep)) && page_folio(pte_page(old_pte))); "
    found = rows(
        kernel, "move_ptes", "x86-64", ("mm/mremap.c", "move_ptes", r"(?=nr_ptes = mremap_folio_pte_batch)", check)
    )
    assert {r.folios for r in found} > {"order 0", "64K", "2M by PTEs"}
    assert [(r.folios, r.ptes) for r in found if r.before != r.after] == []


_MREMAP, _MADVISE = ("mm/mremap.c", "move_ptes"), ("mm/madvise.c", "madvise_folio_pte_batch")
_PROTECT = ("mm/mprotect.c", "change_pte_range")
_SHORT = (
    ("move_ptes", _ONE, "unfold"),
    ("move_ptes", (*_MREMAP, r"max_nr_ptes = (?=\()", "max_nr_ptes = (extent > PAGE_SIZE ? -1 : 0) + "), "unfold"),
    ("zap_pte_range", ("mm/memory.c", "zap_present_ptes", r"max_nr != 1", "0"), "rmap_op"),
    ("zap_pte_range", ("mm/memory.c", "zap_present_ptes", r"ptent, max_nr\)", "ptent, max_nr - 1)"), "rmap_op"),
    ("copy_pte_range", ("mm/memory.c", "copy_present_ptes", r"max_nr != 1", "0"), "ref_op"),
    ("change_pte_range", (*_PROTECT, r"\(end - addr\) >> PAGE_SHIFT", "1"), "folio_lookup"),
    ("madvise_free_pte_range", (*_MADVISE, r"\(end - addr\) / PAGE_SIZE", "1"), "ref_op"),
)


@pytest.mark.parametrize(("name", "edit", "counter"), _SHORT)
def test_a_batch_that_is_shorter_than_it_could_be_shows(
    kernel: KernelTree, name: str, edit: tuple[str, str, str, str], counter: str
) -> None:
    assert counter in {g.counter for g in growth(rows(kernel, name, "arm64-4k", edit))}
