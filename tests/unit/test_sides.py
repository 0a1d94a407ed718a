# SPDX-License-Identifier: GPL-2.0-or-later
"""Each side is right or wrong by itself; the relation follows from both."""

from __future__ import annotations

import pytest

from oracle.explain import Row
from oracle.judge import judged
from oracle.runner import Hit, Outcome, Side
from oracle.sides import Relation, Sides, by_rules, reasons


@pytest.mark.parametrize(
    ("before", "after", "relation"),
    [
        ("", "", None),
        ("", "B5", "introduced"),
        ("B5", "", "fixed"),
        ("B5", "B5", None),
        ("B5", "B5 E2", "introduced"),  # it got wider
        ("B5 E2", "E2", "fixed"),
        ("B5", "E2", "preexisting"),  # wrong both times
        ("X2", "E2 G3", "preexisting"),
    ],
)
def test_the_relation_follows_from_both_sides(before: str, after: str, relation: Relation | None) -> None:
    assert Sides(frozenset(before.split()), frozenset(after.split())).relation == relation


def outcome(before: tuple[str, ...] = (), after: tuple[str, ...] = (), **codes: str) -> Outcome:
    sides = {
        name: Side(0, dict.fromkeys(broken, (0, 0)), {}, {})
        for name, broken in (("before", before), ("after", after), ("before-one", ()), ("after-one", ()))
    }
    given = {"pair": "", "one": "", "plain": "", "batch-before": "", "batch-after": ""} | {
        name.replace("_", "-"): text for name, text in codes.items()
    }
    return Outcome({}, sides, {name: tuple((what, 0) for what in text.split()) for name, text in given.items()})


def test_what_a_run_shows_by_itself() -> None:
    assert by_rules(outcome(after=("E2",))) == Sides(frozenset(), frozenset({"E2"}))
    assert by_rules(outcome(batch_after="PFN")) == Sides(frozenset(), frozenset({"batch PFN"}))
    # A difference between the sides is nobody's fault, and how work is cut may differ.
    assert by_rules(outcome(pair="PFN PRESENCE", batch_after="CALLS")).relation is None


def test_why_a_row_is_wrong() -> None:
    assert reasons(Row("PTE 1", "A[1] ro dirty", "A[1] rw")) == {"PTE 1\t+rw", "PTE 1\t-ro", "PTE 1\t-dirty"}
    assert reasons(Row("PTE 1", "A[1] ro", "guard marker")) == {"PTE 1\t= guard marker"}
    assert reasons(Row("rss anon", "1", "2")) == {"rss anon\t= 2"}


@pytest.mark.parametrize("what", ["MARKER", "PRESENCE", "WRITE_GAINED", "RSS", "DIRTY_LOST", "EXCLUSIVE"])
def test_a_plain_difference_is_a_question_where_neither_side_is_wrong(what: str) -> None:
    hit = Hit("plain", what, 7, (1, 2))
    asked = judged("move_ptes", hit, None)
    assert asked is not None
    assert (asked.kind, asked.rule.id, asked.relation) == ("behaviour", "X1", "introduced")
    told = judged("move_ptes", hit, "introduced")
    assert told is not None
    assert (told.kind, told.relation) == ("violation", "introduced")
    assert told.rule.id != "X1"


def test_what_differs_in_a_harmless_direction_can_only_mend() -> None:
    hit = Hit("allowed", "SOFT_GAINED", 7, (1,))
    assert judged("move_ptes", hit, None) is None
    assert judged("move_ptes", hit, "introduced") is None
    mended = judged("move_ptes", hit, "fixed")
    assert mended is not None
    assert (mended.rule.id, mended.relation) == ("D4", "fixed")


def test_a_mended_difference_is_named_after_what_was_wrong() -> None:
    lost = judged("zap_pte_range", Hit("plain", "WP_GAINED", 1, (1,)), "fixed")
    assert lost is not None
    assert lost.rule.id == "D5"
