# SPDX-License-Identifier: GPL-2.0-or-later
"""What is said of the rules agrees with the sources that enforce them."""

from __future__ import annotations

from pathlib import Path

import pytest

from oracle.rules import RULES
from oracle.rules_table import FOLLOWS, NOTES, enforcement, table
from oracle.wire import names

ROOT = Path(__file__).resolve().parents[2]


def test_the_printed_table_is_that_of_the_sources() -> None:
    assert (ROOT / "docs" / "rules.md").read_text("utf-8") == table(), (
        "run: python -m oracle.rules_table > docs/rules.md"
    )


def test_the_list_of_run_time_rules_is_what_is_raised() -> None:
    raised = {name for name, how in enforcement().items() if how.raised}
    assert raised == set(names("RULES"))


@pytest.mark.parametrize("name", RULES)
def test_a_rule_is_enforced_or_it_is_said_why_not(name: str) -> None:
    how = enforcement()[name]
    assert bool(how.raised or how.differences) != (name in NOTES)


def test_notes_are_about_rules() -> None:
    assert NOTES.keys() | FOLLOWS.keys() <= RULES.keys()


@pytest.mark.parametrize("name", FOLLOWS)
def test_what_follows_has_a_check_and_follows_rules_that_do_not(name: str) -> None:
    how = enforcement()[name]
    assert how.raised or how.differences
    first = FOLLOWS[name].partition(":")[0].split(", ")
    assert not FOLLOWS.keys() >= set(first)
    assert set(first) <= RULES.keys()
