# SPDX-License-Identifier: GPL-2.0-or-later
"""The words of an explanation: what had to be left, which call did otherwise, whether batches are to blame."""

from __future__ import annotations

from dataclasses import replace

import pytest

from oracle.explain import Row
from oracle.faults import Fault
from oracle.judge import Judgement
from oracle.rules import rule
from oracle.runner import Hit, Outcome, Side
from oracle.sides import Relation, Sides
from oracle.wire import Scenario
from reviewer.findings.case import FORCED, REFERENCE, Case
from reviewer.findings.culprit import call, culprit
from reviewer.findings.explanation import Explained, batches, left, right
from reviewer.findings.findings import _severity
from reviewer.findings.tracing import Call, Write
from reviewer.model import State

SCENARIO = Scenario(0, 0, 0, 0, 3, 0, 3, 0, (0,) * 8, (), ())
ROW = Row("new PTE 2", "A[2] ro", "A[2] rw dirty")


def side(ending: str = "returned", *broken: str) -> Side:
    return Side(int(ending != "returned"), dict.fromkeys(broken, (0, 0)), {}, {"!ending": ending})


def case(
    *rows: Row,
    relation: str = "batch",
    source: str = REFERENCE,
    after: Side | None = None,
    start: str = "",
    one: tuple[str, ...] = (),
) -> Case:
    """A fault of B5. one: what differs with batches of one."""
    sides = {"before": side(), "after": after or side(), "before-one": side(), "after-one": side()}
    judged = Judgement(Hit(relation, "WRITE_GAINED", 3, (0,)), rule("B5"), "introduced", "violation")
    outcome = Outcome({row.label: start for row in rows}, sides, {"one": tuple((what, 0) for what in one)})
    fault = Fault(judged, judged, SCENARIO, outcome, (), frozenset(), Sides(frozenset(), frozenset(), True))
    return Case(fault, "after", State("returned", {}, source) if source else None, rows, not rows)


def made(*writes: tuple[str, str], rules: tuple[str, ...] = (), name: str = "set_ptes", line: int = 7) -> Call:
    return Call("move", "mm/m.c", line, name, tuple(Write(*w) for w in writes), rules)


def test_what_had_to_be_left() -> None:
    assert right(case(ROW)) == "By the reference, which takes each PTE alone, new PTE 2 has to be 'A[2] ro'."
    assert right(case(ROW, source=FORCED)) == "With batches of one new PTE 2 is 'A[2] ro'."
    assert right(case(ROW, source="")) == ""
    assert right(case(ROW, Row("rss anon", "1", "2"))).endswith("; 1 more row differs.")
    assert "has to be 0." in right(case(Row("rss anon", "", "2")))
    assert "what it returns has to be 1." in right(case(Row("returns", "1", "2")))
    assert "broken on the way" in right(case())


def test_results_by_what_they_are_and_no_hash_as_a_number() -> None:
    pages, which = Row("result 0", "", "1"), Row("result 1", "-31", "1")
    said = right(replace(case(which, pages), entry="follow_page_pte"))
    assert "result 0 (pages that it handed out) has to be 0; 1 more row differs." in said
    said = right(replace(case(which), entry="follow_page_pte"))
    assert said.endswith("result 1 (which pages) has to be something else.")


def test_what_an_adapter_asks_is_asked_of_what_is_left() -> None:
    asked = replace(case(after=Side(0, {"B5": (3, -1)}, {}, {"!ending": "returned"})), entry="move")
    assert left(asked) == "B5 breaks by what move() leaves when it returns."
    assert right(asked).endswith("the same state is left, but for what no row tells of.")
    assert left(case(after=side("returned", "B5"))) == ""


def test_the_call_that_wrote_it() -> None:
    clears = made(("PTE 0", "none"), ("PTE 1", "none"), ("PTE 2", "none"), name="get_and_clear_ptes")
    sets = made(("new PTE 0", "A[0] rw dirty"), ("new PTE 1", "A[1] rw dirty"), ("new PTE 2", "A[2] rw dirty"))
    said = "writes new PTE 0..2 in one call, and new PTE 2 gains write and dirty (B5)."
    assert call(case(ROW), [clears, sets]) == f"set_ptes() at mm/m.c:7, called in move(), {said}"
    alone = made(("new PTE 2", "A[2] rw dirty"))
    assert (
        call(case(ROW), [alone]) == "In set_ptes() at mm/m.c:7, called in move(), new PTE 2 gains write and dirty (B5)."
    )


def test_the_call_is_the_first_after_which_it_stays_wrong() -> None:
    early, mended, late = (made(("new PTE 2", text)) for text in ("A[2] rw dirty", "A[2] ro", "A[2] rw dirty cont"))
    folded = made(("new PTE 2", "A[2] rw dirty cont"))
    assert culprit([early, mended, late, folded], ROW) == 2
    assert culprit([made(("PTE 9", "none"))], ROW) is None


def test_an_entry_that_is_gone_or_never_written() -> None:
    gone = Row("PTE 1", "uffd-wp marker", "none")
    text = call(case(gone), [made(("PTE 1", "none"), name="ptep_clear")])
    assert text == "ptep_clear() at mm/m.c:7, called in move(), clears PTE 1, and nothing is set there after (B5)."
    assert call(case(gone), [made(("PTE 0", "none"))]) == "No call of the run writes PTE 1 (B5)."


def test_a_page_that_stays_exclusive() -> None:
    page = Row("page A[1]", "mapcount 0", "mapcount 0 exclusive")
    unmapped = made(("page A[1]", "mapcount 0 exclusive"))
    kept = case(page, start="mapcount 1 exclusive")
    assert call(kept, [unmapped]) == "No call of the run takes exclusive from page A[1] (B5)."


def test_counters_are_laid_on_one_call_only_if_it_is_alone() -> None:
    rss = Row("rss anon", "1", "2")
    one = made(("rss anon", "2"), name="add_mm_counter")
    assert call(case(rss), [one]) == "In add_mm_counter() at mm/m.c:7, called in move(), rss anon becomes '2' (B5)."
    assert call(case(rss), [one, one]) == ""


def test_a_contract_broken_at_the_call() -> None:
    breaks = made(("PTE 0", "none"), rules=("B5",))
    assert call(case(ROW), [breaks, made()]) == "B5 breaks in set_ptes() at mm/m.c:7, called in move()."
    crashed = case(ROW, after=side("crash: bad memory access"))
    assert call(crashed, [breaks]).endswith(", and the run ends there.")
    assert call(crashed, [made()]) == "The run ends in set_ptes() at mm/m.c:7, called in move()."
    assert right(crashed) == ""
    itself = made(("PTE 0", "none"), rules=("B5",), name="")
    assert call(case(ROW), [itself]) == "B5 breaks in move() at mm/m.c:7."


@pytest.mark.parametrize(
    ("relation", "one", "words"),
    [
        ("batch", (), "the batch is at fault"),
        ("batch", ("WRITE_GAINED",), ""),
        ("introduced", (), "the batch is at fault"),
        ("plain", ("WRITE_GAINED",), "not how it batches"),
        ("plain", (), ""),
        ("plain", ("DIRTY_LOST",), ""),
        ("opaque", (), "before the patch as well"),
        ("drift", (), "does no harm"),
        ("unbatch", (), ""),
    ],
)
def test_what_is_said_of_batches_is_what_runs_with_batches_of_one_showed(
    relation: str, one: tuple[str, ...], words: str
) -> None:
    said = batches(case(ROW, relation=relation, one=one).fault)
    assert words in said
    assert bool(words) == bool(said)


def test_a_rule_that_breaks_with_batches_of_one_too() -> None:
    fault = case(ROW, relation="introduced").fault
    fault.outcome.sides["after-one"] = side("returned", "B5")
    assert batches(fault) == "Batches forced to one do not help."


def test_a_run_with_batches_of_one_that_ends_otherwise_says_nothing() -> None:
    fault = case(ROW, relation="introduced").fault
    fault.outcome.sides["after-one"] = side("crash: bad memory access")
    assert batches(fault) == ""


def test_that_the_same_state_is_left_needs_the_reference_to_say_so() -> None:
    wrong_on_both = replace(case(), right=False)
    assert right(wrong_on_both) == ""


def test_the_row_that_is_worst_leads() -> None:
    rows = (
        Row("PTE 0", "A[0] ro dirty", "A[0] ro"),
        Row("rss anon", "1", "2"),
        Row("PTE 1", "A[1] ro", "A[1] rw"),
        Row("page A[1]", "mapcount 1", "mapcount 2"),
    )
    assert case(*rows).worst.label == "PTE 1"
    assert case(*rows[:2]).worst.label == "PTE 0"
    assert case(rows[1], rows[3]).worst.label == "page A[1]"


@pytest.mark.parametrize(
    ("relation", "elsewhere", "severity"),
    [("preexisting", True, "low"), ("preexisting", False, rule("B5").severity), ("introduced", True, "high")],
)
def test_what_a_tree_does_wrong_elsewhere_is_of_low_severity(
    relation: Relation, elsewhere: bool, severity: str
) -> None:
    fault = replace(case().fault, judgement=replace(case().fault.judgement, relation=relation))
    assert _severity(fault, "", Explained("", None, elsewhere=elsewhere)) == severity
