"""The exit status: 0 fine, 1 a finding that counts, 3 not known."""

from __future__ import annotations

from typing import Any

import pytest
import sample

from reviewer.report.status import FailOn, exit_status


def _status(fail_on: FailOn, verdict: str = "findings", **changes: Any) -> int:
    return exit_status(sample.single(verdict=verdict, findings=(sample.finding(**changes),)), fail_on)


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


@pytest.mark.parametrize(
    ("verdict", "status"), [("clean", 0), ("not-applicable", 0), ("inconclusive", 3), ("findings", 0)]
)
def test_without_findings_the_verdict_decides(verdict: str, status: int) -> None:
    assert exit_status(sample.single(verdict=verdict)) == status


def test_a_violation_outweighs_an_inconclusive_verdict() -> None:
    assert _status("violation", verdict="inconclusive") == 1
    assert _status("never", verdict="inconclusive") == 3
