# SPDX-License-Identifier: GPL-2.0-or-later
"""The table of known bugs is whole, and findings cite the closest of them."""

from __future__ import annotations

import io
import re

import pytest
import sample

from oracle.rules import RULES
from reviewer.findings.precedents import Precedent, citing, precedents
from reviewer.report import html, reply, terminal
from reviewer.report.console import console

_IDS = [p.commit or p.subject for p in precedents()]
LAZYFREE = '29f40594a281 ("mm/rmap: fix incorrect pte restoration for lazyfree folios"), CVE-2026-31398'


def test_there_are_enough_and_none_is_there_twice() -> None:
    assert len(_IDS) >= 20
    assert len(set(_IDS)) == len({p.subject for p in precedents()}) == len(_IDS)


@pytest.mark.parametrize("known", precedents(), ids=_IDS)
def test_each_is_well_formed(known: Precedent) -> None:
    assert known.rule in RULES
    assert all(re.fullmatch(r"[0-9a-f]{12}", commit) for commit in (known.commit, *known.fixes) if commit)
    assert known.commit or known.fixes
    assert re.fullmatch(r"(CVE-\d{4}-\d{4,})?", known.cve)
    assert re.fullmatch(r"([^<>\s]+@[^<>\s]+)?", known.message_id)
    assert re.fullmatch(r"\w*", known.function)
    assert re.fullmatch(r"\S[^\n]{20,118}\.", known.note)


def test_the_same_function_comes_before_the_same_rule() -> None:
    (there,) = citing([sample.finding(rule="L3", function="zap_pte_range")])
    assert there.precedents == ('5f1a19070b16 ("mm: fix wrong kunmap_atomic() pointer")',)
    (elsewhere,) = citing([sample.finding(rule="L3", function="shelf_move")])
    assert [p[:12] for p in elsewhere.precedents] == ["927e926d72d9", "5f1a19070b16", "3f08842098e8"]


def test_at_most_three_are_cited_and_none_without_a_rule() -> None:
    (swap,) = citing([sample.finding(rule="F5", function="shelf_move")])
    assert len(swap.precedents) == 3
    assert citing([sample.finding(rule="X1")])[0].precedents == ()


def test_a_bug_whose_fix_has_no_known_commit_is_cited_by_its_subject() -> None:
    (found,) = citing([sample.finding(rule="F5", function="migrate_vma_collect_pmd")])
    assert found.precedents == ('"mm: migrate_device: fix pte_pfn/pte_dirty called on non-present PTE"',)


def test_every_form_of_the_report_cites_them() -> None:
    (found,) = citing([sample.finding(function="folio_unmap_pte_batch")])
    review = sample.review(findings=(found,))
    said = io.StringIO()
    terminal.render(review, console(said), terminal.Detail(whole=True))
    mail = reply.replies(review)["0002-reply.eml"].decode()
    for text in (said.getvalue(), mail, html.page(review).replace("&#34;", '"')):
        assert LAZYFREE in " ".join(text.split())
