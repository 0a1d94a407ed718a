# SPDX-License-Identifier: GPL-2.0-or-later
"""What became of the findings of an earlier version, in every form of the report."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pytest
import sample

from reviewer.findings.versions import compared
from reviewer.model import Finding, Review
from reviewer.report import html, reply, terminal
from reviewer.report.console import console
from reviewer.report.document import dumps, load, review_document
from reviewer.report.status import exit_status


def _everything(_rule: str) -> bool:
    return True


def _next(old: Review, *findings: Finding, **changes: Any) -> Review:
    """Version 3 of the sample with these findings, compared with its version 2."""
    series = replace(old.series, version=3)
    told, previous = compared(old, findings, changes.get("patches", old.patches), _everything)
    return replace(old, series=series, findings=tuple(told), previous=previous, **changes)


@pytest.mark.parametrize(
    ("now", "history"),
    [
        (sample.finding(), "remaining"),
        (sample.finding(id="0"), "remaining"),  # another smallest scenario of the same rule and function
        (sample.finding(relation="preexisting"), "remaining"),
        (sample.finding(id="0", rule="B6"), "new"),
        (sample.finding(id="0", function="shelf_trim"), "new"),
        (sample.finding(id="0", file="mm/other.c"), "new"),
    ],
)
def test_a_finding_is_new_or_was_there(now: Finding, history: str) -> None:
    review = _next(sample.review(findings=(sample.finding(),)), now)
    assert [f.history for f in review.findings] == [history]
    assert review.previous is not None
    assert len(review.previous.gone) == (history == "new")


def test_one_finding_stands_for_one() -> None:
    first, second = sample.finding(id="1"), sample.finding(id="2")
    review = _next(sample.review(findings=(second,)), first, second)
    assert [f.history for f in review.findings] == ["new", "remaining"]


def test_what_a_patch_fixes_is_no_finding_to_follow() -> None:
    review = _next(sample.review(findings=(sample.FIXED,)), sample.FIXED)
    assert [f.history for f in review.findings] == [""]
    assert review.previous is not None
    assert (review.previous.gone, review.previous.unchecked) == ((), ())


@pytest.mark.parametrize(
    ("function", "kind", "gone"),
    [
        (sample.function(), "violation", True),
        (sample.function(name="shelf_other"), "violation", True),  # not changed any more
        (sample.function(status="partly"), "violation", False),
        (sample.function(status="not-runnable", flavours=()), "violation", False),
        (sample.function(flavours=("riscv",)), "violation", False),
        (sample.function(status="not-runnable", flavours=()), "static", True),
    ],
)
def test_gone_is_only_what_would_have_shown(function: Any, kind: str, gone: bool) -> None:
    old = sample.review(findings=(sample.finding(kind=kind),))
    review = _next(old, patches=(old.patches[0], replace(old.patches[1], functions=(function,))))
    assert review.previous is not None
    found = review.previous.gone if gone else review.previous.unchecked
    assert [f.id for f in found] == ["b5-3f2a90c1"]
    assert len(review.previous.gone) + len(review.previous.unchecked) == 1


def test_a_rule_that_is_not_asked_for_is_not_gone() -> None:
    old = sample.review(findings=(sample.finding(),))
    _, previous = compared(old, (), old.patches, lambda rule: rule != "B5")
    assert (previous.gone, previous.unchecked) == ((), ())


def _example() -> Review:
    old = sample.review(
        findings=(sample.finding(), sample.finding(id="g", rule="B6"), sample.finding(id="h", rule="G4"))
    )
    patches = (replace(old.patches[0], digest="1" * 24), old.patches[1])
    old = replace(old, patches=patches)
    return _next(old, sample.finding(), sample.finding(id="n", rule="T2"), patches=patches)


def test_every_form_of_the_report_says_it() -> None:
    review = _example()
    said = io.StringIO()
    terminal.render(review, console(said))
    mails = reply.replies(review)
    forms = [said.getvalue(), html.page(review)]
    for text in (" ".join(form.split()) for form in forms):
        assert "Against v2: 2 gone, 1 remaining, 1 new. Unchanged, results taken over: patch 1." in text
        assert "Gone since v2" in text
        assert "B6 shelf_move() in mm/shelf.c did not keep to this: a batch whose entries are written back" in text
    assert "new since v2" in forms[0]
    draft = mails["0002-reply.eml"].decode()
    assert all("in v2 too" in text for text in (forms[0], draft))
    assert "Against v2: 2 gone, 1 remaining, 1 new." in draft


def test_the_json_keeps_it_and_says_nothing_of_it_otherwise() -> None:
    review = _example()
    again = load(dumps(review_document(review)), "r.json")
    assert (again.findings, again.previous, again.patches) == (review.findings, review.previous, review.patches)
    plain = review_document(sample.review())
    assert "previous" not in plain
    assert not any("history" in f for f in plain["findings"])
    assert not any("digest" in p for p in plain["patches"])


def test_it_changes_no_exit_status() -> None:
    assert exit_status(_example()) == 1
    assert exit_status(_next(sample.single())) == 0
