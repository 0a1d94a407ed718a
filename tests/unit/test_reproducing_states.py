# SPDX-License-Identifier: GPL-2.0-or-later
"""States that a finding's program brings about, and accesses to them, that booted kernels showed to be otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_reproducing import _finding, _folio, _kind, _page, _program, _scenario, _steps
from test_reproducing_calls import _checked, _in_order, _options

from oracle.wire import Slot, mask, names
from reviewer.reproducing.model import Cannot
from reviewer.reproducing.program import program_of

_WRITE, _FILE, _SHARED = (mask("VMA_BITS", n) for n in ("WRITE", "FILE", "SHARED"))


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
