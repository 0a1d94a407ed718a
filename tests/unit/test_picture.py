# SPDX-License-Identifier: GPL-2.0-or-later
"""The picture of a page table: what is a column, what is marked, and that it fits a mail."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sample import finding, state

from reviewer.model import Finding, State
from reviewer.report.drawn import WIDTH, text
from reviewer.report.picture import Picture, picture
from reviewer.report.slots import signs
from reviewer.report.svg import svg

_WORDS = (
    "none",
    "swap 0:5",
    "migration write A[3] dirty",
    "A[1] rw exec dirty young soft-dirty",
    "B[7] ro uffd-wp",
    "guard marker",
    "zero page ro",
    "device-private A[2] rw exclusive",
    "pfn +65585 ro young",
    "hwpoison A[0]",
)


def _made(found: Finding, *, whole: bool = False) -> Picture:
    made = picture(found, whole=whole)
    assert made is not None
    return made


def test_the_entry_that_gains_write_is_the_one_that_is_marked() -> None:
    made = _made(finding())
    (strip,) = made.strips
    assert [c.label for c in strip.columns] == ["0", "1", "2..7"]
    assert [line.name for line in strip.lines] == ["start", "should be", "after"]
    assert made.like == "before"
    assert [strip.marked(at) for at in range(3)] == [False, True, False]
    assert strip.lines[2].cells[1].odd == {"w"}
    assert text(made) == [
        "PTE        0     1     2..7",
        "page       A[0]  A[1]  A[2..7]",
        "start      wdy   -dy   -dy",
        "should be  wdy   -dy   -dy",
        "after      wdy  !wdy   -dy",
        "The code before the patch leaves what should be.",
        "w writable; d dirty; y accessed",
    ]


def test_a_contpte_block_is_outlined_where_the_hardware_has_it() -> None:
    rows = {f"PTE {at}": f"A[{at}] ro cont" for at in range(32)}
    after = State("returned", {**rows, "PTE 16": "A[16] rw cont"})
    numbers = "0 0 32 32 32 64 32 64 0 0 " + "0 " * 8 + "0 0 0 0 " * 32
    scenario = {"rows": rows, "flavour": "arm64-4k", "exact": {"numbers": numbers}}
    made = _made(finding(scenario=scenario, before=State("returned", rows), after=after, reference=None))
    (strip,) = made.strips
    assert [(b.name, strip.columns[b.first].first, strip.columns[b.last].last) for b in strip.blocks] == [
        ("16", 0, 15),
        ("16", 16, 31),
    ]
    assert text(made)[1] == "contpte [---16--] [-------16------]"


def test_what_the_rule_reads_of_the_pages_stands_under_them() -> None:
    rows = {"PTE 0": "A[0] ro", "PTE 1": "A[1] ro", "page A[0]": "mapcount 1 exclusive", "page A[1]": "mapcount 1"}
    right = State("returned", {**rows, "rss anon": "2"})
    wrong = State("returned", {**right.rows, "PTE 1": "A[1] rw"})
    e4 = finding(rule="E4", category="exclusive", scenario={"rows": rows}, before=right, after=wrong, reference=right)
    lines = text(_made(e4))
    assert "AnonExclusive  yes   no" in lines
    assert "mapcount       1     1" in lines
    assert not any(line.startswith(("page A", "rss")) for line in lines)
    assert any(line.startswith("rss anon") for line in text(_made(e4, whole=True)))
    assert _made(e4).hidden == 1
    assert not any("Exclusive" in line for line in text(_made(replace(e4, rule="B5", category="batch"))))


def test_pages_that_are_left_otherwise_are_marked() -> None:
    rows = {"PTE 0": "A[0] rw", "page A[0]": "mapcount 1 exclusive"}
    done = State("returned", {"PTE 0": "none", "page A[0]": "mapcount 0"})
    bad = State("returned", {"PTE 0": "none", "page A[0]": "mapcount 1"})
    g1 = finding(rule="G1", category="refs", scenario={"rows": rows}, before=done, after=bad, reference=done)
    assert "mapcount, after     !1" in text(_made(g1))


def test_a_side_that_did_not_return_says_how_it_ended() -> None:
    crashed = finding(after=State("crash: bad memory access", {}))
    made = _made(crashed)
    assert "after      crash: bad memory access" in text(made)
    assert "crash: bad memory access" in svg(made)


def test_what_is_not_in_order_elsewhere_is_told_below() -> None:
    right = finding().before
    wrong = State("returned", {**right.rows, "rss anon": "7", "rules broken": "G4"})
    lines = text(_made(finding(rule="G4", category="refs", after=wrong)))
    assert "rss anon: should be 8; ! after 7" in lines
    assert "rules broken: ! after G4" in lines


def test_only_what_may_not_be_otherwise_is_marked() -> None:
    right = state("A[0] rw", "A[1] ro dirty")
    wrong = state("A[0] rw dirty young", "A[1] rw dirty young")
    b5 = finding(scenario={"rows": right.rows}, before=right, after=wrong, reference=right)
    (strip,) = _made(b5).strips
    assert [strip.marked(at) for at in range(2)] == [False, True]
    assert strip.lines[-1].cells[1].odd == {"w"}
    aged = state("A[0] rw young", "A[1] ro dirty")
    t2 = finding(rule="T2", category="tlb", scenario={"rows": right.rows}, before=right, after=aged, reference=right)
    assert not any("!" in line for line in text(_made(t2)))
    d2 = replace(t2, rule="D2", category="dirty")
    assert any("!" in line for line in text(_made(d2)))


def test_the_end_of_the_page_table_is_seen() -> None:
    numbers = "0 0 511 1 511 512 511 512 0 0 " + "0 " * 8 + "0 0 0 0"
    rows = {"PTE 0": "A[0] rw", "PTE 1": "A[1] rw"}
    scenario = {"rows": rows, "flavour": "x86-64", "exact": {"numbers": numbers}}
    after = State("crash: bad memory access", {})
    lines = text(_made(finding(scenario=scenario, before=State("returned", rows), after=after, reference=None)))
    assert lines[:2] == ["VMA  page table to PTE 0", "PTE     0..1"]
    rows = {"PTE 0": "A[0] rw", "PTE 1": "none"}
    scenario |= {"rows": rows}
    lines = text(_made(finding(scenario=scenario, before=State("returned", rows), after=after, reference=None)))
    assert lines[0].split() == ["PTE", "0|", "1"]
    assert "| the page table ends" in lines[-1]


def test_what_nobody_has_a_word_on_is_not_called_wrong() -> None:
    right = finding().before
    before = State("returned", {**right.rows, "ordered by full barrier": "a to b"})
    wrong = State("returned", {**finding().after.rows, "ordered by full barrier": "a to c"})
    found = finding(before=before, after=wrong, reference=right)
    assert not any(line.startswith("ordered") for line in text(_made(found)))
    asked = replace(found, kind="behaviour")
    assert any(line.startswith("ordered by full barrier: ") and "!" in line for line in text(_made(asked)))


def test_a_cost_has_no_picture() -> None:
    assert picture(finding(scenario={"rows": {}}, before=State("returned", {}), after=State("returned", {}),
                           reference=None)) is None  # fmt: skip


@pytest.mark.parametrize("words", _WORDS)
def test_every_kind_of_entry_has_a_sign(words: str) -> None:
    read = signs(words)
    assert read.kind or read.folio
    assert read.what("", "") or read.text == "none"


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(*[st.sampled_from(_WORDS)] * 3), min_size=1, max_size=40))
def test_any_table_fits_a_mail_and_is_well_formed(entries: list[tuple[str, str, str]]) -> None:
    start, before, after = (state(*texts) for texts in zip(*entries, strict=True))
    for reference in (None, before):
        made = _made(finding(scenario={"rows": start.rows}, before=before, after=after, reference=reference))
        lines = text(made)
        assert all(len(line) <= WIDTH and line == line.rstrip() for line in lines)
        ElementTree.fromstring(svg(made))
        # Where nothing else differs an entry may be young or folded besides.
        marked = any(strip.marked(at) for strip in made.strips for at in range(len(strip.columns)))
        assert marked == (before != after)
        assert any("!" in line for line in lines) == marked


def test_text_of_others_is_no_markup() -> None:
    bad = "</svg><script>alert(1)</script>"
    made = _made(finding(after=State(bad, {}), reference=None))
    assert "<script" not in svg(made)
