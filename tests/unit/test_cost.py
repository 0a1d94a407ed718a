# SPDX-License-Identifier: GPL-2.0-or-later
"""What of two sets of counters is worth a remark, what the workloads are, and how they are shown."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import sample
from jsonschema import Draft202012Validator

from oracle.cost import Growth, Row, growth, measure
from oracle.entries import ENTRIES, entry
from oracle.runner import Outcome, Side
from oracle.wire import Folio, Scenario, Slot, mask, names
from oracle.workloads import SIZES, Workload, workloads
from reviewer.findings.costs import WORDS
from reviewer.model import Counted, Finding
from reviewer.report import counted
from reviewer.report.document import dumps, load, review_document
from reviewer.report.html import page

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "reviewer" / "report" / "schema.json").read_text(encoding="utf-8"))
CONT = mask("SLOT_BITS", "CONT")
NOTHING = Scenario(0, 0, 0, 0, 1, 0, 1, 0, (0,) * 8, (Folio(0, 0, 0, 1),), (Slot(),))


def row(ptes: int, before: dict[str, int], after: dict[str, int], folios: str = "64K") -> Row:
    zero = dict.fromkeys(names("COUNTS"), 0)
    return Row(folios, ptes, zero | before, zero | after, NOTHING)


def named(found: list[Growth]) -> list[tuple[str, int]]:
    return [(g.counter, g.ptes) for g in found]


def test_equal_counters_are_no_growth() -> None:
    same = {"rmap_op": 16, "pte_read": 32}
    assert growth([row(16, same, same)]) == growth([row(16, same, same)], falling=True) == []


def test_one_more_for_the_whole_range_is_no_growth() -> None:
    """A lock taken once more, a look at one more page: nothing that a range pays for."""
    few, more = {"lock": 1, "page_touch": 1, "pte_read": 32}, {"lock": 2, "page_touch": 2, "pte_read": 33}
    assert growth([row(n, few, more) for n in SIZES]) == []


def test_a_batch_cut_in_two_is_growth() -> None:
    assert named(growth([row(16, {"rmap_op": 1}, {"rmap_op": 2})])) == [("rmap_op", 16)]
    assert growth([row(16, {"rmap_op": 16}, {"rmap_op": 17})]) == []
    assert growth([row(512, {"rmap_op": 1}, {"rmap_op": 2})]) == []


def test_what_falls_is_told_apart() -> None:
    rows = [row(16, {"folio_lookup": 16}, {"folio_lookup": 1})]
    assert growth(rows) == []
    assert named(growth(rows, falling=True)) == [("folio_lookup", 16)]


def test_rescans_are_quadratic_and_come_first() -> None:
    rows = [row(n, {"pte_read": n}, {"pte_read": n * n // 2, "folio_lookup": n}) for n in SIZES]
    first, second = growth(rows)
    assert (first.counter, first.quadratic, first.ptes, first.most, first.last) == ("pte_read", True, 16, 512, 256)
    assert (second.counter, second.quadratic) == ("folio_lookup", False)


@pytest.mark.parametrize("block", [1, 16, 128])
def test_workloads_fold_whole_blocks_of_one_folio_only(block: int) -> None:
    move = entry("move_ptes")
    assert move is not None
    for work in workloads(move, block):
        for what in work.guises:
            assert what.end - what.start == work.ptes
            folded = [at for at, slot in enumerate(what.slots) if slot.bits & CONT]
            assert not folded or block > 1
            for at in folded:
                mates = what.slots[at // block * block :][:block]
                assert len(mates) == block
                assert {(m.folio, m.bits & CONT) for m in mates} == {(what.slots[at].folio, CONT)}


def test_a_fault_is_counted_with_those_that_it_leaves_to_come() -> None:
    known = entry("do_fault")
    assert known is not None
    work = workloads(known, 16)
    assert {w.part for w in work} == {"fault"}
    assert {"order 0 (file write)", "64K (file read)", "64K (swap cache)"} <= {w.folios for w in work}
    assert all(what.end - what.start == w.ptes for w in work for what in w.guises)


def test_only_entries_that_work_on_a_part_of_the_range_are_called_again() -> None:
    assert {e.part for e in ENTRIES if e.options[:1] in {("slot",), ("slot of the folio",)} and e.measured} == {
        "fault", "walk", "call",
    }  # fmt: skip
    assert [e.name for e in ENTRIES if e.part and not e.options[0].startswith("slot")] == []


def done(before: Side, after: Side, *differs: str) -> Outcome:
    return Outcome({}, {"before": before, "after": after}, {"pair": tuple((name, 0) for name in differs)})


def side(writes: int = 1, *broken: str, ending: int = 0) -> Side:
    return Side(ending, dict.fromkeys(broken, (0, 0)), dict.fromkeys(names("COUNTS"), 0) | {"pte_write": writes}, {})


class Answers:
    """A runner that gives one answer to all."""

    def __init__(self, outcome: Outcome | None) -> None:
        self.outcome = outcome

    def attempt(self, _: Scenario, *, whole: bool) -> Outcome | None:
        self.whole = whole
        return self.outcome


@pytest.mark.parametrize("part", ["", "fault"])
@pytest.mark.parametrize(
    ("outcome", "counts"),
    [
        (done(side(16), side(1)), True),
        (done(side(16), side(1), "CONT", "CALLS"), True),
        (done(side(16), side(1), "PRESENCE"), False),
        (done(side(16), side(1), "YOUNG"), False),
        (done(side(16), side(1), "EXTENT"), False),
        (done(side(16), side(1, "T2")), False),
        (done(side(1, "T2"), side(16)), False),
        (done(side(1), side(16, ending=1)), False),
        (done(side(0), side(0)), False),
        (None, False),
    ],
)
def test_counts_are_compared_where_both_sides_do_the_same_and_right(
    outcome: Outcome | None, counts: bool, part: str
) -> None:
    load = Workload("64K", "", 16, (NOTHING,), part)
    runner = Answers(outcome)
    found = measure(runner, (load,))  # type: ignore[arg-type]
    assert runner.whole == bool(part)
    assert [(row.before["pte_write"], row.after["pte_write"]) for row in found] == ([(16, 1)] if counts else [])


@pytest.mark.parametrize(("part", "asked"), [("", False), ("fault", True)])
def test_what_was_attempted_is_not_run_again_but_for_all_its_calls(part: str, asked: bool) -> None:
    load = Workload("64K", "", 16, (NOTHING,), part)
    runner = Answers(done(side(2), side(2)))
    (row,) = measure(runner, (load,), [[done(side(1), side(1))]])  # type: ignore[arg-type]
    assert hasattr(runner, "whole") is asked
    assert row.before["pte_write"] == (2 if asked else 1)
    assert measure(runner, (load,), [[None]]) == ([row] if asked else [])  # type: ignore[arg-type]


def test_entries_without_workloads_are_chosen() -> None:
    assert [e.name for e in ENTRIES if e.measured and not list(workloads(e, 16))] == []
    assert isinstance(next(iter(workloads(ENTRIES[0], 16))), Workload)


def test_every_counter_has_words() -> None:
    assert set(WORDS) == set(names("COUNTS"))


def test_debug_checks_keep_counters_off() -> None:
    """Each kind of check of the kernel evaluates its condition in w_check, which turns counters off, or not at all."""
    text = (ROOT / "oracle" / "world" / "mmu.h").read_text(encoding="utf-8")
    checks = re.findall(r"#define ((?:VM_)?(?:WARN|BUG)\w*)\((?:cond|c)[^)]*\) (.*)", text)
    assert len(checks) >= 20
    assert [name for name, body in checks if not re.search(r"w_(?:check|bug)(?:_of)?\(c\b|^\(\(void\)0\)$", body)] == []


READS, RMAP = "PTE reads", "rmap operations"
COUNTED = (
    Counted("x86-64", "64K", 16, {READS: 2.0}, {READS: 2.0}),
    Counted("x86-64", "64K", 512, {READS: 2.0, RMAP: 0.062}, {READS: 2.0, RMAP: 1.0}),
)


def costly() -> Finding:
    return sample.finding(rule="X4", kind="cost", counts=COUNTED)


def test_the_table_shows_the_largest_size() -> None:
    heads, rows = counted.table(costly())
    assert heads == ("flavour", "folios", "PTEs", "PTE reads", "rmap operations")
    assert rows == (("x86-64", "64K", "512", "2", "0.062 \N{RIGHTWARDS ARROW} 1"),)


def test_counts_are_in_the_json_and_on_the_page() -> None:
    whole = sample.review(findings=(costly(),))
    Draft202012Validator(SCHEMA).validate(review_document(whole))
    written = dumps(review_document(whole))
    assert load(written, "again").findings[0].counts == COUNTED
    assert json.loads(written)["findings"][0]["counts"][1]["ptes"] == 512
    assert "0.062 \N{RIGHTWARDS ARROW} 1" in page(whole)
