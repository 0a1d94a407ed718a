# SPDX-License-Identifier: GPL-2.0-or-later
"""The headline of a finding speaks of what its rule reads, at the place where it broke, and of no bystander."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sample

from oracle.explain import Row
from oracle.faults import Fault
from oracle.judge import Judgement
from oracle.observed import apart, facets, focus
from oracle.results import spoken
from oracle.rules import RULES, rule
from oracle.runner import Hit, Outcome, Side
from oracle.sides import Sides
from oracle.wire import Folio, Scenario
from reviewer.findings.case import REFERENCE, Case
from reviewer.findings.explanation import Explained
from reviewer.findings.headline import headline
from reviewer.model import State
from reviewer.report import states, view

SCENARIO = Scenario(0, 0, 4, 4, 8, 4, 8, 0, (0,) * 8, (Folio(0, 2, 0, 16),), ())
SLOTS = 512


def told(
    *rows: Row, hit: Hit, at: int = -1, entry: str = "wp_pte", reference: bool = False, worst: Hit | None = None
) -> str:
    """The headline of a hit. at: the slot of a difference, or where a rule broke."""
    broken = {hit.what: (at, 0)} if hit.is_violation else {}
    real = {"!ending": "returned", **{row.label: row.real for row in rows}}
    right = {"!ending": "returned", **{row.label: row.reference for row in rows}}
    sides = {"after": Side(0, broken, {}, real), "before": Side(0, {}, {}, right)}
    places: tuple[tuple[str, int], ...] = () if hit.is_violation else ((hit.what, at),)
    codes = {which: places for which in ("pair", "batch-after") if places}
    judged = Judgement(hit, rule(hit.what) if hit.is_violation else rule("B5"), "introduced", "violation")
    gravest = replace(judged, hit=worst, rule=rule(worst.what)) if worst else judged
    outcome = Outcome({}, sides, codes)
    fault = Fault(judged, gravest, SCENARIO, outcome, (), frozenset(), Sides(frozenset(), frozenset()))
    about = tuple(focus(entry, SCENARIO, outcome, h, "after", SLOTS) for h in (hit, gravest.hit))
    word = State("returned", {}, REFERENCE) if reference else None
    case = Case(fault, "after", word, spoken(entry, rows), about=about)
    first, row = about[0], case.worst if rows else None
    telling = row is not None and (first.told(row) or first.here(row))
    at_label = next(iter(first.at), "")
    return headline(entry, fault, Explained("", word, row=row, telling=telling, any=first.reads is None, at=at_label))


def broke(name: str) -> Hit:
    return Hit("introduced", name, 1, (0,))


def differs(name: str, relation: str = "plain") -> Hit:
    return Hit(relation, name, 1, (0,))


BYSTANDER = Row("PTE 0", "none", "A[0] rw dirty")


def test_the_write_bit_and_not_an_entry_that_another_change_maps() -> None:
    rows = (BYSTANDER, Row("PTE 1", "A[1] ro", "A[1] rw"))
    said = "wp_pte leaves PTE 1 as 'A[1] rw' where it was left as 'A[1] ro' before the patch."
    assert told(*rows, hit=broke("D11")) == said
    assert told(*rows, hit=broke("D11"), at=5) == said
    assert told(*rows, hit=differs("WRITE_GAINED"), at=5) == said


def test_the_entry_at_which_it_broke_leads_others_of_the_kind() -> None:
    rows = tuple(Row(f"PTE {n}", f"A[{n}] ro", f"A[{n}] rw") for n in range(4))
    assert told(*rows, hit=broke("B5"), at=6, reference=True) == (
        "wp_pte leaves PTE 2 as 'A[2] rw' where 'A[2] ro' is right."
    )


def test_an_entry_that_was_another_thing_before_is_told_where_the_rule_broke() -> None:
    rows = (Row("PTE 0", "none", "A[0] ro"), Row("PTE 1", "swap 0:1", "A[1] rw"))
    assert "leaves PTE 1 as 'A[1] rw'" in told(*rows, hit=broke("E2"), at=5)


def test_the_page_that_the_entry_maps() -> None:
    rows = (
        Row("PTE 0", "A[0] ro", "A[0] ro dirty"),
        Row("page A[0]", "mapcount 1", "mapcount 1 exclusive"),
        Row("page A[1]", "mapcount 1", "mapcount 1 exclusive"),
    )
    assert told(*rows, hit=differs("EXCLUSIVE"), at=17) == (
        "wp_pte leaves page A[1] as 'exclusive' where it was left as 'not exclusive' before the patch."
    )


def test_of_a_folio_only_what_differs() -> None:
    row = Row("folio A", "anon, 2 pages, refs 3 lazyfree locked", "anon, 2 pages, refs 4 dirty locked")
    assert apart(row) == ("lazyfree, refs 3, not dirty", "not lazyfree, refs 4, dirty")
    assert apart(Row("folio B", "mlocked", "not mlocked")) == ("mlocked", "not mlocked")
    assert apart(Row("page A[1]", "mapcount 0", "")) == ("mapcount 0", "")


def test_folios_that_are_mlocked_by_name() -> None:
    row = Row("result 1", "3", "1")
    assert told(row, hit=broke("G9"), entry="mlock_pte_range") == (
        "mlock_pte_range leaves folio B as 'not mlocked' where it was left as 'mlocked' before the patch."
    )
    assert told(BYSTANDER, row, hit=differs("RETURN"), entry="mlock_pte_range").startswith(
        "mlock_pte_range leaves folio B as 'not mlocked'"
    )


def test_results_are_told_by_what_they_are() -> None:
    left = told(Row("result 0", "", "2"), hit=differs("RETURN"), entry="insert_pages", reference=True)
    assert left == "insert_pages leaves pages not inserted as '2' where '0' is right."
    back = told(Row("returns", "1", "0"), hit=differs("RETURN"))
    assert back == "wp_pte returns 0 where it returned 1 before the patch."
    digest = told(Row("result 3", "77", "1234567"), hit=differs("RETURN"))
    assert digest == "wp_pte changes what it hands back: not what it was before the patch."
    words = told(Row("result 1", "77", "1234567"), hit=broke("L12"), at=6, entry="pagemap_pmd_range", reference=True)
    assert words == "pagemap_pmd_range changes what the words say: not what it has to be, first at PTE 2."
    calls = told(Row("stub calls", "1 (00a0)", "2 (00b0)"), hit=differs("CALLS"))
    assert calls == "wp_pte changes the calls that it makes: not what it was before the patch."


def test_a_rule_of_which_no_row_tells_is_named_with_its_place() -> None:
    said = told(BYSTANDER, hit=broke("T2"), at=6)
    assert said == f"wp_pte leaves PTE 2 with a stale translation and does not keep to this: {RULES['T2'].title}."
    said = told(BYSTANDER, hit=broke("L6"), at=6)
    assert said == f"wp_pte does not keep to this at PTE 2: {RULES['L6'].title}."
    assert told(hit=broke("L5")) == f"wp_pte does not keep to this: {RULES['L5'].title}."


def test_a_rule_that_may_show_anywhere_shows_the_worst() -> None:
    rows = (Row("rss anon", "1", "2"), Row("PTE 1", "A[1] ro", "A[1] rw"))
    assert "leaves PTE 1 as 'A[1] rw'" in told(*rows, hit=broke("B1"), worst=broke("D11"))
    assert "does not keep to this" in told(rows[0], hit=broke("B1"), worst=broke("D11"))


@pytest.mark.parametrize(
    ("row", "wrong"),
    [
        (Row("PTE 1", "A[1] ro", "A[1] rw dirty"), {"PTE", "PTE rw", "PTE ro", "PTE dirty"}),
        (Row("PTE 1", "none", "A[1] rw"), {"PTE", "PTE maps"}),
        (Row("child PTE 1", "A[1] ro cont", "A[1] ro"), {"PTE", "PTE cont"}),
        (
            Row("folio A", "anon, 2 pages, refs 3", "anon, 2 pages, refs 4 dirty"),
            {"folio", "folio refs", "folio dirty"},
        ),
        (Row("page A[1]", "mapcount 1", "mapcount 1 exclusive"), {"page", "page exclusive"}),
        (Row("rss anon", "1", "2"), {"rss", "rss 1", "rss 2", "rss anon"}),
        (Row("folio B", "mlocked", "not mlocked"), {"folio", "folio mlocked"}),
    ],
)
def test_what_of_a_row_is_wrong(row: Row, wrong: set[str]) -> None:
    assert facets(row) == wrong


def test_a_saving_is_no_broken_rule() -> None:
    saving = sample.finding(rule="X4", kind="cost", relation="fixed")
    assert view.title(saving) == "the patch makes the work cheaper"
    assert view.title(replace(saving, relation="introduced")) == RULES["X4"].title


def test_a_table_says_what_results_are() -> None:
    state = sample.state("A[0] rw", **{"result 0": "2", "result 1": "5"})
    mlock = sample.finding(
        scenario={"rows": {"PTE 0": "A[0] rw"}, "entry": "mlock_pte_range"},
        before=state, after=replace(state, rows={**state.rows, "result 1": "1"}), reference=None,
    )  # fmt: skip
    rows = {row.label: [cell.text for cell in row.cells] for row in states.table(mlock, whole=True).rows
            if isinstance(row, states.StateRow)}  # fmt: skip
    assert rows["result 1 (mlocked)"] == ["", "folio A, folio C", "folio A"]
    assert rows["result 0 (what the walk is to do next)"] == ["", "2", "2"]
