# SPDX-License-Identifier: GPL-2.0-or-later
"""With the one rule switched off that a case bears witness to, the case goes unfound; with any other it does not."""

from __future__ import annotations

from test_corpus import applied, series

from reviewer.pipeline import Settings, review

CASE = "contpte-fold-any-folio"


def introduced(ignored: str) -> list[str]:
    done = review(series(CASE), applied(CASE), Settings(budget=0.5, ignore=frozenset((ignored,))))
    return [f.rule for f in done.findings if f.relation == "introduced"]


def test_a_rule_switched_off_is_missed() -> None:
    assert introduced("C2") == []


def test_another_rule_switched_off_is_not() -> None:
    assert introduced("C4") == ["C2"]
