# SPDX-License-Identifier: GPL-2.0-or-later
"""A patch that only drops lines is judged by whether those were ever run, not by what lies around them."""

from __future__ import annotations

from sample_series import edited

from reviewer.model import FunctionReview
from reviewer.pipeline import Settings, review

FILE = "mm/mremap.c"
# Every VMA has an mm.
NEVER = "\tif (!mm) {\n\t\tpte_unmap_unlock(old_ptep, old_ptl);\n\t\terr = -EAGAIN;\n"
QUICK = Settings(budget=0.1)
ALWAYS = "\t\tspin_lock_nested(new_ptl, SINGLE_DEPTH_NESTING);\n"


def dropped(old: str, new: str, settings: Settings = QUICK) -> FunctionReview:
    base = edited((FILE, ALWAYS, f"{ALWAYS}{NEVER}\t\tgoto out;\n\t}}\n"))[1].patches[0].after
    (function,) = review(*edited((FILE, old, new), base=base), settings).patches[0].functions
    return function


def test_lines_that_nothing_ran_are_not_exercised_by_their_neighbours() -> None:
    function = dropped(NEVER, NEVER.replace("\t\terr = -EAGAIN;\n", ""))
    assert (function.status, function.covered_lines) == ("not-exercised", ())
    assert len(function.uncovered) == 1


def test_nor_where_an_empty_statement_is_left() -> None:
    function = dropped(NEVER, NEVER.replace("\t\terr = -EAGAIN;\n", "\t\t;\n"))
    assert (function.status, function.covered_lines) == ("not-exercised", ())


def test_lines_that_were_run_are_exercised() -> None:
    function = dropped(ALWAYS, "\t\t;\n")
    assert (function.status, function.uncovered) == ("exercised", ())
    assert function.covered_lines


def test_where_they_were_not_run_the_second_half_is_used_as_well() -> None:
    """One scenario for four, near those that came far."""
    missed = dropped(NEVER, NEVER.replace("\t\terr = -EAGAIN;\n", ""), Settings(budget=0.4, flavours=("x86-64",)))
    assert missed.status == "not-exercised"
    assert missed.scenarios >= 25_000
