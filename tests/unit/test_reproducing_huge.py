# SPDX-License-Identifier: GPL-2.0-or-later
"""Tables of which a PMD maps all, and calls during which a table goes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from test_reproducing import _finding, _folio, _kind, _page, _program, _scenario, _steps
from test_reproducing_calls import _checked, _in_order, _options

from oracle.wire import Scenario, Slot, mask
from reviewer.reproducing.model import Cannot, Program
from reviewer.reproducing.program import program_of

_WRITE, _FILE, _SHARED = (mask("VMA_BITS", n) for n in ("WRITE", "FILE", "SHARED"))
_COLD, _PAGEOUT = (0,), (1,)


def _huge(*bits: str, **more: object) -> Scenario:
    """A PMD in front of what its table would have, of which the call is for eight."""
    slots = (_kind("PMD", *bits), *(Slot(0) for _ in range(7)))
    made = _scenario(*slots, folios=(_folio(9, "ANON", "SWAPBACKED"),), first=0, vma_end=512)
    return made.change(**more) if more else made


def _raced(scenario: Scenario, entry: str = "madvise_cold_or_pageout_pte_range") -> Program | Cannot:
    """Of a fault that is there before and after, and of which the reference says nothing."""
    rows = {"PTE 0": "A[0] ro", "folio A": "anon, 512 pages, refs 3"}
    found = _finding(entry, scenario, rows, rows, rule="G3", relation="preexisting")
    return program_of(replace(found, reference=None), "f.json")


def test_a_pmd_is_brought_by_one_fault_and_verified(tmp_path: Path) -> None:
    rows = {"PMD of PTE 0": "A[0] rw dirty", "PTE 0": "none", "PTE 1": "none"}
    scenario = _options(_huge("WRITE", "DIRTY", "EXCL"), *_COLD)
    program = _program("madvise_cold_or_pageout_pte_range", scenario, rows, {**rows, "PMD of PTE 0": "none"})
    steps = _checked(program, tmp_path)
    wanted = ("map_anonymous(0, 512, PROT_READ | PROT_WRITE);", "folio_anonymous(0, 9);", "are_huge(STATE, 512);",
              "is_page_of(STATE, &here, 0, 0, 9);", "is_page_of(STATE, &here, 511, 511, 9);", "reached();",
              'must(!madvise(AT(0), 8 * page, MADV_COLD), "MADV_COLD");', "keeps(RULE, &here, 511, 511);")  # fmt: skip
    assert _in_order(steps, *wanted), steps
    assert not any("is_empty" in step for step in steps)  # what lies beneath a PMD is no hole


@pytest.mark.parametrize(
    "change",
    [
        {"first": 1, "start": 1, "vma_first": 1},  # not where a table begins
        {"slots": (_kind("PMD"), _page(1))},  # beside entries of a table
        {"folios": (_folio(8),)},
    ],
    ids=["place", "beside", "order"],
)
def test_no_pmd_is_elsewhere(change: dict[str, object]) -> None:
    rows = {"PTE 0": "A[0] rw"}
    made = program_of(_finding("mlock_pte_range", _huge(**change), rows, {**rows, "PTE 0": "none"}), "f.json")
    assert isinstance(made, Cannot) and made.kind == "no such table", made


def test_a_table_that_goes_is_dropped_by_another_thread(tmp_path: Path) -> None:
    program = _raced(_options(_huge(), *_PAGEOUT, 0, 14))
    assert isinstance(program, Program), program
    steps = _checked(program, tmp_path)
    wanted = ("reached();", "against_drops(0, 512, the_case_table, the_case_call);", "unmap_all(0, 512);",
              "nothing_strays(RULE);")  # fmt: skip
    assert _in_order(steps, *wanted), steps
    assert steps.count("folio_anonymous(0, 9);") == 2 and steps.count("lay(0);") == 1  # made again where it was
    assert "PT_RECLAIM" in program.needs.options and program.needs.cpus == 1


def test_the_vma_is_as_long_as_the_table_that_goes(tmp_path: Path) -> None:
    scenario = _options(_scenario(_page(0), _page(1), folios=(_folio(2),)), *_PAGEOUT, 0, 14)
    made = _raced(scenario)
    assert isinstance(made, Program), made
    steps = _checked(made, tmp_path)
    assert steps.count("map_anonymous(-32, 480, PROT_READ | PROT_WRITE);") == 2 and "is_vma(STATE, -32, 480);" in steps
    assert "against_drops(-32, 480, the_case_table, the_case_call);" in steps


@pytest.mark.parametrize(
    ("scenario", "entry", "kind"),
    [
        (_huge(vma_end=1, end=1, slots=(_page(0), _page(1)), folios=(_folio(1),)), "", "an interleaving"),
        (_huge(slots=(_kind("SWAP"),), folios=()), "", "an interleaving"),
        (_huge("EXCL", folios=(_folio(9, "ANON", "PINNED"),)), "", "an interleaving"),
        (_huge(vma=_WRITE | _FILE | _SHARED, folios=(_folio(9, "SHMEM"),)), "", "an interleaving"),
        (_scenario(_page(0), folios=(_folio(0),)), "mlock_pte_range", "no such table"),  # nobody can drop it meanwhile
    ],
    ids=["a neighbour", "swap", "pinned", "a file", "alone"],
)
def test_what_no_other_thread_drops(scenario: Scenario, entry: str, kind: str) -> None:
    made = _raced(_options(scenario, *_PAGEOUT, 0, 14), entry or "madvise_cold_or_pageout_pte_range")
    assert isinstance(made, Cannot) and made.kind == kind, made


def test_a_call_that_fails_is_not_left_out_in_silence() -> None:
    rows = {"PTE 0": "A[0] ro"}
    scenario = _options(_scenario(_page(0, "EXCL"), folios=(_folio(0),)), 0, 1, 1)
    made = program_of(_finding("handle_pte_fault", scenario, rows, {"PTE 0": "none"}), "f.json")
    assert isinstance(made, Cannot) and "fails in it" in made.sentence, made
    assert "touch_write(0);" in _steps(_program("handle_pte_fault", _options(scenario, 0, 1), rows, {"PTE 0": "none"}))


def _whole(*at: int, kind: str = "SHMEM", vma: int = _WRITE | _FILE | _SHARED, vma_end: int = 700) -> list[str]:
    """The steps to a folio of a whole table, of which these pages are mapped one by one, and written to but for it."""
    slots = tuple(_page(n, "WRITE", "DIRTY", "EXCL") if n in at else _kind("NONE") for n in range(512))
    scenario = _scenario(*slots, folios=(_folio(9, kind, "SWAPBACKED"),), vma=vma, first=0, vma_end=vma_end)
    rows = {f"PTE {n}": f"A[{n}] rw dirty" for n in at}
    return _steps(_program("mlock_pte_range", scenario, rows, {f"PTE {n}": "none" for n in at}))


def test_a_file_s_folio_has_a_vma_too_short_until_it_has_a_table() -> None:
    said = "PROT_READ | PROT_WRITE, MAP_SHARED);"
    wanted = (f"map_file(0, 511, {said}", "touch_reads(0, 2);", f"map_file(511, 700, {said}", "are_huge(STATE, 0);")
    assert _in_order(_whole(0, 1), *wanted)
    later = (f"map_file(0, 511, {said}", "touch_reads(510, 511);", f"map_file(511, 700, {said}",
              "touch_reads(511, 512);", 'advise(0, 511, MADV_DONTNEED, "MADV_DONTNEED");')  # fmt: skip
    assert _in_order(_whole(511), *later)


def test_a_folio_of_memory_is_split_from_its_pmd() -> None:
    steps = _whole(0, 1, kind="ANON", vma=_WRITE, vma_end=512)
    wanted = ("folio_anonymous(0, 9);", 'advise(0, 1, MADV_DONTDUMP, "MADV_DONTDUMP");',
              'advise(0, 1, MADV_DODUMP, "MADV_DODUMP");', "are_huge(STATE, 0);")  # fmt: skip
    assert _in_order(steps, *wanted)


def test_reclaim_may_leave_a_huge_page_of_tmpfs() -> None:
    scenario = _huge(
        "WRITE", "DIRTY", vma=_WRITE | _FILE | _SHARED, folios=(_folio(9, "SHMEM", "SWAPBACKED", "LOCKED"),)
    )
    rows = {"PMD of PTE 0": "A[0] rw dirty"}
    made = program_of(_finding("try_to_unmap_one", scenario, {"PMD of PTE 0": "none"}, rows), "f.json")
    assert isinstance(made, Cannot) and "tmpfs" in made.sentence, made
