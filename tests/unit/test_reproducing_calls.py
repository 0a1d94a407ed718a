# SPDX-License-Identifier: GPL-2.0-or-later
"""The calls of a finding's program beyond those on a range: what each takes, what it asks, and what has none."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from test_reproducing import _finding, _folio, _kind, _page, _program, _scenario, _steps

from oracle.wire import Scenario, Slot, mask, names
from reviewer.reproducing.files import written
from reviewer.reproducing.model import Cannot, Program
from reviewer.reproducing.program import program_of

_WRITE, _FILE, _SHARED, _WP = (mask("VMA_BITS", n) for n in ("WRITE", "FILE", "SHARED", "UFFD_WP"))
_OWN = _scenario(_page(0, "WRITE", "EXCL"), _kind("NONE"), folios=(_folio(0),))
_NONE = {"PTE 0": "A[0] rw", "PTE 1": "none"}


def _options(scenario: Scenario, *options: int) -> Scenario:
    return scenario.change(options=(*options, *(0,) * (8 - len(options))))


def _checked(program: Program, folder: Path) -> list[str]:
    """Its steps; a compiler takes it without a word."""
    if shutil.which("gcc"):
        written(program, folder)
        subprocess.run(["gcc", "-O1", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", f"{program.name}.c"],
                       cwd=folder, check=True)  # fmt: skip
    return _steps(program)


def _in_order(steps: list[str], *wanted: str) -> bool:
    return [step for step in steps if step in wanted] == list(wanted)


@pytest.mark.parametrize(
    ("entry", "row", "call", "test"),
    [
        ("mfill_atomic_install_pte", "pfn +8 rw dirty", "fill_page(1, false);", "keeps(RULE, &here, 1, 1);"),
        ("mfill_atomic_pte_zeropage", "zero page ro", "fill_zeroes(1);", "is_zero(RULE, &here, 1);"),
        ("mfill_atomic_pte_poison", "poison marker", "fill_poison(1);", "is_poisoned(RULE, &here, 1);"),
    ],
)
def test_userfaultfd_fills_a_hole(entry: str, row: str, call: str, test: str, tmp_path: Path) -> None:
    right = {**_NONE, "PTE 1": row, "returns": "0"}
    steps = _checked(_program(entry, _options(_OWN, 1), right, {**_NONE, "returns": "-17"}), tmp_path)
    assert _in_order(steps, "watch_holes(0, 2);", "reached();", call, "it_returns(RULE, 0);", test)


def test_what_a_shared_mapping_is_filled_with_is_its_own_page(tmp_path: Path) -> None:
    cached = Slot(names("SLOT_KINDS").index("CACHED"), 0, 0, 1)
    scenario = _scenario(_page(0), cached, folios=(_folio(1, "SHMEM"),), vma=_WRITE | _FILE | _SHARED | _WP)
    right = {"PTE 0": "A[0] ro", "PTE 1": "A[1] ro uffd-wp"}
    args = right, {**right, "PTE 1": "A[1] rw"}
    program = _program("mfill_atomic_install_pte", _options(scenario, 1, 1, 1), *args)
    steps = _checked(program, tmp_path)
    assert "fill_cached(1, true);" in steps and "is_uffd_wp(RULE, &here, 1, true);" in steps
    assert "watch(0, 2);" in steps and not any(step.startswith("watch_holes") for step in steps)
    for options in ((0, 1, 1), (1, 1, 0), (1, 1, 1, 1)):
        made = program_of(_finding("mfill_atomic_install_pte", _options(scenario, *options), *args), "f.json")
        assert isinstance(made, Cannot) and made.kind in ("no such call", "no such table")


def test_pages_are_moved_to_a_vma_of_their_own(tmp_path: Path) -> None:
    swap = Slot(names("SLOT_KINDS").index("SWAP"), mask("SLOT_BITS", "EXCL"), 0, 5)
    scenario = _scenario(_page(0, "WRITE", "EXCL"), swap, _kind("NONE"), folios=(_folio(0),))
    right = {"new PTE 0": "A[0] rw", "new PTE 1": "swap 0:5", "new PTE 2": "zero page ro", "returns": "-17"}
    wrong = {**right, "new PTE 1": "none"}
    program = _program("move_pages_ptes", _options(scenario, 0, 11, 1, 1), right, wrong)
    wanted = ("moved = hole() + 544 * page;", "destination(0, 3, false, false);", "zeroes_in_the_way(2);",
              "read_ahead(1);", "reached();", "relocate(0, 3, true);", "it_returns(ALSO, -17);",
              "is_swapped(RULE, &there, 1);", "keeps(RULE, &there, 1, 1);")  # fmt: skip
    assert _in_order(_checked(program, tmp_path), *wanted)


@pytest.mark.parametrize(
    ("scenario", "kind"),
    [
        (_OWN.change(vma=0), "no such call"),
        (_scenario(_kind("MIG_READ", "EXCL"), folios=(_folio(0),)), "an interleaving"),
        (_scenario(_page(0, "EXCL"), folios=(_folio(0, "ANON", "EXTRA_REF"),)), "an interleaving"),
        (_scenario(_page(2, "EXCL"), folios=(_folio(2),)), "no such table"),
    ],
)
def test_what_cannot_be_moved_so(scenario: Scenario, kind: str) -> None:
    rows = {"new PTE 0": "A[0] rw"}
    made = program_of(_finding("move_pages_ptes", scenario, rows, {"new PTE 0": "none"}), "f.json")
    assert isinstance(made, Cannot) and made.kind == kind


_CACHED = Slot(names("SLOT_KINDS").index("SWAPCACHED"), mask("SLOT_BITS", "SOFT", "WP"), 0, 0)


def test_swapoff_keeps_bytes_and_bits(tmp_path: Path) -> None:
    """What is soft-dirty was written to after the bits were cleared; another process has what is not exclusive."""
    swap = Slot(names("SLOT_KINDS").index("SWAP"), mask("SLOT_BITS", "EXCL"), 2, 3)
    scenario = _scenario(_CACHED, swap, folios=(_folio(0, "ANON", "SWAPCACHE"),), vma=_WRITE | _WP)
    right = {"PTE 0": "A[0] ro soft-dirty uffd-wp", "PTE 1": "swap 2:3 exclusive"}
    program = _program("unuse_pte", scenario, right, {**right, "PTE 0": "A[0] ro"})
    wanted = ("folio_anonymous(1, 0);", "page_out(1, 3);", "soft_dirty_cleared();", "folio_anonymous(0, 0);",
              "page_out(0, 64);", "free_swap();", "read_ahead(0);", "write_protect(0, 1);", "fork_other();",
              "is_soft_dirty(STATE, &here, 0, true);", "reached();",
              'must(!syscall(SYS_swapoff, SWAP_DEVICE), "swapoff");', "is_soft_dirty(RULE, &here, 0, true);",
              "is_uffd_wp(RULE, &here, 0, true);", "keeps(ALSO, &here, 0, 0);",
              "keeps(ALSO, &here, 1, 1);")  # fmt: skip
    steps = _checked(program, tmp_path)
    assert _in_order(steps, *wanted), [step for step in steps if step in wanted]
    assert not any(step.startswith(("is_swapped(ALSO", "is_present")) for step in steps)


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"slots": (_kind("NONE"),)}, "no such call"),
        ({"folios": (_folio(2, "ANON", "SWAPCACHE"),)}, "no such table"),
        ({"vma": _FILE}, "no such table"),
        ({"options": (0, 0, 0, 2, 0, 0, 0, 0)}, "no such table"),
        ({"options": (0, 0, 0, 6, 0, 0, 0, 0)}, "an interleaving"),
    ],
)
def test_what_swapoff_does_not_meet(change: dict[str, object], kind: str) -> None:
    scenario = _scenario(_CACHED, folios=(_folio(0, "ANON", "SWAPCACHE"),)).change(**change)
    made = program_of(_finding("unuse_pte", scenario, {"PTE 0": "A[0] ro"}, {"PTE 0": "none"}), "f.json")
    assert isinstance(made, Cannot) and made.kind == kind


def test_mincore_is_asked_of_each_page(tmp_path: Path) -> None:
    scenario = _scenario(_page(0, "WRITE", "EXCL", folio=1), _kind("NONE"), _CACHED, _kind("MARKER_GUARD"),
                         folios=(_folio(0, "ANON", "SWAPCACHE"), _folio(0)))  # fmt: skip
    rows = {"PTE 0": "B[0] rw", "result 1": "5", "result 2": "7"}
    steps = _checked(_program("mincore_pte_range", scenario, rows, {**rows, "result 2": "8"}), tmp_path)
    wanted = ("reached();", "look_in_core(0, 4);", "it_returns(RULE, 0);", "is_in_core(RULE, 0, true);",
              "is_in_core(RULE, 1, false);", "is_in_core(RULE, 2, true);", "is_in_core(RULE, 3, false);")  # fmt: skip
    assert _in_order(steps, *wanted)


def test_a_file_s_pages_are_in_core_without_an_entry() -> None:
    cached = Slot(names("SLOT_KINDS").index("CACHED"), 0, 0, 1)
    scenario = _scenario(_page(0), cached, _kind("NONE"), folios=(_folio(1, "SHMEM"),), vma=_FILE | _SHARED)
    steps = _steps(_program("mincore_pte_range", scenario, {"result 2": "7"}, {"result 2": "8"}))
    assert "is_in_core(RULE, 1, true);" in steps and "is_in_core(RULE, 2, false);" in steps


@pytest.mark.parametrize(
    ("how", "call", "after"),
    [
        ((260, 2), "bind_to(0, 2, 2, 1);", ("is_on_node(RULE, 0, 0);", "is_on_node(RULE, 1, 0);")),
        ((256, 2), "bind_to(0, 2, 2, 2);", ("is_on_node(RULE, 0, 1);", "is_on_node(RULE, 1, 0);")),
        ((257, 2), "bind_to(0, 2, 2, 4);", ("is_on_node(RULE, 0, 1);", "is_on_node(RULE, 1, 1);")),
        ((2, 1), "away_from(1);", ("is_on_node(RULE, 0, 1);", "is_on_node(RULE, 1, 1);")),
    ],
)
def test_folios_are_on_the_node_that_they_belong_to(
    how: tuple[int, int], call: str, after: tuple[str, str], tmp_path: Path
) -> None:
    """What another process maps goes along only where all is moved."""
    scenario = _scenario(_page(0, "EXCL"), _page(0, folio=1), folios=(_folio(0), _folio(0)))
    rows = {"PTE 0": "A[0] ro", "PTE 1": "B[0] ro"}
    program = _program(
        "queue_folios_pte_range", _options(scenario.change(salt=0), *how), rows, {**rows, "result 0": "1"}
    )
    steps = _checked(program, tmp_path)
    assert _in_order(
        steps,
        "two_nodes();",
        "allocate_on(0);",
        "to_node(0, 1, 0);",
        "is_on_node(STATE, 1, 0);",
        "reached();",
        call,
        *after,
    )
    assert ("it_returns(RULE, -5);" in steps) == (how[0] == 260) and program.needs.nodes == 2


@pytest.mark.parametrize(("options", "salt"), [((1, 1), 0), ((256, 0), 0), ((2, 3), 0), ((257, 2), 0x700)])
def test_what_no_call_takes_from_nodes(options: tuple[int, int], salt: int) -> None:
    scenario = _options(_scenario(_page(0, "EXCL"), folios=(_folio(0),)).change(salt=salt), *options)
    made = program_of(_finding("queue_folios_pte_range", scenario, {"result 0": "1"}, {"result 0": "2"}), "f.json")
    assert isinstance(made, Cannot) and made.kind in ("no such call", "no such table")


def test_a_scan_tells_of_regions(tmp_path: Path) -> None:
    """Present 8, swapped 16, the zero page 32; what nobody waits for writes in is not written."""
    scenario = _scenario(
        _page(0, "WRITE", "EXCL"), _kind("ZERO"), _kind("NONE"), _kind("MARKER_GUARD"), folios=(_folio(0),)
    )
    rows = {"PTE 0": "A[0] rw", "result 0": "4", "result 1": "7"}
    wrong = {**rows, "result 1": "8"}
    steps = _checked(_program("pagemap_scan_pmd_entry", scenario, rows, wrong), tmp_path)
    wanted = ("is_zero_page(STATE, &here, 1);", "is_marked(STATE, &here, 3);", "reached();",
              "scan_pages(0, 4, 0, 0, 0, 381, 4294967296, 512);", "it_returns(RULE, 4);", "scan_stops(RULE, 4);",
              "tells_of(RULE, 0, 0, 1, 8);", "tells_of(RULE, 1, 1, 2, 40);", "tells_of(RULE, 2, 2, 3, 0);",
              "tells_of(RULE, 3, 3, 4, 272);")  # fmt: skip
    assert _in_order(steps, *wanted), [step for step in steps if "scan" in step or "tells" in step]
    little = _options(scenario, 0, 21, 256 | 1)  # the pages that are there, one of them
    steps = _steps(_program("pagemap_scan_pmd_entry", little, rows, wrong))
    assert "it_returns(RULE, 1);" in steps


@pytest.mark.parametrize("options", [(1,), (2,), (4,), (0, 16 | 1)])
def test_what_no_scan_tells(options: tuple[int, ...]) -> None:
    scenario = _options(_scenario(_page(0, "EXCL"), folios=(_folio(0),)), *options)
    made = program_of(_finding("pagemap_scan_pmd_entry", scenario, {"result 0": "1"}, {"result 0": "2"}), "f.json")
    assert isinstance(made, Cannot) and made.kind in ("no such table", "nothing to see")
    made = program_of(_finding("pagemap_pmd_range", scenario, {"result 1": "1"}, {"result 1": "2"}), "f.json")
    assert isinstance(made, Cannot) and "verify" in made.sentence


def test_pages_go_from_a_node_wherever_the_process_has_them() -> None:
    """migrate_pages() knows no range, mbind() one."""
    scenario = _scenario(_page(0, "EXCL"), _page(0, "EXCL", folio=1), folios=(_folio(0), _folio(0)), end=33, vma_end=34)
    rows = {"PTE 0": "A[0] ro", "PTE 1": "B[0] ro"}
    for how, last in (((2, 1), "is_on_node(RULE, 1, 1);"), ((257, 2), "is_on_node(RULE, 1, 0);")):
        asked = _options(scenario.change(salt=0), *how)
        steps = _steps(_program("queue_folios_pte_range", asked, rows, {**rows, "result 0": "1"}))
        assert "is_on_node(RULE, 0, 1);" in steps and last in steps


@pytest.mark.parametrize(
    ("entry", "flavour", "options", "said"),
    [
        ("remove_migration_pte", "x86-64", (0, 2), "zeroes are looked for"),
        ("remove_migration_pte", "x86-64", (0, 0), ""),
        ("try_to_migrate_one", "x86-64", (0, 2), ""),
        ("clear_refs_pte_range", "arm64-4k", (1,), "no soft-dirty bits"),
        ("clear_refs_pte_range", "arm64-4k", (0,), ""),
        ("clear_refs_pte_range", "x86-64", (1,), ""),
    ],
)
def test_what_no_call_does_of_it(entry: str, flavour: str, options: tuple[int, ...], said: str) -> None:
    scenario = _options(_scenario(_page(0, "WRITE", "EXCL"), folios=(_folio(0),)), *options)
    found = _finding(entry, scenario, {"PTE 0": "A[0] rw"}, {"PTE 0": "A[0] ro", "rules broken": "G2"}, rule="G2")
    made = program_of(replace(found, scenario={**found.scenario, "flavour": flavour}), "f.json")
    assert said in made.sentence if isinstance(made, Cannot) else not said, made
