# SPDX-License-Identifier: GPL-2.0-or-later
"""A finding as a C program: what steps a table takes, what is asked, what has no program, and that C comes of it."""

from __future__ import annotations

import base64
import re
import shutil
import subprocess
import zlib
from pathlib import Path
from typing import Any

import pytest
import sample

from oracle.entries import ENTRIES
from oracle.wire import Folio, Scenario, Slot, mask, names
from reviewer.errors import ReviewError
from reviewer.model import Finding, State
from reviewer.reproducing.case import asked_of
from reviewer.reproducing.files import written
from reviewer.reproducing.many import Scene, program_of_many
from reviewer.reproducing.model import Cannot, Needs, Program
from reviewer.reproducing.program import program_of

_WRITE, _FILE, _SHARED = (mask("VMA_BITS", n) for n in ("WRITE", "FILE", "SHARED"))


_CALLED = [e.name for e in ENTRIES if e.system]


def _bits(*chosen: str) -> int:
    return mask("SLOT_BITS", *chosen)


def _page(index: int, *chosen: str, folio: int = 0) -> Slot:
    return Slot(names("SLOT_KINDS").index("PAGE"), _bits(*chosen), folio, index)


def _kind(kind: str, *chosen: str) -> Slot:
    return Slot(names("SLOT_KINDS").index(kind), _bits(*chosen))


def _folio(order: int, kind: str = "ANON", *chosen: str) -> Folio:
    return Folio(names("FOLIO_KINDS").index(kind), order, mask("FOLIO_BITS", *chosen), 64)


def _scenario(
    *slots: Slot, folios: tuple[Folio, ...] = (), vma: int = _WRITE, first: int = 32, **more: Any
) -> Scenario:
    end = first + len(slots)
    fields: dict[str, Any] = {"mm": 0, "start": first, "end": end, "vma_first": first, "vma_end": end, "salt": 1,
                              "options": (0,) * 8} | more  # fmt: skip
    return Scenario(vma=vma, first=first, folios=folios, slots=slots, **fields)


def _finding(entry: str, scenario: Scenario, right: dict[str, str], wrong: dict[str, str], **more: Any) -> Finding:
    code = base64.b85encode(zlib.compress(b"int a;")).decode()
    exact = {"numbers": scenario.numbers(), "before": code, "after": code}
    held = {"entry": entry, "flavour": "x86-64", "rows": {"PTE 0": "A[0] rw"}, "exact": exact}
    return sample.finding(scenario=held, before=State("returned", right), after=State("returned", wrong),
                          reference=State("returned", right), **more)  # fmt: skip


def _program(*args: Any, **more: Any) -> Program:
    made = program_of(_finding(*args, **more), "f.json")
    assert isinstance(made, Program), made
    return made


def _steps(program: Program) -> list[str]:
    return [line.strip() for line in program.source.splitlines()]


_TWO = _scenario(_page(0, "WRITE", "EXCL"), _page(1), folios=(_folio(1),))
_MOVED = ({"new PTE 0": "A[0] rw", "new PTE 1": "A[1] ro"}, {"new PTE 0": "A[0] rw", "new PTE 1": "A[1] rw"})


def test_what_is_not_exclusive_is_shared_and_written_to() -> None:
    program = _program("move_ptes", _TWO, *_MOVED, rule="B5")
    steps = _steps(program)
    order = [steps.index(s) for s in (
        "folio_anonymous(0, 2);", 'advise(0, 1, MADV_DONTFORK, "MADV_DONTFORK");', "fork_other();",
        'advise(0, 1, MADV_DOFORK, "MADV_DOFORK");', "is_mapped(STATE, &here, 1, 2);", "reached();",
        "is_private(RULE, &there, 1, AT(1), 1);")]  # fmt: skip
    assert order == sorted(order)
    assert "is_private(RULE, &there, 0, AT(0), 0);" not in steps  # the row that is right


def test_two_pages_of_an_anonymous_folio_are_four() -> None:
    """Their neighbours are like them, in the VMA and in the range of the call."""
    steps = _steps(_program("move_ptes", _TWO, *_MOVED, rule="B5"))
    assert "map_anonymous(0, 4, PROT_READ | PROT_WRITE);" in steps
    assert any("4 * page, 4 * page" in step for step in steps)
    assert sum(step.startswith("is_page_of(STATE") for step in steps) == 4


def test_pages_that_are_not_mapped_are_given_back() -> None:
    scenario = _scenario(_page(0, "WRITE", "EXCL"), _kind("NONE"), _page(2, "WRITE", "EXCL"), folios=(_folio(2),))
    rows = {"PTE 0": "A[0] ro", "PTE 2": "A[2] ro"}
    steps = _steps(_program("change_pte_range", scenario.change(vma=0), rows, rows | {"PTE 2": "A[2] rw"}))
    assert 'advise(1, 2, MADV_DONTNEED, "MADV_DONTNEED");' in steps and "unmap(3, 4);" in steps
    assert "is_empty(STATE, &here, 1);" in steps
    assert "may_write(RULE, &here, 2, false);" in steps and "may_write(ALSO, &here, 0, false);" in steps


def test_a_folio_lies_where_a_fault_allocates_it() -> None:
    """Its VMA begins within it, and the table at another place than the scenario's if that is of no account."""
    scenario = _scenario(*(_page(n, "WRITE", "EXCL") for n in (2, 3)), folios=(_folio(2),), first=33)
    rows = {"new PTE 0": "A[2] rw", "new PTE 1": "A[3] rw"}
    steps = _steps(_program("move_ptes", scenario, rows, rows | {"new PTE 1": "none"}))
    assert "lay(34);" in steps and "folio_anonymous(-2, 2);" in steps and "unmap(-2, 0);" in steps


@pytest.mark.parametrize(
    ("bits", "right", "wrong", "test"),
    [
        (("SOFT",), "A[0] ro soft-dirty", "A[0] ro", "is_soft_dirty(RULE, &here, 0, true);"),
        (("WP",), "A[0] ro uffd-wp", "A[0] ro", "is_uffd_wp(RULE, &here, 0, true);"),
        ((), "none", "A[0] ro", "is_empty(RULE, &here, 0);"),
        ((), "A[0] ro", "A[0] ro protnone", "may_read(RULE, &here, 0, true);"),
        ((), "A[0] ro", "swap 0:1", "is_present(RULE, &here, 0);"),
    ],
)
def test_each_word_of_a_row_has_its_test(bits: tuple[str, ...], right: str, wrong: str, test: str) -> None:
    scenario = _scenario(_page(0, "EXCL", "WRITE", *bits), folios=(_folio(0, "ANON", "SWAPBACKED"),))
    assert test in _steps(_program("change_pte_range", scenario, {"PTE 0": right}, {"PTE 0": wrong}))


def test_dirt_that_is_lost_shows_after_reclaim() -> None:
    scenario = _scenario(_page(0, "DIRTY", "WRITE"), folios=(_folio(0, "SHMEM"),), vma=_WRITE | _FILE | _SHARED)
    right = {"PTE 0": "A[0] rw dirty", "folio A": "shmem, 1 page, refs 2"}
    program = _program("move_ptes", scenario, right, {**right, "PTE 0": "A[0] rw"}, rule="D1")
    steps = _steps(program)
    assert steps.index("swap_space();") < steps.index("reached();") < steps.index("reclaim(0, 1);")
    assert steps.index("reclaim(0, 1);") < steps.index("survives(RULE, &there, 0, 0);")  # where it was moved to
    assert {"SWAP", "MEMCG"} <= set(program.needs.options)


def test_a_translation_that_was_not_flushed_is_used_at_once() -> None:
    scenario = _scenario(_page(0, "WRITE", "EXCL", "DIRTY"), folios=(_folio(0, "ANON", "SWAPBACKED"),), vma=0)
    rows = {"PTE 0": "A[0] ro"}
    steps = _steps(_program("change_pte_range", scenario, rows, rows, rule="T2"))
    at = steps.index("touch_write(0);")
    assert steps.index("reached();") < at and "mprotect" in steps[at + 1]
    assert steps[at + 2] == "may_write(RULE, &here, 0, false);"


def test_swap_entries_have_their_offsets() -> None:
    swap = names("SLOT_KINDS").index("SWAP")
    scenario = _scenario(Slot(swap, 0, 0, 5), Slot(swap, _bits("EXCL"), 0, 3))
    rows = {"new PTE 0": "swap 0:5", "new PTE 1": "swap 0:3 exclusive"}
    steps = _steps(_program("move_ptes", scenario, rows, rows | {"new PTE 1": "none"}))
    wanted = ["fill_swap();", "page_out(1, 3);", "page_out(0, 5);", 'advise(1, 2, MADV_DONTFORK, "MADV_DONTFORK");',
              "fork_other();", "is_at_offset(STATE, 0, 5);", "is_swapped(RULE, &there, 1);"]  # fmt: skip
    assert [step for step in steps if step in wanted] == wanted


def test_a_folio_of_a_page_table_is_mapped_page_by_page() -> None:
    """Its VMA is a page too short until all others are there; what was read first is written without a fault."""
    slots = [_page(n, "DIRTY", "WRITE") for n in range(512)]
    scenario = _scenario(*slots, folios=(_folio(9, "SHMEM"),), vma=_WRITE | _FILE | _SHARED, first=0)
    right = {"folio A": "shmem, 512 pages, refs 513 dirty"}
    steps = _steps(_program("try_collapse_pte_mapped_thp", scenario, right, {"folio A": "shmem, 512 pages, refs 513"}))
    wanted = ["folio_unwritten(0, 9);", "map_file(0, 511, PROT_READ | PROT_WRITE, MAP_SHARED);", "touch_reads(0, 511);",
              "map_file(511, 512, PROT_READ | PROT_WRITE, MAP_SHARED);", "touch_reads(511, 512);",
              "touch_writes(0, 512);", "reclaim(0, 512);", "survives(RULE, &here, 511, 511);"]  # fmt: skip
    assert [step for step in steps if step in wanted] == wanted


def test_a_device_takes_pages_when_all_else_is_done() -> None:
    scenario = _scenario(_kind("DEV_EXCL", "EXCL"), _page(0, folio=1), folios=(_folio(0), _folio(0)))
    rows = {"PTE 0": "device-exclusive A[0] exclusive", "PTE 1": "B[0] ro"}
    steps = _steps(_program("folio_referenced_one", scenario, rows, rows | {"PTE 0": "swap 16:7"}))
    assert steps.index("fork_other();") < steps.index("device_takes(0, 1);") < steps.index("reached();")
    assert "keeps(RULE, &here, 0, 0);" in steps


def test_many_scenarios_are_one_program(tmp_path: Path) -> None:
    rows = {"new PTE 0": "A[0] rw", "new PTE 1": "A[1] ro"}
    scenes = [Scene(f"move_ptes-{n}", asked_of("move_ptes", _TWO, "x86-64", (rows, rows), "X1")) for n in range(3)]
    program = program_of_many("many", scenes)
    assert program.source.count("run_scene(scene_") == 3 and "ALSO, &" not in program.source
    written(program, tmp_path)
    subprocess.run(["gcc", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", "many.c"], cwd=tmp_path, check=True)


@pytest.mark.parametrize(
    ("entry", "scenario", "kind"),
    [
        ("contpte_set_ptes", _TWO, "no such call"),
        ("move_ptes", _scenario(_kind("DEV_PRIV"), folios=(_folio(0),)), "a device"),
        ("move_ptes", _scenario(_kind("SPECIAL")), "no such table"),
        ("move_ptes", _TWO.change(mm=2), "an interleaving"),
        ("change_pte_range", _TWO.change(options=(1, *(0,) * 7)), "an interleaving"),
        ("move_ptes", _scenario(_page(1), _page(0), folios=(_folio(1),)), "no such table"),
        ("move_ptes", _TWO.change(vma_end=1 << 60), "no such table"),
        ("move_ptes", _TWO.change(folios=(Folio(0, 60, 0, 0),)), "no such table"),
        ("move_ptes", _scenario(_page(0, folio=7), folios=(_folio(0),)), "no such table"),
        ("move_ptes", _scenario(Slot(77), folios=(_folio(0),)), "no such table"),
    ],
)
def test_why_there_is_no_program(entry: str, scenario: Scenario, kind: str) -> None:
    made = program_of(_finding(entry, scenario, *_MOVED), "f.json")
    assert isinstance(made, Cannot) and made.kind == kind and made.sentence


def test_what_shows_in_nothing_has_no_program() -> None:
    rows = {"new PTE 0": "A[0] rw", "new PTE 1": "A[1] ro"}
    made = program_of(_finding("move_ptes", _TWO, rows, {**rows, "new PTE 0": "A[0] rw young"}, rule="S8"), "f.json")
    assert isinstance(made, Cannot) and made.kind == "nothing to see"
    cost = program_of(sample.finding(kind="cost"), "f.json")
    assert isinstance(cost, Cannot) and cost.kind == "nothing was run"
    with pytest.raises(ReviewError, match="read in the source"):
        program_of(sample.finding(kind="static"), "f.json")


def test_text_of_a_finding_stays_in_a_comment() -> None:
    said = '*/ int main(void) { system("rm"); } /* \\\n#include "/etc/passwd"'
    made = _finding("move_ptes", _TWO, *_MOVED, rule="B5", summary=said, function="a/../../b\n*/")
    rows = {"PTE 0 */ int x;": "*/", "VMA": "\\\n*/"}
    held = {**made.scenario, "rows": rows}
    program = program_of(sample.finding(**{**vars(made), "scenario": held}), "f.json")
    assert isinstance(program, Program)
    assert program.source.count("*/") == 1 and '"/etc' not in program.source and "\\" not in program.source
    assert re.fullmatch(r"[\w-]+", program.name)


def _all() -> list[Program]:
    """One of each call that takes this table."""
    rows = ({"PTE 0": "A[0] rw", "PTE 1": "A[1] ro"} | _MOVED[0], {"PTE 0": "A[0] rw", "PTE 1": "none"} | _MOVED[1])
    made = (program_of(_finding(entry, _TWO, *rows, rule="B5"), "f.json") for entry in _CALLED)
    return [program for program in made if isinstance(program, Program)]


@pytest.mark.skipif(shutil.which("gcc") is None, reason="no gcc")
def test_c_comes_of_it(tmp_path: Path) -> None:
    programs = _all()
    assert len(programs) > 8
    for n, program in enumerate(programs):
        written(program, tmp_path / str(n))
        subprocess.run(["gcc", "-O1", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", f"{program.name}.c"],
                       cwd=tmp_path / str(n), check=True)  # fmt: skip


@pytest.mark.skipif(shutil.which("make") is None or shutil.which("gcc") is None, reason="no make")
def test_it_builds_by_itself_and_runs_to_its_end(tmp_path: Path) -> None:
    program = _program("move_ptes", _TWO, *_MOVED, rule="B5")
    files = written(program, tmp_path)
    assert {f.name for f in files} == {f"{program.name}.c", "Makefile", "config", *dict(program.headers)}
    assert "CONFIG_TRANSPARENT_HUGEPAGE=y" in (tmp_path / "config").read_text("utf-8")
    subprocess.run(["make", "-s", "-C", tmp_path], check=True)
    told = subprocess.run([tmp_path / program.name], capture_output=True, text=True, check=False, timeout=200).stdout
    assert told.startswith("TAP version 13\n")
    assert re.search(r"^1\.\.(\d+)", told, flags=re.MULTILINE), told


def test_needs_add_up() -> None:
    one = Needs(("A", "B"), memory=600, nodes=2, append=("x",))
    assert one.and_of(Needs(("B", "C"), memory=500)) == Needs(("A", "B", "C"), memory=600, nodes=2, append=("x",))
