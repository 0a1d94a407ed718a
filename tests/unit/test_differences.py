# SPDX-License-Identifier: GPL-2.0-or-later
"""The table of differences has a row for each that the world tells apart, and says of it what there is."""

from __future__ import annotations

from oracle.differences import DIFFERENCES
from oracle.rules import HARMS, RULES
from oracle.sides import CUT_ONLY
from oracle.wire import names


def test_each_difference_has_a_row_in_the_order_of_the_world() -> None:
    assert tuple(DIFFERENCES) == names("DIFFS")


def test_rows_name_rules_and_differences_that_there_are() -> None:
    for row in DIFFERENCES.values():
        assert {row.breaks, row.plain} - {""} <= set(RULES), row.name
        assert {row.mended, row.kind_of} - {""} <= set(DIFFERENCES), row.name
        assert row.harm in HARMS


def test_what_any_patch_may_change_has_words() -> None:
    assert {row.name for row in DIFFERENCES.values() if row.words} == set(names("HARMLESS"))
    assert set(names("ALLOWANCES")) <= {*names("HARMLESS"), *names("CUT")}


def test_what_may_be_left_out_of_a_row_is_harmless_or_said_elsewhere() -> None:
    """A difference without a rule is one that any patch may bring, or is judged as another."""
    silent = {row.name for row in DIFFERENCES.values() if not row.breaks and not row.kind_of}
    assert silent <= set(names("HARMLESS"))
    assert {row.name for row in DIFFERENCES.values() if row.how} <= CUT_ONLY


def test_rules_read_what_some_difference_shows() -> None:
    """A facet that is spelt otherwise than observed.py names it would never be found."""
    shown = {facet for row in DIFFERENCES.values() for facet in row.reads or ()}
    only_rules = {"folio lazyfree", "folio partially-mapped", "rss swap"}
    assert {facet for r in RULES.values() for facet in r.reads or ()} <= shown | only_rules
