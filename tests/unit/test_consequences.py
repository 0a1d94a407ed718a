# SPDX-License-Identifier: GPL-2.0-or-later
"""What a program asks is so on every right kernel, and can be otherwise on the wrong one."""

from __future__ import annotations

from test_reproducing import _FILE, _SHARED, _WRITE, _folio, _kind, _page, _program, _scenario, _steps

from oracle.wire import Slot, mask, names

_ONE = _scenario(_page(0), folios=(_folio(0, "ANON", "SWAPBACKED"),), vma=0)


def test_a_neighbour_has_rights_of_its_own() -> None:
    """The VMA is read-only, what is mapped beside it is not."""
    scenario = _scenario(*(_page(n) for n in range(4)), folios=(_folio(2),), vma=0, vma_end=33, end=33)
    rows = {f"PTE {n}": f"A[{n}] ro" for n in range(4)}
    steps = _steps(_program("mlock_pte_range", scenario, rows, rows, rule="X5"))
    assert "may_write(ALSO, &here, 0, false);" in steps and "may_write(ALSO, &here, 1, false);" not in steps
    assert "is_private(ALSO, &here, 1, AT(1), 1);" in steps


def test_what_no_one_may_write_to_shows_when_one_may() -> None:
    right = {"PTE 0": "A[0] ro", "page A[0]": "mapcount 1"}
    steps = _steps(_program("remove_migration_pte", _ONE, right, {**right, "page A[0]": "mapcount 1 exclusive"}))
    at = steps.index("protect(0, 1, PROT_READ | PROT_WRITE);")
    assert steps[at + 1] == "is_private(RULE, &here, 0, AT(0), 0);"


def test_a_swap_entry_that_both_have_for_themselves() -> None:
    swap = Slot(names("SLOT_KINDS").index("SWAP"), _page(0, "EXCL").bits, 0, 1)
    right = {"PTE 0": "swap 0:1", "child PTE 0": "swap 0:1"}
    wrong = {**right, "child PTE 0": "swap 0:1 exclusive"}
    assert "is_private(RULE, &here, 0, AT(0), 0);" in _steps(_program("copy_pte_range", _scenario(swap), right, wrong))


def test_what_goes_by_mapcounts_has_pages_for_itself() -> None:
    right = {"PTE 0": "A[0] ro"}
    steps = _steps(_program("madvise_free_pte_range", _ONE, right, {"PTE 0": "none"}))
    assert "fork_gone();" in steps and "is_mapped(STATE, &here, 0, 1);" in steps and "fork_other();" not in steps


def test_data_of_a_file_is_looked_at_through_another_mapping() -> None:
    """There is none left when the call was munmap()."""
    scenario = _scenario(_page(0, "DIRTY", "WRITE"), folios=(_folio(0, "SHMEM"),), vma=_WRITE | _FILE | _SHARED)
    right = {"PTE 0": "none", "folio A": "shmem, 1 page, refs 1 dirty"}
    steps = _steps(_program("zap_pte_range", scenario, right, {**right, "folio A": "shmem, 1 page, refs 1"}))
    at = steps.index("reclaim(0, 1);")
    assert steps[at + 1 : at + 3] == ["map_file(0, 1, PROT_READ, MAP_SHARED);", "survives(RULE, &here, 0, 0);"]


def test_a_file_s_page_is_written_to_when_no_other_is_unmapped_any_more() -> None:
    """To unmap one of a contpte block tells the folio of what was written to another."""
    slots = [_page(n, *(("DIRTY",) if n == 0 else ())) if n < 4 else _kind("NONE") for n in range(16)]
    scenario = _scenario(*slots, folios=(_folio(4, "SHMEM"),), vma=_WRITE | _FILE | _SHARED, first=0)
    right = {"PTE 0": "A[0] ro dirty", "folio A": "shmem, 16 pages, refs 20"}
    steps = _steps(_program("move_ptes", scenario, right, {**right, "PTE 0": "A[0] ro"}, rule="D1"))
    assert steps.index('advise(4, 16, MADV_DONTNEED, "MADV_DONTNEED");') < steps.index("touch_writes(0, 1);")


def test_a_page_that_is_mapped_otherwise_is_not_lost() -> None:
    right = {"PTE 0": "A[0] ro", "folio A": "anon, 1 page, refs 2", "page A[0]": "mapcount 1"}
    gone = {"PTE 0": "none", "folio A": "anon, 1 page, refs 1", "page A[0]": "mapcount 0"}
    kept = {**gone, "folio A": "anon, 1 page, refs 2"}
    for wrong, asked in ((gone, False), (kept, True)):
        steps = _steps(_program("mlock_pte_range", _ONE, right, wrong))
        assert ("comes_back(RULE, 0);" in steps) == asked


def test_reclaim_comes_to_what_it_left_again() -> None:
    """A page that is to stay mapped may be swapped out a moment later; its bytes stay."""
    steps = _steps(_program("try_to_unmap_one", _ONE, {"PTE 0": "A[0] ro dirty"}, {"PTE 0": "none"}))
    assert "keeps(RULE, &here, 0, 0);" in steps and not any(step.startswith("is_present") for step in steps)


def test_only_what_was_writable_has_an_old_translation_that_is() -> None:
    rows = {"new PTE 0": "A[0] ro", "PTE 0": "none"}
    steps = _steps(_program("move_ptes", _ONE, rows, rows, rule="T4"))
    assert "may_read(RULE, &here, 0, false);" in steps and "may_write(ALSO, &there, 0, false);" in steps


def test_guards_outlive_what_is_dropped() -> None:
    """munmap() leaves no marker: the call is MADV_DONTNEED."""
    scenario = _scenario(_kind("MARKER_GUARD"))
    steps = _steps(_program("zap_pte_range", scenario, {"PTE 0": "guard marker"}, {"PTE 0": "none"}))
    assert 'must(!madvise(AT(0), 1 * page, MADV_DONTNEED), "MADV_DONTNEED");' in steps
    assert "is_guard(RULE, &here, 0);" in steps


def test_a_write_that_is_not_tracked() -> None:
    scenario = _scenario(_page(0, "WRITE", "EXCL"), folios=(_folio(0),), options=(1,) + (0,) * 7)
    steps = _steps(_program("clear_refs_pte_range", scenario, {"PTE 0": "A[0] ro"}, {"PTE 0": "A[0] rw"}))
    assert "soft_dirty_there();" in steps and "is_tracked(RULE, &here, 0);" in steps


def test_names_and_rows_of_a_stranger() -> None:
    """A file is named so that no compiler takes it for an option; a row of blanks says nothing."""
    for function, name in (("--evil", "evil-2f"), ("../../etc/passwd", "etc-passwd-2f"), ("", "2f")):
        found = _program("move_ptes", _ONE, {"new PTE 0": "A[0] ro"}, {"new PTE 0": " "}, function=function, id="2f")
        assert found.name == name
    steps = _steps(_program("move_ptes", _ONE, {"new PTE 0": "  "}, {"new PTE 0": "A[0] ro"}))
    assert "is_empty(RULE, &there, 0);" in steps


def test_a_device_takes_what_is_protected_afterwards() -> None:
    scenario = _scenario(_kind("DEV_EXCL", "EXCL", "WP"), folios=(_folio(0),), vma=_WRITE | mask("VMA_BITS", "UFFD_WP"))
    rows = {"PTE 0": "A[0] ro uffd-wp"}
    steps = _steps(_program("do_swap_page", scenario, rows, {"PTE 0": "A[0] rw uffd-wp"}))
    assert steps.index("device_takes(0, 1);") < steps.index("write_protect(0, 1);")


def test_a_fault_finds_the_counts_of_the_scenario() -> None:
    """Unless it is about who has the page for himself."""
    swap = _scenario(Slot(names("SLOT_KINDS").index("SWAP"), 0, 0, 1), options=(0, 1) + (0,) * 6)
    right = {"PTE 0": "pfn +1 rw dirty soft-dirty"}
    steps = _steps(_program("do_swap_page", swap, right, {"PTE 0": "pfn +1 rw dirty"}))
    assert "fork_gone();" in steps and "fork_other();" not in steps
    wrong = {"PTE 0": "A[0] rw", "page A[0]": "mapcount 1 exclusive"}
    steps = _steps(_program("do_swap_page", swap, {**right, "page A[0]": "mapcount 1"}, wrong, rule="X5"))
    assert "fork_other();" in steps
