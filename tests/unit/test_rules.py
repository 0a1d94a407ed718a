# SPDX-License-Identifier: GPL-2.0-or-later
"""The table of rules is whole, and names are looked up kindly."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from oracle.rules import CATEGORIES, HARMS, RULES, Rule, UnknownRuleError, parse, rule, select

OF_LETTER = dict(
    zip(
        "BSCDEFGTL",
        ("batch", "set", "contpte", "dirty", "exclusive", "swap", "refs", "tlb", "locks"),
        strict=True,
    )
)


def test_the_table_has_every_rule_once_and_in_order() -> None:
    """Numbers are never used again, so none is left out: a letter has them from 1 on."""
    letters = list(dict.fromkeys(name[0] for name in RULES))
    assert letters == [*OF_LETTER, "X", "Q"]
    for letter in letters:
        numbers = [int(name[1:]) for name in RULES if name[0] == letter]
        assert sorted(numbers) == list(range(1, len(numbers) + 1))
        assert letter == "X" or numbers == sorted(numbers)


@pytest.mark.parametrize("name", RULES)
def test_a_rule_is_in_the_category_of_its_letter(name: str) -> None:
    extra = {"X1": "behaviour", "X6": "behaviour", "X2": "ending", "X3": "ending", "X5": "ending", "X4": "cost"}
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


@pytest.mark.parametrize(("name", "near"), [("B99", "B9"), ("contpt", "contpte"), ("lock", "locks")])
def test_an_unknown_name_comes_with_near_ones(name: str, near: str) -> None:
    with pytest.raises(UnknownRuleError) as caught:
        select([name])
    assert near in caught.value.near
    assert near in str(caught.value)


def test_an_unknown_name_with_nothing_near_lists_the_categories() -> None:
    with pytest.raises(UnknownRuleError, match=", ".join(CATEGORIES)):
        rule("???")


WORDS = 'severity = "low"\nharm = "none"\ntitle = "t"\nquestion = "q?"\nremedy = "r"\nreads = ["rss"]\n'
HEAD = f'order = ["B1"]\n[batch.B1]\n{WORDS}'


def test_a_small_table_is_read() -> None:
    assert parse(HEAD) == {"B1": Rule("B1", "t", "batch", "low", "none", 0, "q?", "r", frozenset({"rss"}))}
    assert parse(HEAD.replace('["rss"]', '"any"') + 'note = "n"')["B1"].note == "n"
    assert parse(HEAD.replace('["rss"]', '"any"'))["B1"].reads is None


@pytest.mark.parametrize(
    "text",
    [
        HEAD.replace("low", "grave"),
        HEAD.replace("none", "awful"),
        f"{HEAD}[set.B1]\n{WORDS}",
        HEAD.replace('["B1"]', "[]"),
        HEAD.replace('["B1"]', '["B1 B1"]'),
        HEAD.replace('["B1"]', '["B1 B2"]'),
        HEAD.replace('remedy = "r"\n', ""),
        HEAD.replace('reads = ["rss"]\n', ""),
        f'{HEAD}notes = "n"',
    ],
)
def test_a_broken_table_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"B[12]"):
        parse(text)


def test_ranks_are_one_order_of_all_rules() -> None:
    assert sorted(r.rank for r in RULES.values()) == list(range(len(RULES)))


@pytest.mark.parametrize(
    ("cause", "consequence"),
    [("B1", "L9"), ("B4", "S10"), ("C3", "B4"), ("C3", "L9"), ("L10", "L9"), ("G8", "B11"), ("G8", "G1"), ("T7", "T2"),
     ("T5", "T2"), ("T2", "T1"), ("S4", "D1"), ("D11", "E2"), ("F1", "F4"), ("B11", "L9"), ("L1", "T2")],
)  # fmt: skip
def test_a_cause_is_told_before_its_consequence(cause: str, consequence: str) -> None:
    assert RULES[cause].rank < RULES[consequence].rank


def test_counters_and_cost_explain_only_what_nothing_else_does() -> None:
    last = max(r.rank for r in RULES.values() if r.harm in ("foreign", "write", "lost") and r.category != "static")
    assert all(RULES[name].rank > last for name in ("G2", "G3", "G4", "T3", "T10", "C5", "C11", "X4", "X6", "X1"))
    assert min(r.rank for r in RULES.values() if r.category == "static") == RULES["X1"].rank + 1


def test_the_worst_harm_is_named_first() -> None:
    assert HARMS == ("crash", "foreign", "write", "lost", "stale", "count", "cost", "none")
    assert {r.harm for r in RULES.values()} == set(HARMS)


@pytest.mark.parametrize("name", RULES)
def test_a_question_and_a_remedy_are_one_line_each(name: str) -> None:
    broken = RULES[name]
    assert 12 < len(broken.question) <= 100
    assert broken.question.endswith("?")
    assert broken.question[0].isupper()
    assert 8 < len(broken.remedy) <= 100
    assert broken.remedy == broken.remedy.strip(" .?\n")
    assert not re.search(r"\n|TODO|[{}]|%s", broken.question + broken.remedy)


def test_no_two_rules_are_asked_or_mended_alike() -> None:
    assert len({r.question for r in RULES.values()}) == len({r.remedy for r in RULES.values()}) == len(RULES)


def test_the_documents_count_the_rules() -> None:
    """docs/coverage.md: how many there are, how many have an edit of their own, and why the others have none."""
    text = (Path(__file__).parents[2] / "docs" / "coverage.md").read_text("utf-8")
    total, alone = map(int, re.findall(r"^Of the (\d+) rules, (\d+) have an edit", text, re.MULTILINE)[0])
    rest = re.findall(r"^\| [B-T]\d+ \|", text[text.index("The others have none") :], re.MULTILINE)
    assert (total, alone) == (sum(not name.startswith(("X", "Q")) for name in RULES), total - len(rest))
