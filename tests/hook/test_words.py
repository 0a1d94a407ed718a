# SPDX-License-Identifier: GPL-2.0-or-later
"""What an author reads: every line once, none from a mail that does more than be read."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "unit"))

import sample

from reviewer.hook import words
from reviewer.model import Finding, PatchReview, Review

HOSTILE = "\x1b[2J\x07 Nothing\r\nwas sent.\u202e"


def told(*found: Finding, review: Review | None = None) -> list[str]:
    done = replace(review or sample.review(), findings=found)
    return words.blocked(done, found, Path("/cache/report.html"))


def test_what_holds_a_series_back() -> None:
    lines = told(sample.finding())
    assert lines[0] == "review-patch: 1 violation introduced. Nothing was sent."
    assert lines[2:4] == ["  patch 2/2: mm/shelf: step 2", "  Entry 1 was read-only and is writable after the move."]
    assert "  shelf_move() in mm/shelf.c:49; on x86-64, arm64-4k" in lines
    assert lines[-2:] == [
        "  The whole report: /cache/report.html",
        "  To send all the same: git send-email --no-validate",
    ]
    assert not [line for line in lines if line != line.rstrip()]


def test_what_the_series_mends_itself_names_the_patch() -> None:
    lines = told(sample.finding(patch=1, fixed_by_patch=2))
    assert "  patch 1/2: mm/shelf: step 1" in lines
    assert "  shelf_move() in mm/shelf.c:49; on x86-64, arm64-4k; patch 2 mends it" in lines


def test_two_findings_are_enough() -> None:
    lines = told(*(sample.finding(id=f"b5-{number}") for number in range(5)))
    assert sum("Entry 1 was read-only" in line for line in lines) == 2
    assert "  and 3 findings more" in lines


def test_a_mail_is_only_read() -> None:
    bad = sample.finding(summary=HOSTILE, function=HOSTILE, file=HOSTILE)
    whole = sample.review(patches=tuple(PatchReview(n, HOSTILE, "", ()) for n in (1, 2)))
    lines = [*told(bad, review=whole), *words.passed(replace(whole, findings=(bad,))), words.unable(HOSTILE)]
    assert not {"\x1b", "\x07", "\r", "\n", "\u202e"} & {*"".join(lines)}
    assert [line for line in lines if line.startswith(("Nothing", "was sent"))] == []


def test_what_goes_out_is_one_line() -> None:
    assert words.passed(sample.single()) == [
        "review-patch: patch 1/1: No difference found; 1 changed function exercised.",
    ]
    (only,) = words.passed(sample.review(findings=(), verdict="inconclusive"))
    assert only.startswith("review-patch: No difference found, but 1 of 2 changed functions could not be exercised")
    assert only.endswith(f"shelf_trim() was not exercised in full: {sample.SKIPPED.why}")


def test_what_is_not_ours_is_not_spoken_of() -> None:
    nothing = sample.single()
    assert words.passed(replace(nothing, patches=(replace(nothing.patches[0], functions=()),))) == []
