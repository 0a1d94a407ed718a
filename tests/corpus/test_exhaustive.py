# SPDX-License-Identifier: GPL-2.0-or-later
"""A review says up to where it tried every small table, for the functions that it ran, and for no others."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import jsonschema
import pytest
from sample_series import edited
from test_corpus import applied, series

from reviewer.model import Review
from reviewer.pipeline import Settings, review
from reviewer.report import document
from reviewer.report.console import console
from reviewer.report.html import page
from reviewer.report.terminal import Detail, render

CASE = "mprotect-commit-helper"
WORDS = re.compile(r"all ([\d,]+) tables of up to (\d) PTEs over 11 states, in 3 places, called in 5 ways")


def reviewed(budget: float) -> Review:
    return review(series(CASE), applied(CASE), Settings(budget=budget, jobs=2))


@pytest.mark.parametrize(("budget", "ptes"), [(2.0, 3), (0.1, 2)])
def test_the_bound_follows_from_the_budget(budget: float, ptes: int) -> None:
    done = reviewed(budget)
    ran = [f for f in done.patches[0].functions if f.scenarios]
    assert ran
    for function in ran:
        found = WORDS.fullmatch(function.exhaustive or "")
        assert found is not None
        assert int(found.group(2)) == ptes
        tables = int(found.group(1).replace(",", ""))
        assert function.scenarios % len(function.flavours) == 0
        # Of the budget, of which scenarios made by chance may leave some.
        assert 5 * tables <= budget * 100_000 / len(function.flavours) / 2
        assert 5 * tables < function.scenarios // len(function.flavours)


def test_every_form_of_the_report_has_it() -> None:
    done = reviewed(0.1)
    bound = next(f.exhaustive for f in done.patches[0].functions if f.exhaustive)
    told = document.review_document(done)
    schema = json.loads((Path(document.__file__).parent / "schema.json").read_text("utf-8"))
    jsonschema.validate(told, schema)
    assert bound in {f["exhaustive"] for p in told["patches"] for f in p["functions"]}
    out = io.StringIO()
    render(done, console(out), Detail(whole=True))
    for text in (out.getvalue(), page(done)):
        assert bound in " ".join(text.split())


def test_tables_that_do_not_reach_the_change_claim_nothing() -> None:
    """One PTE is no batch, but where the rest of a contpte block lies beside it. And no small table has a page without
    a folio, of which the second patch makes a case."""
    told = [f.exhaustive or "" for f in reviewed(0.01).patches[0].functions if f.scenarios]
    found = [WORDS.fullmatch(one.removesuffix(", on arm64-4k")) for one in told if one.endswith(", on arm64-4k")]
    assert [match and match.group(2) for match in found] == ["1"] * len(told) != []
    done = review(series("mremap-write-bit"), applied("mremap-write-bit"), Settings(budget=0.1))
    first, second = ({f.exhaustive for f in p.functions if f.scenarios} for p in done.patches)
    assert first
    assert None not in first
    assert second == {None}


def test_what_was_not_run_claims_nothing() -> None:
    same = edited(("mm/mremap.c", "\tif (!new_ptep) {\n", "\tif (new_ptep == 0) {\n"))
    (function,) = review(*same, Settings(budget=0.1)).patches[0].functions
    assert (function.status, function.evidence, function.scenarios) == ("not-exercised", "same-code", 0)
    assert (function.exhaustive, function.covered_lines, function.uncovered) == (None, (), ())
