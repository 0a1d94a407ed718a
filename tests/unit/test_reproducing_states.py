# SPDX-License-Identifier: GPL-2.0-or-later
"""States that a program brings about and accesses to them, as booted kernels showed them; what is collapsed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from test_reproducing import _finding, _folio, _kind, _page, _program, _scenario, _steps
from test_reproducing_calls import _checked, _in_order, _options

from oracle.wire import Slot, mask, names
from reviewer.reproducing.model import Cannot
from reviewer.reproducing.program import program_of

_WRITE, _FILE, _SHARED, _WP = (mask("VMA_BITS", n) for n in ("WRITE", "FILE", "SHARED", "UFFD_WP"))


def test_a_page_is_taken_out_of_its_folio_before_it_is_swapped() -> None:
    swap = Slot(names("SLOT_KINDS").index("SWAP"), mask("SLOT_BITS", "EXCL"), 0, 5)
    scenario = _scenario(_page(0, "WRITE", "EXCL"), swap, folios=(_folio(2),))
    rows = {"new PTE 0": "A[0] rw", "new PTE 1": "swap 0:5"}
    steps = _steps(_program("move_ptes", scenario, rows, {**rows, "new PTE 1": "none"}))
    wanted = ("folio_anonymous(0, 2);", "fill_swap();", 'advise(1, 2, MADV_DONTNEED, "MADV_DONTNEED");',
              "folio_anonymous(1, 0);", "page_out(1, 5);")  # fmt: skip
    assert _in_order(steps, *wanted), steps


@pytest.mark.parametrize(
    ("slot", "options", "call"),
    [
        (_kind("MARKER_GUARD"), (0, 1), "try_write(0);"),
        (_kind("MARKER_POISON"), (0, 0), "try_read(0);"),
        (_page(0, "EXCL"), (0, 1), "touch_write(0);"),
        (_page(0, "EXCL", "WP"), (0, 1), "try_write(0);"),
        (_page(0, "EXCL", "WRITE"), (0, 1), "no such call"),
        (_page(0, "EXCL"), (0, 0), "no such call"),
        (_kind("MIG_READ"), (0, 1), "an interleaving"),
        (_kind("ZERO"), (0, 1, 0, 0, 0, 17), "an interleaving"),
    ],
)
def test_a_fault_is_where_the_adapter_has_it(slot: Slot, options: tuple[int, ...], call: str) -> None:
    """The first entry is taken, whether an access to it goes well or not."""
    scenario = _options(_scenario(slot, _kind("ZERO"), folios=(_folio(0),)), *options)
    rows = {"PTE 0": "A[0] ro" if slot.kind == names("SLOT_KINDS").index("PAGE") else "guard marker", "PTE 1": "zero"}
    made = program_of(_finding("handle_pte_fault", scenario, rows, {**rows, "PTE 1": "none"}), "f.json")
    assert made.kind == call if isinstance(made, Cannot) else call in _steps(made), made


def test_what_the_fault_itself_writes_is_there() -> None:
    cached = Slot(names("SLOT_KINDS").index("CACHED"), 0, 0, 0)
    scenario = _scenario(cached, _page(1), folios=(_folio(1, "SHMEM"),), vma=_WRITE | _FILE | _SHARED)
    rows = {"PTE 0": "A[0] rw dirty", "PTE 1": "A[1] ro"}
    program = _program("do_fault", _options(scenario, 0, 0, 1), rows, {**rows, "PTE 0": "none"})
    steps = _steps(program)
    assert "folio_unwritten(0, 1);" in steps and "is_zero(ALSO, &here, 1);" in steps
    assert _in_order(steps, "touch_write(0);", "keeps(RULE, &here, 0, 0);")


def test_soft_dirty_bits_are_verified_of_neighbours_and_devices_too() -> None:
    slots = (_page(0, "WRITE", "EXCL"), _page(0, "EXCL", folio=1), _kind("DEV_EXCL", "EXCL"))
    slots = (*slots[:2], Slot(slots[2].kind, slots[2].bits, 2, 0))
    scenario = _scenario(*slots, folios=(_folio(0, "ANON", "SWAPBACKED"),) * 3).change(vma_first=33, start=33)
    rows = {"PTE -1": "A[0] rw", "PTE 0": "B[0] ro"}
    steps = _steps(_program("madvise_free_pte_range", scenario, rows, {**rows, "PTE 0": "B[0] ro soft-dirty"}))
    for at in (-1, 0, 1):
        assert f"is_soft_dirty(STATE, &here, {at}, false);" in steps


def test_neighbours_keep_their_own_protection() -> None:
    scenario = _scenario(_page(0, "WRITE", "EXCL"), _page(0, "EXCL", folio=1), folios=(_folio(0), _folio(0)), vma=0)
    scenario = scenario.change(vma_first=33, start=33)
    rows = {"PTE -1": "A[0] rw", "PTE 0": "B[0] ro"}
    steps = _steps(_program("madvise_free_pte_range", scenario, rows, {**rows, "PTE 0": "B[0] rw"}))
    assert "may_write(RULE, &here, 0, false);" in steps and "may_write(ALSO, &here, -1, false);" not in steps


def test_what_no_fault_brings_is_filled_in(tmp_path: Path) -> None:
    """Poison, and zero pages of a file's private mapping; a shared one has none."""
    slots = (_page(0), _kind("ZERO"), _kind("MARKER_POISON"))
    scenario = _scenario(*slots, folios=(_folio(0, "SHMEM"),), vma=_FILE)
    right = {"new PTE 0": "A[0] ro", "new PTE 1": "zero page ro", "new PTE 2": "poison marker"}
    args = right, {**right, "new PTE 2": "none"}
    program = _program("move_ptes", scenario, *args)
    wanted = ("zero_pages(1, 2);", "poisoned(2, 3);", "reached();", "is_poisoned(RULE, &there, 2);")
    assert _in_order(_checked(program, tmp_path), *wanted) and "USERFAULTFD" in program.needs.options
    made = program_of(_finding("move_ptes", scenario.change(vma=_FILE | _SHARED), *args), "f.json")
    assert isinstance(made, Cannot) and made.kind == "no such table"


_WHOLE = {"vma_first": 0, "vma_end": 512}
_SIX = (
    _page(0, "WRITE", "EXCL", "SOFT"),
    _page(1, "EXCL", "WP"),
    *(_page(n, "WRITE", "EXCL") for n in (2, 3)),
    _page(0, folio=1),
    _kind("ZERO"),
)


@pytest.mark.parametrize(
    ("entry", "options", "call"),
    [
        (
            "collapse_scan_pmd",
            (1,),
            'must(!madvise(AT(-32), 512 * page, MADV_COLLAPSE) || errno != ENOMEM, "MADV_COLLAPSE");',
        ),
        ("collapse_scan_pmd", (8 | 5 << 4, 7), "khugepaged(-32, 480, 5, 256, 3);"),
        ("__collapse_huge_page_copy", (2 | 3 << 6,), "khugepaged(-32, 480, 511, 3, 64);"),
        ("__collapse_huge_page_isolate", (0,), "khugepaged(-32, 480, 511, 256, 64);"),
    ],
)
def test_a_table_is_collapsed(entry: str, options: tuple[int, ...], call: str, tmp_path: Path) -> None:
    """Bytes are kept, copied or not, and what userfaultfd protects; the other process has a page of its own."""
    scenario = _options(_scenario(*_SIX, folios=(_folio(2), _folio(0)), vma=_WRITE | _WP, **_WHOLE), *options)
    rows = {"PTE 0": "none", "result 1": "1"}
    steps = _checked(_program(entry, scenario, rows, {**rows, "result 1": "2"}), tmp_path)
    wanted = ("reached();", call, "is_uffd_wp(RULE, &here, 1, true);",
              "keeps(RULE, &here, 0, 0);", "keeps(RULE, &here, 1, 1);", "keeps(RULE, &here, 4, 4);",
              "is_zero(RULE, &here, 5);", "is_private(RULE, &here, 4, AT(4), 4);")  # fmt: skip
    assert _in_order(steps, *wanted), [step for step in steps if step in wanted]
    assert not any(step.startswith("is_empty(ALSO") for step in steps)


def test_what_a_copy_holds_is_what_its_rule_is_about() -> None:
    """No row is left of what was copied; of a rule that no process sees anything of there is no program."""
    scenario = _options(_scenario(_page(0, "EXCL"), folios=(_folio(0),), **_WHOLE), 1)
    rows = {"PTE 0": "none", "returns": "1"}
    steps = _steps(_program("__collapse_huge_page_copy", scenario, rows, rows, rule="B12"))
    assert "keeps(RULE, &here, 0, 0);" in steps
    for entry, wrong in (("__collapse_huge_page_copy", rows), ("collapse_scan_pmd", {**rows, "result 1": "1"})):
        right = {"PTE 0": "none"} if wrong is not rows else rows  # of the second the reference says no results
        made = program_of(_finding(entry, scenario, right, wrong, rule="L3"), "f.json")
        assert isinstance(made, Cannot) and made.kind == "nothing to see"


@pytest.mark.parametrize(
    ("entry", "change", "kind"),
    [
        ("__collapse_huge_page_copy", {"options": (0, 3, 0, 0, 0, 0, 0, 0)}, "no such call"),
        ("collapse_scan_pmd", {"vma_first": 32}, "no such call"),
        ("collapse_scan_pmd", {"vma": _WRITE | _FILE | _SHARED, "slots": (_kind("NONE"),)}, "no such call"),
        ("collapse_scan_pmd", {"folios": (_folio(0, "ANON", "EXTRA_REF"),)}, "an interleaving"),
    ],
)
def test_what_is_not_collapsed(entry: str, change: dict[str, object], kind: str) -> None:
    scenario = _scenario(_page(0, "EXCL"), folios=(_folio(0),), **_WHOLE).change(**change)
    made = program_of(_finding(entry, scenario, {"result 1": "1"}, {"result 1": "2"}), "f.json")
    assert isinstance(made, Cannot) and made.kind == kind


def test_a_fork_copies_a_vma_that_had_pages() -> None:
    """One that never had any is left to the child's faults, whatever its markers say."""
    marker = _kind("MARKER_WP")
    flags = _WRITE | _WP
    rows = {"PTE 0": "uffd-wp marker", "child PTE 0": "none"}
    scenario = _options(_scenario(marker, vma=flags), 1)
    steps = _steps(_program("copy_pte_range", scenario, rows, rows | {"child PTE 0": "uffd-wp marker"}))
    assert _in_order(steps, "touch_write(0);", 'advise(0, 1, MADV_DONTNEED, "MADV_DONTNEED");', "write_protect(0, 1);",
                     "fork_other();", "is_empty(RULE, &there, 0);")  # fmt: skip


def test_a_page_of_one_process_alone_is_read_only_where_soft_dirty_bits_make_it_so() -> None:
    scenario = _scenario(_page(0, "EXCL"), folios=(_folio(0),))
    rows = {"PTE 0": "A[0] ro"}
    on_x86 = _finding("madvise_free_pte_range", scenario, rows, {"PTE 0": "none"})
    assert "soft_dirty_cleared();" in _steps(_program("madvise_free_pte_range", scenario, rows, {"PTE 0": "none"}))
    made = program_of(replace(on_x86, scenario={**on_x86.scenario, "flavour": "arm64-4k"}), "f.json")
    assert isinstance(made, Cannot) and "soft-dirty" in made.sentence


def test_a_page_that_is_freed_lazily_may_go_with_what_reclaims() -> None:
    both = (_folio(0, "ANON"), _folio(0, "ANON", "SWAPBACKED"))
    rows = {"PTE 0": "A[0] rw", "PTE 1": "B[0] rw"}
    slots = (_page(0, "WRITE", "EXCL"), _page(0, "WRITE", "EXCL", folio=1))
    cold = _options(_scenario(*slots, folios=both), 1)
    steps = _steps(_program("madvise_cold_or_pageout_pte_range", cold, rows, rows | {"PTE 1": "none"}))
    assert any("MADV_PAGEOUT" in step for step in steps)
    assert [step for step in steps if step.startswith("keeps(")] == ["keeps(RULE, &here, 1, 1);"]


def test_a_fault_that_maps_more_than_it_is_for_maps_zeroes() -> None:
    rows = {"PTE 0": "pfn +8 rw dirty", "PTE 1": "pfn +9 rw dirty"}
    scenario = _options(_scenario(_kind("NONE"), _kind("NONE")), 0, 1)
    steps = _steps(_program("do_anonymous_page", scenario, rows, rows | {"PTE 0": "none"}))
    assert "touch_write(0);" in steps
    assert "keeps(RULE, &here, 0, 0);" in steps and "is_zero(ALSO, &here, 1);" in steps


def test_entries_without_access_are_of_a_vma_without(tmp_path: Path) -> None:
    scenario = _scenario(_page(0, "PROTNONE", "EXCL"), _page(1, "PROTNONE", "EXCL"), folios=(_folio(1),))
    right = {f"child PTE {at}": f"A[{at}] ro protnone" for at in range(2)}
    steps = _checked(_program("copy_pte_range", scenario, right, {**right, "child PTE 1": "none"}), tmp_path)
    wanted = ("folio_anonymous(0, 2);", "protect(0, 4, PROT_NONE);", "may_read(STATE, &here, 0, false);", "reached();",
              "fork_other();", "is_present(RULE, &there, 1);")  # fmt: skip
    assert _in_order(steps, *wanted), steps


@pytest.mark.parametrize("entry", ["copy_pte_range", "change_pte_range", "move_ptes"])
def test_entries_without_access_beside_others_are_hints(entry: str) -> None:
    scenario = _scenario(_page(0, "PROTNONE", "EXCL"), _page(1, "WRITE", "EXCL"), folios=(_folio(1),))
    rows = {"PTE 0": "A[0] ro protnone", "PTE 1": "A[1] rw"}
    made = program_of(_finding(entry, scenario, rows, {**rows, "PTE 1": "A[1] ro"}), "f.json")
    assert isinstance(made, Cannot) and made.kind == "an interleaving", made


@pytest.mark.parametrize("beyond", [_page(0, "EXCL", "WP", folio=1), _kind("MARKER_WP")], ids=["page", "marker"])
def test_nobody_watches_a_neighbour(beyond: Slot) -> None:
    scenario = _scenario(_page(0, "EXCL"), beyond, folios=(_folio(0), _folio(0)), vma=_WRITE | _WP, end=33, vma_end=33)
    rows = {"PTE 0": "A[0] ro"}
    made = program_of(_finding("change_pte_range", scenario, rows, {"PTE 0": "A[0] rw"}), "f.json")
    assert isinstance(made, Cannot) and "neighbour" in made.sentence, made


def test_a_folio_is_pinned_by_one_page_of_its_own(tmp_path: Path) -> None:
    scenario = _scenario(
        _page(0), _page(1, "EXCL"), _page(2, "EXCL"), folios=(_folio(2, "ANON", "SWAPBACKED", "PINNED"),)
    )
    rows = {f"child PTE {at}": f"A[{at}] ro" for at in range(3)}
    program = _program("copy_pte_range", scenario, rows, {**rows, "child PTE 1": "A[1] rw"})
    steps = _checked(program, tmp_path)
    assert _in_order(steps, "fork_silent();", "pin(1);", "reached();", "fork_other();"), steps
    assert "GUP_TEST" in program.needs.options


def test_what_is_shared_is_not_pinned() -> None:
    scenario = _scenario(_page(0), folios=(_folio(0, "ANON", "SWAPBACKED", "PINNED"),))
    made = program_of(_finding("copy_pte_range", scenario, {"PTE 0": "A[0] ro"}, {"PTE 0": "A[0] rw"}), "f.json")
    assert isinstance(made, Cannot) and "pinned" in made.sentence, made


@pytest.mark.parametrize(
    ("entry", "options", "more", "event"),
    [
        ("copy_pte_range", (0,), (), "FORK"),
        ("copy_pte_range", (1,), (), ""),
        ("move_ptes", (0,), ("UFFD_REMAP",), "REMAP"),
        ("move_ptes", (0,), (), ""),
    ],
)
def test_userfaultfd_follows_where_somebody_reads_of_it(
    entry: str, options: tuple[int, ...], more: tuple[str, ...], event: str, tmp_path: Path
) -> None:
    vma = _WRITE | _WP | mask("VMA_BITS", *more)
    scenario = _options(_scenario(_page(0, "EXCL", "WP"), folios=(_folio(0),), vma=vma), *options)
    table = "child" if entry == "copy_pte_range" else "new"
    right = {f"{table} PTE 0": "A[0] ro uffd-wp"}
    steps = _checked(_program(entry, scenario, right, {f"{table} PTE 0": "A[0] ro"}, rule="D8"), tmp_path)
    said = [step for step in steps if step.startswith("monitored(")]
    assert said == ([f"monitored(UFFD_FEATURE_EVENT_{event});"] if event else [])
    assert "is_uffd_wp(RULE, &there, 0, true);" in steps and "may_write(RULE, &there, 0, false);" in steps


def test_a_page_to_be_freed_lazily_is_clean_or_soft_dirty() -> None:
    """Whoever makes it soft-dirty writes to it."""
    scenario = _scenario(_page(0, "EXCL", "SOFT"), folios=(_folio(0),))
    made = program_of(
        _finding("change_pte_range", scenario, {"PTE 0": "A[0] ro soft-dirty"}, {"PTE 0": "A[0] ro"}), "f"
    )
    assert isinstance(made, Cannot) and "lazily" in made.sentence, made
