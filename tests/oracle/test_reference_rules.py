# SPDX-License-Identifier: GPL-2.0-or-later
"""Each rule is one check of the reference, in words of the rule table, and its example shows both verdicts."""

from __future__ import annotations

import pytest

from oracle.reference.rules import IDS, all_rules, rule
from oracle.rules import RULES


def test_all_rules_are_there_once() -> None:
    assert list(all_rules()) == list(IDS)
    assert set(IDS) == {id for id in RULES if id[0] not in "XQ"}


@pytest.mark.parametrize("id", all_rules())
def test_the_example_shows_both_verdicts(id: str) -> None:
    one = all_rules()[id]
    assert one.run("right")[1] is None
    assert one.run("wrong")[1], "the wrong case passes"


@pytest.mark.parametrize("id", all_rules())
def test_the_check_says_what_is_right_and_where(id: str) -> None:
    one = all_rules()[id]
    title, _, rest = one.doc.partition("\n")
    assert title == RULES[id].title[0].upper() + RULES[id].title[1:] + "."
    assert "iolation" in rest, "what a violation looks like"
    assert "/" in one.source or "Arm ARM" in one.source


def test_a_rule_cannot_be_registered_twice() -> None:
    all_rules()
    with pytest.raises(ValueError, match="twice"):
        rule("B1", source="nowhere")(lambda: None)
    with pytest.raises(ValueError, match="no rule"):
        rule("B99", source="nowhere")
