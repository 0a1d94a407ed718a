# SPDX-License-Identifier: GPL-2.0-or-later
"""What a review claims of changed code rests on a run or a proof; where there is neither, it claims nothing."""

from __future__ import annotations

import pytest
from sample_series import edited

from reviewer.model import FunctionReview, Review
from reviewer.pipeline import Settings, review
from reviewer.report.status import exit_status

FILE = "mm/mremap.c"
MOVE = "static int move_ptes("
SOFT = "\t\treturn pte_mksoft_dirty(pte);\n"
DROP = "\treturn pte_present(pte) ? pte_clear_uffd_wp(pte) : pte_swp_clear_uffd_wp(pte);\n"
LOCK = "\tif (new_ptl != old_ptl)\n\t\tspin_lock_nested("
BUSY = "static bool nothing_there(pte_t pte)\n{\n\treturn pte_none(pte);\n}\n\n"
USED = ("\t\tif (pte_none(ptep_get(old_ptep)))\n", "\t\tif (nothing_there(ptep_get(old_ptep)))\n")


def reviewed(*edits: tuple[str, str]) -> Review:
    return review(*edited(*((FILE, old, new) for old, new in edits)), Settings(budget=0.1))


def only(old: str, new: str) -> FunctionReview:
    (function,) = reviewed((old, new)).patches[0].functions
    return function


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("int w = 3\n", "expected"),
        ("nowhere(pte);\n", "nowhere"),
        ("pte_present();\n", "too few arguments"),
        ("pte.no_such_member = 1;\n", "no_such_member"),
    ],
)
def test_code_that_no_compiler_takes_is_not_run_and_says_where(statement: str, message: str) -> None:
    done = reviewed((SOFT, f"\t\t{statement}{SOFT}"))
    (function,) = done.patches[0].functions
    assert (function.status, function.evidence, function.covered_lines) == ("not-runnable", "none", ())
    assert f"{FILE}:" in function.why
    assert message in function.why
    assert (done.verdict, exit_status(done)) == ("inconclusive", 3)


def test_nor_does_a_later_patch_mend_what_was_never_run() -> None:
    wrong = DROP.replace(" : ", " : no_such_thing + ")
    done = reviewed((DROP, wrong), (wrong, DROP))
    assert done.findings == ()
    assert done.verdict == "inconclusive"
    assert {f.status for p in done.patches for f in p.functions} == {"not-runnable"}


def test_a_function_whose_end_is_lost_is_not_one_that_nobody_called() -> None:
    done = reviewed((f"{SOFT}\treturn", f"{SOFT}\t{{ return"))
    assert done.verdict == "inconclusive"
    assert all(f.evidence == "none" for f in done.patches[0].functions)


def test_code_that_asks_where_it_stands_is_not_run() -> None:
    function = only(LOCK, f"\tif (__LINE__ == 7)\n\t\tforce_flush = true;\n{LOCK}")
    assert (function.status, function.evidence) == ("not-runnable", "none")
    assert "the patch brings __LINE__" in function.why


def test_what_is_the_same_code_is_not_called_exercised() -> None:
    function = only(LOCK, LOCK.replace("new_ptl != old_ptl", "old_ptl != new_ptl"))
    assert (function.status, function.evidence, function.scenarios) == ("not-exercised", "same-code", 0)
    assert function.settled
    assert "machine code" in function.why


@pytest.mark.parametrize(
    "statement",
    ["if (0)\n\t\tforce_flush = true;\n", "while (0)\n\t\terr = 1;\n"],
)
def test_lines_of_which_no_code_comes_are_proven_by_nothing(statement: str) -> None:
    function = only(LOCK, f"\t{statement}{LOCK}")
    assert (function.status, function.evidence) == ("not-exercised", "none")
    assert function.uncovered


@pytest.mark.parametrize("statement", ["barrier();\n", "volatile int w = 0;\n\t(void)w;\n"])
def test_what_orders_accesses_is_never_the_same_code(statement: str) -> None:
    function = only(LOCK, f"\t{statement}{LOCK}")
    assert function.evidence in {"exhaustive", "scenarios"}
    assert function.scenarios


def test_a_new_function_waits_for_its_caller() -> None:
    alone = reviewed((MOVE, BUSY + MOVE))
    assert alone.verdict == "inconclusive"
    assert [(f.name, f.waits, f.settled) for f in alone.patches[0].functions] == [("nothing_there", True, False)]
    done = reviewed((MOVE, BUSY + MOVE), USED)
    assert done.verdict == "clean"
    (waits,), later = (p.functions for p in done.patches)
    assert (waits.judged_with, waits.settled, waits.evidence) == (2, True, "none")
    judged = next(f for f in later if f.name == "nothing_there")
    # Inlined it is the code that it takes the place of.
    assert (judged.evidence, judged.uncovered) == ("same-code", ())
    assert set(judged.changed_lines) <= set(waits.changed_lines)


def test_and_is_judged_with_the_patch_that_calls_it() -> None:
    wrong = BUSY.replace("pte_none(pte)", "!pte_present(pte)")
    done = reviewed((MOVE, wrong + MOVE), USED)
    found = [f for f in done.findings if f.relation == "introduced"]
    assert {f.patch for f in found} == {2}
    assert done.verdict == "findings"


def test_two_new_functions_wait_together() -> None:
    outer = "static bool empty(pte_t pte)\n{\n\treturn nothing_there(pte);\n}\n\n"
    done = reviewed((MOVE, BUSY + MOVE), (MOVE, outer + MOVE), (USED[0], USED[1].replace("nothing_there", "empty")))
    assert done.verdict == "clean"
    assert [{f.name: f.judged_with for f in p.functions} for p in done.patches] == [
        {"nothing_there": 3}, {"empty": 3}, {"move_ptes": None, "empty": None, "nothing_there": None},
    ]  # fmt: skip


def test_what_nothing_called_may_go() -> None:
    base = edited((FILE, MOVE, BUSY + MOVE))[1].patches[0].after
    done = review(*edited((FILE, BUSY, ""), base=base), Settings(budget=0.1))
    (function,) = done.patches[0].functions
    assert (function.name, function.evidence, done.verdict) == ("nothing_there", "same-code", "clean")
    # Not so while a file still names it.
    called = edited((FILE, MOVE, BUSY + MOVE), (FILE, *USED))[1].patches[1].after
    done = review(*edited((FILE, BUSY, ""), base=called), Settings(budget=0.1))
    assert done.verdict == "inconclusive"


def test_a_macro_is_run_where_it_is_used() -> None:
    macro = "#define OLD_IS_EMPTY(p) pte_none(ptep_get(p))\n\n"
    base = edited((FILE, MOVE, macro + MOVE), (FILE, USED[0], "\t\tif (OLD_IS_EMPTY(old_ptep))\n"))[1].patches[1].after
    changed = macro.replace("pte_none(", "!pte_val(")
    done = review(*edited((FILE, macro, changed), base=base), Settings(budget=0.1))
    (function,) = done.patches[0].functions
    assert function.name == "OLD_IS_EMPTY"
    assert function.status == "exercised" or function.evidence == "same-code"
    wrong = macro.replace("pte_none(", "!pte_present(")
    done = review(*edited((FILE, macro, wrong), base=base), Settings(budget=0.1))
    assert done.verdict == "findings"


def test_a_defensive_exit_is_run_with_its_condition_taken_for_true() -> None:
    helper = "static bool nothing_there(pte_t pte)\n{\n\tif (pte_none(pte) && pte_present(pte))\n\t\treturn %s;\n"
    helper += "\treturn pte_none(pte) != 0;\n}\n\n"
    harmless = "\tif (!vma && drop_uffd_wp)\n\t\tforce_flush = true;\n"
    function = only(LOCK, harmless + "\tforce_flush |= old_end < old_addr;\n" + LOCK)
    assert (function.status, function.evidence) == ("exercised", "scenarios")
    assert "taken for true" in function.why
    assert len(function.changed_lines) > len(function.covered_lines)
    # What makes a difference when it is come to against the facts has proven nothing.
    done = reviewed((MOVE, helper % "true" + MOVE), USED)
    judged = next(f for f in done.patches[1].functions if f.name == "nothing_there")
    assert (done.verdict, judged.status) == ("inconclusive", "partly")


def test_lines_on_the_way_to_what_is_not_modelled_have_shown_nothing() -> None:
    base = edited((FILE, MOVE, "void elsewhere(pte_t *ptep);\n\n" + MOVE))[1].patches[0].after
    always = f"\tforce_flush |= !vma;\n\telsewhere(old_ptep);\n{LOCK}"
    done = review(*edited((FILE, LOCK, always), base=base), Settings(budget=0.1))
    (function,) = done.patches[0].functions
    assert (function.status, function.evidence, function.covered_lines) == ("not-exercised", "none", ())
    assert "elsewhere" in function.stubs
    assert done.verdict == "inconclusive"
