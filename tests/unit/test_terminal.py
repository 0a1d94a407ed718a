# SPDX-License-Identifier: GPL-2.0-or-later
"""The terminal report: it says everything in plain text of 80 columns, and passes no control codes on."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
import sample
from rich.cells import cell_len

from reviewer.model import Finding, Hunk, Review, State
from reviewer.report import counted, states, terminal
from reviewer.report.console import console
from reviewer.report.progress import patches, progress
from reviewer.report.text import one_line, printable, ranges


def _plain(review: Review, preexisting: bool = False, whole: bool = False, only: bool = False) -> str:
    stream = io.StringIO()
    terminal.render(review, console(stream), terminal.Detail(preexisting, whole, only))
    return stream.getvalue()


@pytest.fixture(autouse=True)
def _columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    for name in ("FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)


def test_the_verdict_comes_first() -> None:
    first = _plain(sample.review(), preexisting=True).splitlines()[0]
    assert first == "FINDINGS: 1 violation introduced, 1 there before, 1 fixed."


def test_what_was_there_before_is_one_line_unless_asked_for() -> None:
    quiet, told = _plain(sample.review()), _plain(sample.review(), preexisting=True)
    line = "1 known of this tree, --preexisting shows them."
    assert (line in quiet.splitlines(), line in told) == (True, False)
    assert ("there before" in quiet, "There before this series" in told) == (False, True)
    assert quiet.startswith("FINDINGS: 1 violation introduced, 1 fixed.\n")
    only = sample.single(verdict="clean", findings=(sample.OLD,))
    assert _plain(only).startswith("CLEAN: No difference found; 1 changed function exercised.\n")


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        ("clean", "CLEAN: No difference found; 1 changed function exercised."),
        ("not-applicable", "NOT-APPLICABLE: Nothing in this series touches code that the rules know."),
    ],
)
def test_every_verdict_is_one_sentence(verdict: str, words: str) -> None:
    assert _plain(sample.single(verdict=verdict)).startswith(words + "\n")


def test_an_inconclusive_verdict_says_how_much_is_missing() -> None:
    text = one_line(_plain(sample.review(verdict="inconclusive", findings=())))
    assert "No difference found, but 1 of 2 changed functions could not be exercised in full." in text


def test_plain_text_fits_80_columns_and_has_no_escapes() -> None:
    text = _plain(sample.review())
    assert max(map(len, text.splitlines())) <= 80
    assert "\x1b" not in text


def test_a_finding_is_a_question_a_place_a_picture_and_a_cause() -> None:
    text = _plain(sample.review(findings=(sample.finding(),)))
    assert text.split("-\n", 1)[1].split("\n\n")[0].splitlines() == [
        "B5 Can a read-only PTE of the batch come back writable here?",
        "  2/2: shelf_move() in mm/shelf.c:49; high; x86-64, arm64-4k",
        "  PTE        0     1     2..7",
        "  page       A[0]  A[1]  A[2..7]",
        "  start      wdy   -dy   -dy",
        "  should be  wdy   -dy   -dy",
        "  after      wdy  !wdy   -dy",
        "  The code before the patch leaves what should be.",
        "  w writable; d dirty; y accessed",
        "  shelf_set() repeats the first entry's bits, and shelf_batch() does not compare",
        "  write.",
        "  seen before: R1",
        "  review-patch replay b5-3f2a90c1.json; review-patch explain B5",
    ]


def test_verbose_says_all_of_it() -> None:
    text = one_line(_plain(sample.review(findings=(sample.finding(),)), whole=True))
    for part in (
        "B5 a batch whose entries are written back compares the write bit, so that none gains it",
        "introduced by patch 2/2; severity high; b5-3f2a90c1",
        "shelf_move() in mm/shelf.c:49; on x86-64, arm64-4k",
        "Entry 1 was read-only and is writable after the move.",
        "with entry shelf_move, nr 8",
        "PTE 1 A[1] ro dirty young A[1] ro dirty ! A[1] rw dirty",
        "PTE 2..7 A[2..7] ro dirty A[2..7] ro dirty A[2..7] ro dirty",
        "rss anon 8 8",
        "5 of 6 changed lines run, not 50; 120,000 scenarios",
        "exhaustive: all tables of up to 6 PTEs over 10 states",
    ):
        assert part in text


@pytest.mark.parametrize("columns", ["40", "60", "80", "120"])
@pytest.mark.parametrize("long", [False, True])
def test_no_finding_takes_more_than_fifteen_lines(columns: str, long: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    words = " ".join(["word"] * 400 if long else ["word"])
    rows = {f"{table} {at}": f"A[{at}] ro" for table in ("PTE", "new PTE") for at in range(8)}
    wrong = State("returned", {**rows, "new PTE 3": "A[3] rw", "rss anon": "7", "returns": "3"})
    found = sample.finding(
        explanation=f"{words}.", scenario={"rows": rows}, before=State("returned", rows), after=wrong, reference=None,
        precedents=(words,), summary=words,
    )  # fmt: skip
    text = _plain(sample.single(findings=(found,), verdict="findings"), only=True)
    block = text[text.index("B5 Can") :].splitlines()
    assert len(block) <= (15 if columns != "40" else 18)
    assert any(line.split()[:1] == ["after"] and "!" in line for line in block)


@pytest.mark.parametrize("columns", ["40", "50", "80"])
def test_what_mends_it_and_the_letters_are_told_on_any_terminal(columns: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    rows = {f"{table} {at}": f"A[{at}] ro" for table in ("PTE", "new PTE") for at in range(8)}
    wrong = State("returned", {**rows, "new PTE 3": "A[3] rw", "rss anon": "7", "returns": "3"})
    found = sample.finding(
        explanation="word " * 40, scenario={"rows": rows}, before=State("returned", rows), after=wrong, reference=None,
        hunk=Hunk("mm/shelf.c", (46, 47), (44,), mends=True, others=2, of=6),
    )  # fmt: skip
    text = _plain(sample.single(findings=(found,), verdict="findings"), only=True)
    block = text[text.index("B5 Can") :]
    assert "Taking back lines 46-47 with 2 other changes mends it" in one_line(block)
    assert "w writable" in block
    assert len(block.splitlines()) <= (15 if columns != "40" else 18)


def test_what_a_later_patch_mends_is_one_line_and_not_told_again() -> None:
    broken = sample.finding(patch=1, fixed_by_patch=2)
    mended = sample.finding(id="b5-00000000", relation="fixed")
    text = _plain(sample.review(findings=(broken, mended)))
    assert text.startswith("FINDINGS: 1 introduced and mended again within the series.\n")
    (line,) = [line for line in text.splitlines() if "B5" in line]
    assert line == "B5 1/2, gone after patch 2: shelf_move() in mm/shelf.c:49; b5-3f2a90c1"
    assert "Fixed or made cheaper" not in text


def test_only_the_verdict_and_the_findings() -> None:
    assert "xercised" not in _plain(sample.review(), only=True).split("\n", 1)[1]


def test_no_line_ends_in_a_blank() -> None:
    for how in ({}, {"whole": True}, {"preexisting": True}):
        assert not [line for line in _plain(sample.review(), **how).splitlines() if line != line.rstrip()]


def test_colour_is_for_terminals_that_want_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    assert "\x1b[" in _plain(sample.review())
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in _plain(sample.review())


def test_what_was_not_exercised_says_why() -> None:
    text = _plain(sample.review(), whole=True)
    exercised, skipped = text.split("Not exercised")
    assert "shelf_move() in mm/shelf.c, through shelf_shift(): exercised" in exercised
    assert "5 of 6 changed lines run, not 50; 120,000 scenarios" in exercised
    assert "stubs: shelf_wake" in exercised
    assert "takes a struct shelf_ops" in skipped


def test_hostile_text_is_spelt_out() -> None:
    evil = "\x1b[2J[red]\u202egnp.exe\u2069 \udc80:boom:"
    text = _plain(sample.single(findings=(sample.finding(explanation=evil),)))
    assert "\\x1b[2J[red]\\u202egnp.exe\\u2069 \\udc80:boom:" in text


def _labels(**changes: Any) -> list[str]:
    rows = states.table(sample.finding(**changes)).rows
    return [row.label if isinstance(row, states.StateRow) else f"+{row.hidden}" for row in rows]


def test_the_table_shows_the_page_table_with_like_rows_joined() -> None:
    assert _labels() == ["PTE 0", "PTE 1", "PTE 2..7", "+1"]
    assert _labels(after=sample.finding().before) == []


def test_the_table_obeys_its_limit() -> None:
    assert states.table(sample.finding(), limit=2).rows[-1] == states.Gap(2)


def test_a_crash_shows_its_ending_and_the_start_but_no_lost_rows() -> None:
    crashed = states.table(sample.finding(reference=None, after=State("crash: out of the table", {})))
    rows = [row for row in crashed.rows if isinstance(row, states.StateRow)]
    assert [row.label for row in rows if row.differs] == ["ends"]
    assert [row.label for row in rows] == ["ends", "PTE 0", "PTE 1..7"]


def test_without_reference_the_relation_says_which_side_is_wrong() -> None:
    for relation, wrong in (("introduced", 2), ("fixed", 1)):
        row = states.table(sample.finding(reference=None, relation=relation)).rows[1]
        assert isinstance(row, states.StateRow)
        assert [cell.wrong for cell in row.cells] == [at == wrong for at in range(3)]


def test_just_the_odd_words_stand_out() -> None:
    row = states.table(sample.finding()).rows[1]
    assert isinstance(row, states.StateRow)
    assert row.cells[2].words() == (("A[1]", False), ("rw", True), ("dirty", False), ("young", False))


def test_narrow_joins_the_reference_with_the_side_it_equals() -> None:
    found = sample.finding()
    assert states.narrow(states.table(found)).heads == ("start", "before, batch=1", "after")
    third = sample.finding(reference=sample.state(*["x"] * 8))
    assert states.narrow(states.table(third)).heads == ("start", "before", "after", "batch=1")


def test_the_reference_is_named_and_knows_no_folding() -> None:
    found = sample.finding()
    told = replace(sample.state("A[0] rw"), source="reference")
    folded = sample.state("A[0] rw cont", **{"stub calls": "1 (0)"})
    finding = replace(found, before=folded, after=sample.state("A[0] ro cont"), reference=told)
    assert states.table(finding).heads == ("start", "before", "after", "reference")
    assert states.narrow(states.table(finding)).heads == ("start", "before, reference", "after")
    first = next(row for row in states.table(finding).rows if isinstance(row, states.StateRow) and row.label == "PTE 0")
    assert [cell.wrong for cell in first.cells] == [False, False, True, False]


def test_what_both_sides_merge_is_not_marked() -> None:
    told = replace(sample.state("A[0] rw", "A[1] rw"), source="reference")
    both = sample.state("A[0] rw dirty", "A[1] rw")
    finding = replace(sample.finding(), before=both, after=sample.state("A[0] rw dirty", "none"), reference=told)
    rows = [row for row in states.table(finding, whole=True).rows if isinstance(row, states.StateRow)]
    assert [row.label for row in rows if row.differs] == ["PTE 1"]


def test_costs_are_lines() -> None:
    lookups = {"before": 0.0, "after": 0.938}
    cost = {
        "folio lookups per PTE, order 0, x86-64": lookups,
        "folio lookups per PTE, 64K from and to the middle, x86-64": lookups,
        "folio lookups per PTE, order 0, arm64-4k": {"before": 0.0, "after": 1.0},
    }
    assert counted.costs(sample.finding(cost=cost | {"odd": "n*n"})) == (
        "folio lookups per PTE: before 0, after 1; order 0; arm64-4k",
    )
    same = {f"TLB flushes per PTE, {folios}, {at}": lookups for folios in "abc" for at in ("x86-64", "arm64-4k")}
    assert counted.costs(sample.finding(cost=same)) == (
        "TLB flushes per PTE: before 0, after 0.938; a, b and 1 more; x86-64, arm64-4k",
    )


def test_of_what_moved_the_most_is_told() -> None:
    cost = {
        "PTE reads per PTE, 64K, x86-64": {"before": 3.0, "after": 1.0},
        "PTE reads per PTE, 64K, arm64-4k": {"before": 10.0, "after": 6.0},
    }
    assert counted.costs(sample.finding(cost=cost, relation="fixed", kind="cost")) == (
        "PTE reads per PTE: before 10, after 6; 64K; arm64-4k",
    )


def test_ranges_are_short() -> None:
    assert ranges([50, 44, 46, 47, 48, 47]) == "44, 46-48, 50"
    assert ranges([]) == ""


def test_printable_keeps_ordinary_text() -> None:
    assert printable({"k": ("Grüße\n\t☃", b"\x00", 3)}) == {"k": ("Grüße\n\t☃", b"\x00", 3)}


def test_progress_counts_steps_and_stays_silent_off_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with progress(2) as shown:
        shown.step("building shelf_move x86-64")
        shown.advance(0.3)
        assert shown.done == pytest.approx(0.3)
        shown.advance(5)
        assert shown.done == 1
        shown.step("running")
    assert shown.done == 2
    assert capsys.readouterr() == ("", "")


def test_progress_shows_where_it_is(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    with progress(1, enabled=True) as shown:
        shown.step("building [b]shelf_move")
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "building [b]shelf_move" in captured.err


def _told(found: Sequence[Finding], letter: str = "x", quiet: bool = False, lines: bool = True) -> None:
    review = sample.review()
    with patches(quiet=quiet, lines=lines) as told:
        told.of(2)
        told.begins(replace(review.series.patches[1], subject=letter * 1000), 2)
        told.stage("running move_ptes")
        told.ran(0.5, 1000)
        told.ends(review.patches[1], found)


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ([sample.finding()], "1 violation introduced (B5)"),
        ([sample.FIXED, sample.OLD], "1 changed function, no difference found; mends S7"),
        ([], "1 changed function, no difference found"),
    ],
)
def test_each_patch_is_a_line_as_it_is_known(
    found: list[Finding], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    _told(found)
    assert capsys.readouterr() == ("", f"2/2 {'x' * min(57, 91 - len(words))}...: {words}\n")
    for quiet, lines in ((True, True), (False, False)):
        _told(found, quiet=quiet, lines=lines)
        assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("columns", [20, 60, 200, 0])
@pytest.mark.parametrize("letter", ["x", "\u6f22"])
def test_a_line_is_cut_to_the_terminal(
    columns: int, letter: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns or 300))
    monkeypatch.setenv("NO_COLOR", "1")
    if columns:
        monkeypatch.setenv("FORCE_COLOR", "1")
    _told([sample.finding(rule=f"R{number}") for number in range(8)], letter=letter)
    drawn = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\r", "\n", capsys.readouterr().err)
    lines = [line for line in drawn.split("\n") if "introduced" in line or line.startswith("2/2")]
    assert lines
    assert max(map(cell_len, lines)) <= (columns or 100)
    assert bool([line for line in lines if "8 violations introduced (R0" in line]) == (columns != 20)


def test_on_a_terminal_stage_and_pace_are_shown(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setattr("reviewer.report.progress.RATHER", 0.0)
    _told([sample.finding()])
    err = capsys.readouterr().err
    assert "2/2 running move_ptes" in err
    assert re.search(r"[\d,]+ scenarios/s, \d+:\d\d left", err)
    assert "1 violation introduced (B5)" in err
