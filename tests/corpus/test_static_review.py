# SPDX-License-Identifier: GPL-2.0-or-later
"""A series with questions on its source and no fault: clean, exit status 0, and the question is asked everywhere."""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path

import pytest
import sample_series

from oracle.rules import select
from reviewer.commands.replay import main as replay
from reviewer.errors import ReviewError
from reviewer.model import Review
from reviewer.pipeline import Settings, review
from reviewer.report import document, html, reply, status, terminal, view
from reviewer.report.console import console

_SERIES = sample_series.edited(("mm/mremap.c", "if (pte_none(ptep_get(old_ptep)))", "if (pte_none(*old_ptep))"))


@cache
def _done() -> Review:
    series, trees = _SERIES
    return review(series, trees, Settings(budget=0.1, jobs=1))


def test_a_question_changes_no_verdict() -> None:
    done = _done()
    assert [(f.rule, f.kind, f.severity, f.function) for f in done.findings] == [
        ("Q6", "static", "question", "move_ptes")
    ]
    assert (done.verdict, status.exit_status(done, "difference")) == ("clean", 0)
    assert view.verdict(done) == "No difference found; 1 changed function exercised; 1 remark on the source."


def test_every_form_of_the_report_asks_it() -> None:
    done = _done()
    (found,) = done.findings
    said = io.StringIO()
    terminal.render(done, console(said))
    (draft,) = reply.replies(done).values()
    page = html.page(done)
    for text in (said.getvalue(), draft.decode(), page):
        words = " ".join(text.split())
        assert "*old_ptep reads a page table entry through the pointer." in words
        assert "Is a plain read meant here?" in words
        assert "review-patch replay" not in words
    assert "read in the source, not run" in page
    assert "This was read in the source and not run." in " ".join(draft.decode().split())
    place = f"move_ptes() in mm/mremap.c:{found.line}; question; read in the source, not run"
    assert place in " ".join(said.getvalue().split())


def test_there_is_nothing_to_replay(tmp_path: Path) -> None:
    file = tmp_path / "review.json"
    file.write_text(document.dumps(document.review_document(_done())))
    with pytest.raises(ReviewError, match="nothing to run"):
        replay([str(file)])


def test_without_the_category_nothing_is_asked() -> None:
    series, trees = _SERIES
    assert review(series, trees, Settings(budget=0.1, jobs=1, ignore=select(["static"]))).findings == ()
