"""The table of rules is whole, and names are looked up kindly."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from oracle.rules import CATEGORIES, RULES, UnknownRuleError, parse, rule, select
from oracle.wire import names
from reviewer import claims

COUNTS = {"B": 14, "S": 15, "C": 13, "D": 11, "E": 7, "F": 7, "G": 10, "T": 10, "L": 11}
OF_LETTER = dict(
    zip(
        "BSCDEFGTL",
        ("batch", "set", "contpte", "dirty", "exclusive", "swap", "refs", "tlb", "locks"),
        strict=True,
    )
)


def test_the_table_has_every_rule_once_and_in_order() -> None:
    ids = [f"{letter}{number}" for letter, count in COUNTS.items() for number in range(1, count + 1)]
    assert len(ids) == 98
    assert list(RULES) == [*ids, "X1", "X2", "X3", "X5", "X4", *(f"Q{n}" for n in range(1, 9))]


@pytest.mark.parametrize("name", RULES)
def test_a_rule_is_in_the_category_of_its_letter(name: str) -> None:
    extra = {"X1": "behaviour", "X2": "ending", "X3": "ending", "X5": "ending", "X4": "cost"}
    of_letter = OF_LETTER | {"Q": "static"}
    assert RULES[name].category == (extra.get(name) or of_letter[name[0]])


@pytest.mark.parametrize("name", RULES)
def test_a_title_is_one_short_clause(name: str) -> None:
    title = RULES[name].title
    assert 10 < len(title) <= 92
    assert title == title.strip(" .\n")
    assert "\n" not in title


def test_every_rule_that_the_world_checks_is_in_the_table() -> None:
    wire = (Path(__file__).parents[2] / "oracle" / "world" / "wire.h").read_text(encoding="utf-8")
    listed = wire[wire.index("W_RULES(X)") :].split("\n\n", 1)[0]
    checked = re.findall(r"\bX\((\w+)\)", listed.split("\n", 1)[1])
    assert checked
    assert set(checked) <= set(RULES)


def test_titles_are_told_apart() -> None:
    assert len({r.title for r in RULES.values()}) == len(RULES)


def test_a_rule_is_found_in_either_case() -> None:
    assert rule("b5") is RULES["B5"]


def test_select_takes_ids_and_categories() -> None:
    assert select(["swap", "b5"]) == {"F1", "F2", "F3", "F4", "F5", "F6", "F7", "B5"}
    assert select([]) == frozenset()


@pytest.mark.parametrize(("name", "near"), [("B15", "B1"), ("contpt", "contpte"), ("lock", "locks")])
def test_an_unknown_name_comes_with_near_ones(name: str, near: str) -> None:
    with pytest.raises(UnknownRuleError) as caught:
        select([name])
    assert near in caught.value.near
    assert near in str(caught.value)


def test_an_unknown_name_with_nothing_near_lists_the_categories() -> None:
    with pytest.raises(UnknownRuleError, match=", ".join(CATEGORIES)):
        rule("???")


@pytest.mark.parametrize(
    "text", ['[batch]\nB1 = ["grave", "t"]\n', '[batch]\nB1 = ["low", "t"]\n[set]\nB1 = ["low", "t"]\n']
)
def test_a_broken_table_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="B1"):
        parse(text)


def test_what_any_patch_may_change_has_words() -> None:
    assert set(claims._WORDS) == set(names("HARMLESS"))
