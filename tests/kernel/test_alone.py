# SPDX-License-Identifier: GPL-2.0-or-later
"""Every rule is as strong as its sentence: for each there is an edit that it alone finds, or a word of why not."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from oracle.rules import RULES
from oracle.rules_table import FOLLOWS, NOTES
from reviewer.trees.kernel import KernelTree

from .alone import edits, shown
from .conftest import part
from .editing import Edit

pytestmark = pytest.mark.kernel
_OF_98 = [name for name, r in RULES.items() if r.category not in ("behaviour", "ending", "cost", "static")]
_COVERAGE = Path(__file__).parents[2] / "docs" / "coverage.md"


@pytest.mark.parametrize("kernel", ["7.2"], indirect=True)
@pytest.mark.parametrize("edit", part(edits()), ids=lambda e: f"{e['rule']} {e['name']}")
def test_an_edit_is_found_by_its_rule_alone(kernel: KernelTree, edit: Edit) -> None:
    seen = shown(kernel.at(kernel.head), edit)
    assert edit["rule"] in seen.found
    assert not seen.without


def test_each_rule_has_one_edit_or_a_reason() -> None:
    alone = Counter(e["rule"] for e in edits())
    assert max(alone.values()) == 1
    assert {name for name in _OF_98 if name not in alone} == {name for name in _OF_98 if name in FOLLOWS | NOTES}


def test_the_rules_that_nothing_needs_are_listed_with_the_reason() -> None:
    told = _COVERAGE.read_text("utf-8").split("## Which rules are needed", 1)[1]
    listed = dict(re.findall(r"^\| (\w+) \| (.+) \|$", told, re.MULTILINE))
    assert {name: why for name, why in listed.items() if name in RULES} == {
        name: (FOLLOWS | NOTES)[name] for name in _OF_98 if name in FOLLOWS | NOTES
    }
