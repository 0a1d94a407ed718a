# SPDX-License-Identifier: GPL-2.0-or-later
"""The parts of the page: the diff with what ran, the rail, both runs side by side, the charts; and what is too much."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
import sample

from reviewer.model import Finding, Hunk, PatchReview, Series, Trace, Traces
from reviewer.report.html import page
from reviewer.report.page_costs import charts, grows
from reviewer.report.page_diff import Piece, diff_of
from reviewer.report.page_rail import stops, told
from reviewer.report.page_syntax import coloured
from reviewer.report.page_traces import film

PATCH = sample.review().series.patches[1]


def _pieces(*found: Finding, diff: bytes = sample.DIFF, patches: int = 1) -> tuple[Piece, ...]:
    patch = replace(PATCH, message=sample.message(1, diff=diff))
    return diff_of(patch, (sample.function(),), found, patches).pieces


# --- the diff ---------------------------------------------------------------------------------


def test_what_ran_stands_beside_each_line() -> None:
    lines = {line.new: line.ran for piece in _pieces() for line in piece.lines if line.new}
    assert (lines[48], lines[49], lines[50], lines[5]) == ("ran", "ran", "missed", "")


def test_the_same_code_is_told_apart_from_what_ran() -> None:
    same = sample.function(evidence="same-code", covered_lines=(), uncovered=(44, 46), status="not-exercised")
    piece = diff_of(PATCH, (same,), (), 1).pieces[1]
    assert {line.ran for line in piece.lines} == {"", "same"}
    assert piece.told == "6 lines the same machine code"


def test_what_could_not_be_run_did_not_run() -> None:
    skipped = replace(sample.SKIPPED, changed_lines=(48, 49))
    piece = diff_of(PATCH, (skipped,), (), 1).pieces[1]
    assert [(line.new, line.ran) for line in piece.lines if line.ran] == [(48, "missed"), (49, "missed")]


def test_what_was_dropped_has_run_before_the_patch() -> None:
    dropped = sample.function(changed_lines=(44, 45), covered_lines=(44,), uncovered=(45,))
    piece = diff_of(PATCH, (dropped,), (), 1).pieces[1]
    assert [(line.sign, line.old, line.ran) for line in piece.lines if line.ran] == [
        ("-", 44, "ran"),
        ("-", 45, "missed"),
    ]


def test_a_finding_stands_with_its_hunk() -> None:
    first, second = _pieces(sample.finding(), sample.finding(line=5), sample.finding(file="mm/other.c"))
    assert [f.line for f in first.findings] == [5]
    assert [f.line for f in second.findings] == [49]
    assert diff_of(PATCH, (), (sample.finding(file="mm/other.c"),), 1).apart


def test_the_lines_that_a_finding_comes_of_are_marked() -> None:
    hunk = Hunk("mm/shelf.c", (46, 47), (44,), mends=True)
    _, piece = _pieces(sample.finding(hunk=hunk))
    assert [(line.sign, line.old or line.new) for line in piece.lines if line.guilty] == [
        ("-", 44),
        ("+", 46),
        ("+", 47),
    ]
    assert [line.leads for line in piece.lines if line.guilty] == [True, True, False]


def test_lines_without_a_sign_are_context() -> None:
    diff = sample.DIFF.replace(b"\n \n", b"\n\n") + b"\\ No newline at end of file\n"
    lines = [line for piece in _pieces(diff=diff) for line in piece.lines]
    assert {line.sign for line in lines} == {"+", "-", " "}
    assert "No newline" in page(sample.single(diff))


def test_a_comment_over_lines_is_one() -> None:
    lines = coloured("mm/a.c", ["/* one", " * if two */ return 3;", "\tx = 4;"])
    assert lines[1][0] == ("c", " * if two */")
    assert ("k", "return") in lines[1]
    assert coloured("mm/a.c", [" * the end */", "if"])[0] == (("c", " * the end */"),)
    assert coloured("README", ["if (1)"]) == [(("", "if (1)"),)]


def test_colours_lose_no_text() -> None:
    for piece in _pieces():
        for line in piece.lines:
            assert all(text for _, text in line.parts)
    added = [line for line in sample.DIFF.decode().split("\n") if line.startswith("+\t")]
    shown = ["".join(t for _, t in line.parts) for piece in _pieces() for line in piece.lines if line.sign == "+"]
    assert shown == [line[1:] for line in added]


def _huge(files: int, lines: int, width: int = 40) -> bytes:
    parts = []
    for at in range(files):
        body = "".join(f"+\t{'x' * width} = {n};\n" for n in range(lines))
        parts.append(
            f"diff --git a/mm/f{at}.c b/mm/f{at}.c\n--- /dev/null\n+++ b/mm/f{at}.c\n@@ -0,0 +1,{lines} @@\n{body}"
        )
    return "".join(parts).encode()


def test_a_diff_of_two_megabytes_is_cut_and_counted() -> None:
    diff = diff_of(replace(PATCH, message=sample.message(1, diff=_huge(40, 1000))), (), (), 1)
    assert (
        sum(len(piece.lines) for piece in diff.pieces)
        + sum(p.cut for p in diff.pieces)
        + sum(lines for _, lines in diff.left)
        >= 40 * 1000
    )
    assert diff.size <= 2500


def test_a_long_line_is_cut_and_counted() -> None:
    (piece,) = _pieces(diff=_huge(1, 1, 4000))
    assert "".join(text for _, text in piece.lines[0].parts).endswith(" ... 3706 more characters")


def test_a_hundred_large_patches_make_a_small_page() -> None:
    patches = tuple(
        replace(PATCH, index=at, subject="s" * 1000, message=sample.message(1, diff=_huge(3, 120)))
        for at in range(1, 101)
    )
    looked_at = tuple(PatchReview(p.index, p.subject, "x", (sample.function(),)) for p in patches)
    found = tuple(sample.finding(id=f"f{at}", patch=at, traces=sample.TRACES) for at in range(1, 11))
    begin = time.monotonic()
    text = page(sample.review(series=Series("s", 1, 100, patches), patches=looked_at, findings=found))
    assert len(text.encode()) < 1 << 20
    assert time.monotonic() - begin < 30


# --- the rail ---------------------------------------------------------------------------------


def test_the_rail_tells_where_a_fault_comes_in_and_goes() -> None:
    found = stops(sample.six())
    lanes = [[part for part, _ in stop.lanes] for stop in found]
    assert lanes == [["", ""], ["in", ""], ["on", "in"], ["out", "on"], ["", "on"], ["", "on"]]
    assert [stop.mark for stop in found] == ["well", "passing", "bad", "well", "well", "well"]
    assert [f.rule for f in found[3].goes] == ["B5"]
    assert [f.rule for f in found[4].cheaper] == ["X4"]


def test_what_the_series_mends_was_there_up_to_that_patch() -> None:
    found = stops(sample.six(findings=(sample.finding(relation="fixed", patch=3),)))
    assert [stop.lanes[0][0] for stop in found] == ["past", "past", "out", "", "", ""]


def test_the_gravest_comes_first_and_what_passes_not_at_all() -> None:
    assert [(f.rule, f.patch) for f in told(sample.six())] == [("E4", 3), ("X4", 5)]


# --- both runs --------------------------------------------------------------------------------


def test_steps_that_do_the_same_work_stand_side_by_side() -> None:
    shown = film(sample.finding(traces=sample.TRACES))
    assert shown is not None
    names = [tuple(step.name if step else "" for step in beat.sides) for beat in shown.beats]
    assert names == [("shelf_set", "shelf_set_all"), ("shelf_set", ""), ("shelf_wake", "shelf_wake")]
    assert (shown.steps, shown.more) == ((3, 5), (0, 3))


def test_the_write_that_stays_wrong_is_marked_and_no_other() -> None:
    shown = film(sample.finding(traces=sample.TRACES))
    assert shown is not None
    events = [event for beat in shown.beats for side in beat.events for event in side]
    assert [str(event) for event in events if event.wrong] == ["PTE 1 = A[1] rw dirty young"]


def test_each_step_has_its_picture() -> None:
    shown = film(sample.finding(traces=sample.TRACES))
    assert shown is not None
    assert len(shown.frames) == len(shown.beats) + 1
    assert not [frame for frame in shown.frames if "wrong" in frame]
    assert film(sample.finding()) is None


def test_no_picture_follows_a_step_that_is_not_told_in_full() -> None:
    cut = Trace((sample.step("shelf_set", 1, "PTE 0 = none"), sample.step("shelf_set", 2, "PTE 1 = none", more=5)))
    found = sample.finding(traces=Traces(cut, cut))
    shown = film(found)
    assert shown is not None
    assert (len(shown.beats), len(shown.frames)) == (2, 2)
    assert page(sample.review(findings=(found,))).count("<li>and 5 more</li>") == 2


def test_runs_that_are_too_long_are_cut_and_counted() -> None:
    long = Trace(tuple(sample.step("shelf_set", at, f"PTE {at} = none") for at in range(1, 41)), more=2)
    shown = film(sample.finding(traces=Traces(long, long)), findings=50)
    assert shown is not None
    assert (len(shown.beats), shown.steps, shown.more) == (16, (42, 42), (26, 26))
    assert len(shown.frames) < 16


# --- charts -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("last", "words"),
    [
        (0.03125, "once for the range"),
        (0.25, "less for each PTE as the range grows"),
        (1.0, "linear: the same for each PTE"),
        (6.0, "more for each PTE as the range grows"),
        (32.0, "quadratic: each PTE costs more, the longer the range"),
        (0.0, "less for each PTE as the range grows"),
    ],
)
def test_growth_has_a_name(last: float, words: str) -> None:
    assert grows([(16, 1.0), (512, last)]) == words


def test_classes_that_show_the_same_are_one_chart() -> None:
    cost = sample.cost()
    twice = {name.replace("x86-64", "arm64-4k"): entry for name, entry in cost.cost.items()}
    more = tuple(replace(counted, flavour="arm64-4k") for counted in cost.counts)
    (chart,) = charts(replace(cost, cost={**cost.cost, **twice}, counts=cost.counts + more))
    assert chart.where == "order 0, order 2; x86-64, arm64-4k"
    assert [curve.grows for curve in chart.curves] == ["once for the range", "linear: the same for each PTE"]
    assert [number for _, number in chart.ticks] == [16, 64, 256, 512]
    assert chart.words.startswith("folio lookups per PTE, at 16 and 512 PTEs: before 0.0625 and 0.00195 (once")
