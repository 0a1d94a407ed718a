# SPDX-License-Identifier: GPL-2.0-or-later
"""What booted kernels taught of programs: the order of steps, rights of neighbours, what may go, what is clean."""

from __future__ import annotations

import pytest
from test_reproducing import _FILE, _SHARED, _WRITE, _bits, _finding, _folio, _kind, _page, _program, _scenario, _steps

from oracle.wire import Slot, names
from reviewer.reproducing.model import Cannot
from reviewer.reproducing.program import program_of


def test_neighbours_are_set_apart_after_a_fork() -> None:
    """Fork makes read-only VMA by VMA: a block that lies across two would be unfolded, as in no table that is meant."""
    scenario = _scenario(*map(_page, range(4)), folios=(_folio(2),), vma_end=34, end=34)
    steps = _steps(_program("move_ptes", scenario, {"new PTE 0": "A[0] ro"}, {"new PTE 0": "A[0] rw"}, rule="B5"))
    apart = next(at for at, step in enumerate(steps) if "MADV_DONTDUMP" in step)
    assert steps.index("fork_other();") < apart < steps.index("reached();")


def test_a_neighbour_keeps_its_rights() -> None:
    """What the VMA may be used for after the call says nothing of entries beyond it."""
    scenario = _scenario(*map(_page, range(4)), folios=(_folio(2),), vma=0, vma_end=34, end=34)
    rows = {f"PTE {n}": f"A[{n}] ro" for n in range(4)}
    steps = _steps(_program("change_pte_range", scenario, rows, rows | {"PTE 0": "none"}))
    assert "may_write(ALSO, &here, 1, false);" in steps
    assert not any(step.startswith("may_write") and ", 2" in step for step in steps)
    assert "is_private(ALSO, &here, 2, AT(2), 2);" in steps


def test_what_may_not_be_read_is_not_read() -> None:
    swap = names("SLOT_KINDS").index("SWAP")
    scenario = _scenario(_page(0, "WRITE", "EXCL"), Slot(swap, _bits("EXCL"), 0, 3), folios=(_folio(0),),
                         options=(0, 2, *(0,) * 6))  # fmt: skip
    rows = {"PTE 0": "A[0] ro protnone", "PTE 1": "swap 0:3 exclusive"}
    steps = _steps(_program("change_pte_range", scenario, rows, rows | {"PTE 1": "none"}))
    assert "is_swapped(RULE, &here, 1);" in steps and any("PROT_NONE" in step for step in steps)
    assert not any(step.startswith("keeps(") for step in steps)


def test_what_is_read_of_tmpfs_may_be_written_to_at_once() -> None:
    clean = _scenario(_page(0), _page(1, "WRITE"), folios=(_folio(1, "SHMEM"),), vma=_WRITE | _FILE | _SHARED,
                      options=(0, 1, *(0,) * 6))  # fmt: skip
    rows = {"PTE 0": "A[0] rw dirty", "PTE 1": "A[1] rw"}
    made = program_of(_finding("do_wp_page", clean, rows, rows | {"PTE 1": "none"}), "f.json")
    assert isinstance(made, Cannot) and "tmpfs" in made.sentence, made


def test_a_swapped_page_was_a_folio_of_its_own() -> None:
    """Where a larger folio lies around it, that one's page goes first: to swap it out would split the folio."""
    swap = names("SLOT_KINDS").index("SWAP")
    scenario = _scenario(_page(0, "WRITE", "EXCL"), Slot(swap, _bits("EXCL"), 0, 3), _page(2, "WRITE", "EXCL"),
                         _page(3, "WRITE", "EXCL"), folios=(_folio(2),))  # fmt: skip
    rows = {f"new PTE {n}": f"A[{n}] rw" for n in (0, 2, 3)} | {"new PTE 1": "swap 0:3 exclusive"}
    steps = _steps(_program("move_ptes", scenario, rows, rows | {"new PTE 1": "none"}))
    order = [steps.index(step) for step in ("folio_anonymous(0, 2);", "fill_swap();",
                                            'advise(1, 2, MADV_DONTNEED, "MADV_DONTNEED");',
                                            "folio_anonymous(1, 0);", "page_out(1, 3);")]  # fmt: skip
    assert order == sorted(order)


def test_a_fault_that_changes_nothing_has_no_program() -> None:
    swap = names("SLOT_KINDS").index("SWAP")
    scenario = _scenario(Slot(swap, _bits("EXCL"), 0, 3))
    rows = {"PTE 0": "swap 0:3 exclusive"}
    made = program_of(_finding("do_swap_page", scenario, rows, {"PTE 0": "none"}), "f.json")
    assert isinstance(made, Cannot) and "gives up" in made.sentence


def test_holes_are_made_before_a_clean_folio_is_written_to() -> None:
    """All entries of a folded block are dirty when one is, and a hole in it would tell the folio."""
    slots = (_page(0, "DIRTY", "WRITE"), _kind("NONE"), _page(2, "DIRTY", "WRITE"), _page(3, "DIRTY", "WRITE"))
    scenario = _scenario(*slots, folios=(_folio(2, "SHMEM"),), vma=_WRITE | _FILE | _SHARED)
    rows = {f"PTE {n}": f"A[{n}] ro dirty" for n in (0, 2, 3)}
    steps = _steps(_program("change_pte_range", scenario, rows, rows | {"PTE 0": "none"}))
    order = [steps.index(step) for step in ("touch_reads(0, 1);", 'advise(1, 2, MADV_DONTNEED, "MADV_DONTNEED");',
                                            "touch_writes(0, 1);", "is_clean(STATE, &here, 0);")]  # fmt: skip
    assert order == sorted(order)


def test_reclaim_may_take_more_than_the_function_does() -> None:
    scenario = _scenario(_page(0, "WRITE", "EXCL"), _page(1, "WRITE", "EXCL", "YOUNG"),
                         folios=(_folio(1, "ANON", "SWAPBACKED"),))  # fmt: skip
    rows = {"PTE 0": "A[0] rw", "PTE 1": "A[1] rw"}
    steps = _steps(_program("folio_referenced_one", scenario, rows, rows | {"PTE 1": "swap 14:3"}, rule="S8"))
    assert "keeps(RULE, &here, 1, 1);" in steps and not any(s.startswith("is_present(") for s in steps)


def test_the_page_table_outlives_what_is_to_be_flushed() -> None:
    rows = {"PTE 0": "none", "new PTE 0": "A[0] ro"}
    folio = _folio(0, "ANON", "SWAPBACKED")
    steps = _steps(_program("move_ptes", _scenario(_page(0), folios=(folio,)), rows, rows, rule="T4"))
    order = [steps.index(step) for step in ("swapped_in(0);", "map_anonymous(2, 3, PROT_READ | PROT_WRITE);",
                                            "touch_write(2);", "reached();", "touch_read(0);",
                                            "may_read(RULE, &here, 0, false);")]  # fmt: skip
    assert order == sorted(order)


def test_another_process_maps_a_file_before_the_table_does() -> None:
    scenario = _scenario(_page(0, "WRITE"), folios=(_folio(0, "SHMEM", "DIRTY", "EXTRA_MAP"),),
                         vma=_WRITE | _FILE | _SHARED)  # fmt: skip
    steps = _steps(_program("change_pte_range", scenario, {"PTE 0": "A[0] rw"}, {"PTE 0": "none"}))
    order = [steps.index(step) for step in ("folio_of_file(0, 0);", "map_elsewhere(0, 1);", "forget_cache();",
                                            "is_mapped(STATE, &here, 0, 2);", "reached();")]  # fmt: skip
    assert order == sorted(order)


@pytest.mark.parametrize("bit", ["LOCKED", "EXTRA_REF"])
def test_what_others_do_to_a_folio_is_no_step(bit: str) -> None:
    """Unless it is the system call itself that does it, on its way to the function."""
    scenario = _scenario(_page(0, "WRITE", "EXCL"), folios=(_folio(0, "ANON", "SWAPBACKED", bit),))
    right, wrong = {"PTE 0": "A[0] rw"}, {"PTE 0": "none"}
    made = program_of(_finding("madvise_free_pte_range", scenario, right, wrong), "f.json")
    assert isinstance(made, Cannot) and made.sentence.startswith("no step makes a folio")
    swapped = program_of(_finding("try_to_unmap_one", scenario, {"PTE 0": "swap 0:3 exclusive"}, wrong), "f.json")
    assert isinstance(swapped, Cannot) is (bit == "EXTRA_REF")


def test_a_file_that_nobody_wrote_to_is_not_soft_dirty() -> None:
    scenario = _scenario(_page(0, "SOFT"), folios=(_folio(0, "SHMEM"),), vma=_WRITE | _FILE)
    rows = {"PTE 0": "A[0] ro soft-dirty"}
    made = program_of(_finding("change_pte_range", scenario, rows, {"PTE 0": "A[0] ro"}), "f.json")
    assert isinstance(made, Cannot) and "soft-dirty" in made.sentence


def test_smaps_counts_what_is_mapped_where_all_of_it_is_known() -> None:
    swap = names("SLOT_KINDS").index("SWAP")
    scenario = _scenario(_page(0, "WRITE", "EXCL"), Slot(swap, _bits("EXCL"), 0, 3), folios=(_folio(0),))
    rows = {"PTE 0": "none", "PTE 1": "none", "new PTE 0": "A[0] rw", "new PTE 1": "swap 0:3 exclusive"}
    steps = _steps(_program("move_ptes", scenario, rows, rows | {"new PTE 1": "none"}))
    assert "is_counted(ALSO, &here, 0, 2, 0, 0);" in steps and "is_counted(ALSO, &there, 0, 2, 1, 1);" in steps
    reclaimed = _steps(_program("try_to_unmap_one", scenario, {"PTE 0": "swap 0:4", "PTE 1": "swap 0:3"}, rows))
    assert not any(step.startswith("is_counted(") for step in reclaimed)


def test_a_fault_that_maps_around_leaves_nothing_to_finish() -> None:
    scenario = _scenario(_kind("CACHED"), _page(1), folios=(_folio(1, "SHMEM", "DIRTY"),), vma=_FILE | _SHARED)
    rows = {"PTE 0": "A[0] ro", "PTE 1": "A[1] ro"}
    steps = _steps(_program("finish_fault", scenario, rows, rows | {"PTE 0": "none"}))
    order = [steps.index(step) for step in ("faults_alone();", "reached();", "touch_read(0);", "faults_around();")]
    assert order == sorted(order)
