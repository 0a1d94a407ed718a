# SPDX-License-Identifier: GPL-2.0-or-later
"""Scenarios that a program would not reach, or call its function on, and what programs do instead: a refuter's."""

from __future__ import annotations

from typing import Any

import pytest
from test_reproducing import _finding, _folio, _kind, _page, _program, _scenario, _steps
from test_reproducing_calls import _in_order, _options

from oracle.wire import AGENT, Scenario, Slot, mask, names
from reviewer.reproducing.model import Cannot
from reviewer.reproducing.program import program_of

_WRITE, _FILE, _SHARED, _LOCKED = (mask("VMA_BITS", n) for n in ("WRITE", "FILE", "SHARED", "LOCKED"))
_OURS = _folio(0, "ANON", "SWAPBACKED")


def _one(*bits: str, **more: Any) -> Scenario:
    return _scenario(_page(0, *bits), folios=(more.pop("folio", _OURS),), **more)


def _made(entry: str, scenario: Scenario) -> Any:
    rows = {"PTE 0": "A[0] rw", "new PTE 0": "A[0] rw"}
    wrong = {"PTE 0": "none", "new PTE 0": "none", "rules broken": "G2"}
    return program_of(_finding(entry, scenario, rows, wrong, rule="G2"), "f.json")


@pytest.mark.parametrize(
    ("entry", "scenario", "said"),
    [
        ("move_ptes", _one("WRITE", "EXCL", mm=AGENT), "hardware"),
        ("madvise_free_pte_range", _one("WRITE", "EXCL", vma=_WRITE | _LOCKED), "mlocked"),
        ("madvise_cold_or_pageout_pte_range", _one("WRITE", "EXCL", vma=_WRITE | _LOCKED), "mlocked"),
        ("swapin_walk_pmd_entry", _one("WRITE", vma=_WRITE | _FILE), "file"),
        ("try_to_unmap_one", _options(_one("WRITE", "EXCL", vma=_WRITE | _LOCKED), 0, 1), "mlocked"),
        ("try_to_unmap_one", _scenario(_page(0), Slot(names("SLOT_KINDS").index("MIG_READ"), 0, 1, 0),
                                       folios=(_OURS, _OURS)), "migration"),
        ("move_pages_ptes", _one("EXCL", "PROTNONE"), "may be written to"),
        ("change_pte_range", _options(_one("EXCL", "PROTNONE"), 0, 2), "has these rights"),
        ("move_ptes", _scenario(*(_kind("ZERO") for _ in range(512)), first=0), "the table itself"),
        ("handle_pte_fault", _options(_scenario(Slot(names("SLOT_KINDS").index("SWAP"), 0, 0, 5)), 0, 4), "pinned"),
        ("do_fault", _options(_scenario(_kind("NONE"), _page(1), folios=(_folio(1, "SHMEM"),),
                                        vma=_FILE | _SHARED), 0, 10), "file ends"),
    ],
)  # fmt: skip
def test_what_is_not_reached_so(entry: str, scenario: Scenario, said: str) -> None:
    made = _made(entry, scenario)
    assert isinstance(made, Cannot) and said in made.sentence, made


def test_an_mlocked_vma_is_emptied_by_an_advice_of_its_own() -> None:
    scenario = _options(_one("WRITE", "EXCL", vma=_WRITE | _LOCKED), 4)
    steps = _steps(_program("zap_pte_range", scenario, {"PTE 0": "none"}, {"PTE 0": "A[0] rw"}))
    assert 'must(!madvise(AT(0), 1 * page, MADV_DONTNEED_LOCKED), "MADV_DONTNEED_LOCKED");' in steps


@pytest.mark.parametrize(("munlock", "vma"), [(0, _WRITE | _LOCKED), (1, _WRITE)])
def test_mlock_finds_the_vma_as_it_is_not_to_be(munlock: int, vma: int) -> None:
    scenario = _options(_one("WRITE", "EXCL", vma=vma), munlock)
    steps = _steps(_program("mlock_pte_range", scenario, {"PTE 0": "A[0] rw"}, {"PTE 0": "none"}))
    assert ("lock(0, 1);" in steps) == bool(munlock)


def test_who_maps_a_page_of_memory_elsewhere_lives_on() -> None:
    scenario = _one("DIRTY", folio=_folio(0, "ANON", "SWAPBACKED", "EXTRA_MAP"))
    steps = _steps(
        _program("madvise_free_pte_range", scenario, {"PTE 0": "A[0] ro dirty"}, {"PTE 0": "A[0] ro"}, rule="X5")
    )
    assert _in_order(steps, "fork_silent();", "is_mapped(STATE, &here, 0, 2);") and "fork_gone();" not in steps


def test_a_frame_that_pages_leave_is_not_asked() -> None:
    rows = {"PTE 0": "A[0] rw", "page A[0]": "mapcount 1 exclusive"}
    scenario = _one("WRITE", "EXCL", folio=_folio(0, "ANON", "SWAPBACKED", "LOCKED"))
    made = _program("remove_migration_pte", scenario, rows, {"PTE 0": "none", "page A[0]": "mapcount 2 exclusive"})
    assert not any("mapped_frame" in step or "comes_back" in step for step in _steps(made))


def test_a_fault_that_a_file_serves_maps_nothing_around() -> None:
    scenario = _scenario(Slot(names("SLOT_KINDS").index("CACHED"), 0, 0, 0), _page(1), folios=(_folio(1, "SHMEM"),),
                         vma=_FILE | _SHARED)  # fmt: skip
    rows = {"PTE 0": "A[0] ro", "PTE 1": "A[1] ro"}
    steps = _steps(_program("do_fault", scenario, rows, {**rows, "PTE 0": "none"}))
    assert _in_order(steps, "faults_alone();", "touch_read(0);", "faults_around();")


@pytest.mark.parametrize(("sizes", "allowed"), [(0, ""), (1, "4"), (2, "ANY")])
def test_a_fault_on_nothing_allocates_what_it_may(sizes: int, allowed: str) -> None:
    scenario = _options(_scenario(*(_kind("NONE") for _ in range(16)), salt=1 | sizes << 11), 0, 1)
    rows = {"PTE 0": "pfn +1 rw dirty"}
    steps = _steps(_program("do_anonymous_page", scenario, rows, {"PTE 0": "none"}))
    said = [step for step in steps if step.startswith("folios_of(")]
    assert said == ([f'folios_of({allowed}, "enabled");'] if allowed else [])


@pytest.mark.parametrize(("bits", "may"), [((), False), (("WP",), True)])
def test_a_collapse_may_be_turned_down_rightly(bits: tuple[str, ...], may: bool) -> None:
    slots = (_page(0, "EXCL", "DIRTY", *bits), *(_kind("NONE") for _ in range(511)))
    vma = _WRITE | mask("VMA_BITS", "UFFD_WP")
    scenario = _options(_scenario(*slots, folios=(_OURS,), first=0, vma=vma), 1)
    rows = {"PTE 0": "A[0] ro dirty uffd-wp" if bits else "A[0] ro dirty"}
    steps = _steps(_program("collapse_scan_pmd", scenario, rows, {"PTE 0": "none"}))
    (call,) = (step for step in steps if "MADV_COLLAPSE" in step)
    assert call.startswith("must(") and ("errno != ENOMEM" in call) is may, call  # for want of memory it never is


def test_what_is_protected_of_tmpfs_is_written_to() -> None:
    vma = _WRITE | _FILE | _SHARED | mask("VMA_BITS", "UFFD_WP")
    scenario = _options(_scenario(_page(0, "WP"), _page(1), folios=(_folio(1, "SHMEM"),), vma=vma), 0, 1)
    rows = {"PTE 0": "A[0] ro uffd-wp", "PTE 1": "A[1] ro"}
    steps = _steps(_program("handle_pte_fault", scenario, rows, {**rows, "PTE 1": "none"}))
    assert _in_order(steps, "write_protect(0, 1);", "try_write(0);", "may_write(ALSO, &here, 0, false);")
