# SPDX-License-Identifier: GPL-2.0-or-later
"""Where a finding is, in words and as a quotation: macros are no functions, and the guilty lines are quoted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import sample

from reviewer.model import Hunk
from reviewer.report.places import called, doer, mended
from reviewer.report.quote import locate, parse
from reviewer.report.reply import replies


@pytest.mark.parametrize(
    ("name", "symbol", "text"),
    [
        ("shelf_move", "function", "shelf_move()"),
        ("SHELF_PTES", "macro", "macro SHELF_PTES"),
        ("struct shelf", "type", "struct shelf"),
        ("shelf_t", "type", "type shelf_t"),
        ("shelves", "variable", "variable shelves"),
    ],
)
def test_a_name_is_written_as_what_it_is(name: str, symbol: str, text: str) -> None:
    found = sample.finding(function=name, symbol=symbol)
    assert called(found) == called(sample.function(name=name, symbol=symbol)) == text
    assert doer(found) == (text if symbol == "function" else f"what uses {text}")


def hunk(**changes: Any) -> Hunk:
    return replace(Hunk("mm/shelf.c", (46, 47, 48, 49), (44, 45, 46), mends=True, of=3), **changes)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({}, "Taking back lines 46-49 alone mends it; the patch has 3 changes here."),
        ({"lines": (47,)}, "Taking back line 47 alone mends it; the patch has 3 changes here."),
        ({"lines": ()}, "Putting back what was dropped before line 49 alone mends it; the patch has 3 changes here."),
        ({"others": 2}, "Taking back lines 46-49 with 2 other changes mends it; the patch has 3 changes here."),
        ({"of": 1}, "Taking back lines 46-49 mends it; the patch has no other change here."),
        ({"mends": False}, ""),
    ],
)
def test_only_what_was_taken_back_is_said_to_mend(changes: dict[str, Any], text: str) -> None:
    assert mended(sample.finding(hunk=hunk(**changes))) == text
    assert mended(sample.finding()) == ""


def test_a_fix_is_what_brings_the_fault_back() -> None:
    assert " alone brings it back;" in mended(sample.finding(hunk=hunk(), relation="fixed"))


@pytest.mark.parametrize(
    ("changes", "line", "quoted"),
    [
        ({}, 47, "\t\tn = shelf_batch(from, at);\n"),  # the line that the finding names
        ({}, 9, "\t\tshelf_set(to, at, first, n);\n"),  # it names one elsewhere: the last of the guilty ones
        ({"lines": ()}, 46, "\t\tfrom->slot[at] = 0;\n"),  # dropped lines, by their numbers before the patch
    ],
)
def test_the_guilty_lines_are_quoted(changes: dict[str, Any], line: int, quoted: str) -> None:
    patch = parse(sample.DIFF)
    spot = locate(patch, sample.finding(line=line, hunk=hunk(**changes)))
    assert spot is not None
    assert patch[spot.file][spot.hunk][spot.line].value == quoted


def test_a_draft_says_that_the_quoted_lines_mend_it() -> None:
    found = sample.finding(hunk=hunk(), patch=1)
    (draft,) = replies(sample.single(verdict="findings", findings=(found,))).values()
    assert b"Taking back this hunk alone mends it" in b" ".join(draft.split())
