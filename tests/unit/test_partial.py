# SPDX-License-Identifier: GPL-2.0-or-later
"""A part of a series: which patches were not seen is in every form of the report, and nothing is said of the whole."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
import sample
from jsonschema import Draft202012Validator

from reviewer.findings.versions import compared
from reviewer.model import Review
from reviewer.report import html, partial, reply, terminal
from reviewer.report.console import console
from reviewer.report.document import dumps, load, review_document

_SCHEMA = Path(__file__).resolve().parents[2] / "reviewer" / "report" / "schema.json"


def part(missing: tuple[int, ...] = (1, 4, 5, 6, 7), held: tuple[int, ...] = ()) -> Review:
    """The sample, of a series with more patches."""
    whole = sample.review()
    return replace(whole, series=replace(whole.series, total=2 + len(missing) + len(held), missing=missing, held=held))


def forms(review: Review) -> list[str]:
    """Terminal, page and the drafts, white space aside."""
    out = io.StringIO()
    terminal.render(review, console(out))
    drafts = [draft.decode() for draft in reply.replies(review).values()]
    return [" ".join(text.split()) for text in (out.getvalue(), html.page(review), *drafts)]


@pytest.mark.parametrize(
    ("review", "said"),
    [
        (part(), "Patches 1, 4-7 of 7 were not seen."),
        (part((3,)), "Patch 3 of 3 was not seen."),
        (part((), (1,)), "The tree is taken to hold patch 1."),
        (part((12,), tuple(range(1, 10))), "The tree is taken to hold patches 1-9; patch 12 of 12 was not seen."),
    ],
)
def test_every_form_says_what_was_not_seen(review: Review, said: str) -> None:
    assert partial.unseen(review.series) == said
    for text in forms(review):
        assert said in text
        assert "this series" not in text
        assert "as a whole" not in text
    assert f"2 of {review.series.total} patches" in forms(review)[0]


def test_a_whole_series_says_nothing_of_it() -> None:
    for text in forms(sample.review()):
        assert "seen." not in text
        assert "taken to hold" not in text
    assert not {"missing", "held"} & set(review_document(sample.review())["series"])


def test_the_json_keeps_it() -> None:
    review = part((12,), (1, 2))
    document = review_document(review)
    Draft202012Validator(json.loads(_SCHEMA.read_text("utf-8"))).validate(document)
    assert (document["series"]["missing"], document["series"]["held"], document["series"]["patches"]) == (
        [12],
        [1, 2],
        2,
    )
    series = load(dumps(document), "part.json").series
    assert (series.missing, series.held, series.total, series.part) == ((12,), (1, 2), 5, True)


def test_what_was_left_out_is_named() -> None:
    whole = sample.review()
    review = replace(whole, series=replace(whole.series, left_out=("mm: another",)))
    for text in forms(review):
        assert "Left out, as no part of it: mm: another." in text
    document = review_document(review)
    Draft202012Validator(json.loads(_SCHEMA.read_text("utf-8"))).validate(document)
    assert load(dumps(document), "left.json").series.left_out == ("mm: another",)


def test_not_applicable_is_said_of_the_patches_alone() -> None:
    review = replace(part(), verdict="not-applicable", findings=(), patches=())
    assert "NOT-APPLICABLE: Nothing in these patches touches" in forms(review)[0]


@pytest.mark.parametrize("kind", ["violation", "static"])
def test_what_a_missing_patch_may_still_have_is_not_gone(kind: str) -> None:
    old = sample.review(findings=(sample.finding(kind=kind),))
    for is_part in (False, True):
        _, previous = compared(old, (), (), lambda _rule: True, is_part)
        assert (len(previous.gone), len(previous.unchecked)) == (0 if is_part else 1, 1 if is_part else 0)
