# SPDX-License-Identifier: GPL-2.0-or-later
"""The exit status: 0 fine, 1 a finding that counts, 3 not known."""

from __future__ import annotations

from typing import Any

import pytest
import sample

from reviewer.model import PatchReview
from reviewer.report.status import FailOn, exit_status


def _status(fail_on: FailOn, **changes: Any) -> int:
    return exit_status(sample.single(verdict="findings", findings=(sample.finding(**changes),)), fail_on)


@pytest.mark.parametrize(
    ("kind", "fail_on", "status"),
    [
        ("violation", "violation", 1),
        ("violation", "difference", 1),
        ("violation", "never", 0),
        ("behaviour", "violation", 0),
        ("behaviour", "difference", 1),
        ("behaviour", "never", 0),
        ("cost", "violation", 0),
        ("cost", "difference", 0),
        ("static", "difference", 0),
    ],
)
def test_what_counts_is_chosen(kind: str, fail_on: FailOn, status: int) -> None:
    assert _status(fail_on, kind=kind) == status


@pytest.mark.parametrize("relation", ["preexisting", "fixed"])
def test_only_what_the_series_introduces_counts(relation: str) -> None:
    assert _status("difference", relation=relation) == 0


def _with_skipped(*findings: Any) -> int:
    looked_at = PatchReview(1, "mm/shelf: step 1", "id", (sample.function(), sample.SKIPPED))
    return exit_status(sample.single(patches=(looked_at,), findings=findings))


def test_all_exercised_and_nothing_found_is_fine() -> None:
    assert exit_status(sample.single()) == 0
    assert exit_status(sample.single(verdict="not-applicable", patches=())) == 0


def test_what_was_not_exercised_is_told_unless_something_worse_is() -> None:
    assert _with_skipped() == 3
    assert _with_skipped(sample.finding(kind="cost")) == 3
    assert _with_skipped(sample.finding(relation="preexisting")) == 3
    assert _with_skipped(sample.finding()) == 1
