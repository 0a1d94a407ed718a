# SPDX-License-Identifier: GPL-2.0-or-later
"""Static rules: small functions of our own, wrong and right, and what of a patch is remarked on."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
import sample
from memory import Files

from oracle.rules import RULES
from reviewer.csource.attributes import blank_attributes
from reviewer.csource.items import items_of
from reviewer.model import ChangedFunction, Finding, Patch, PatchTrees
from reviewer.static.check import settle, static_findings
from reviewer.static.rules import Remark, remarks, static_rules

_WALK = "unsigned long addr, unsigned long end, pte_t *ptep, struct folio *folio, int max_nr"


def _function(body: str, parameters: str = _WALK) -> str:
    return f"static int walk(struct vm_area_struct *vma, {parameters})\n{{\n{body}\n}}\n"


def _remarks(body: str, parameters: str = _WALK) -> list[Remark]:
    ((item, _),) = items_of("mm/walk.c", blank_attributes(_function(body, parameters).encode()))
    return remarks(item)


_Q1 = "pte_t pte = ptep_get(ptep); int nr = folio_pte_batch(folio, ptep, pte, max_nr);"
_Q4 = "pte_t pte; int nr; for (; addr < end; ptep += nr, addr += nr * PAGE_SIZE) {"
_RELOCK = "pte_unmap_unlock(pte, ptl); split(vma); pte = pte_offset_map_lock(mm, pmd, addr, &ptl); return 0;"
_LOCK = "spinlock_t *ptl; pte_t *pte; pte = pte_offset_map_lock(vma->vm_mm, pmd, addr, &ptl); if (!pte) return 0;"

WRONG = [
    ("Q1", f"{_Q1} set_ptes(mm, addr, ptep, pte, max_nr);"),
    ("Q1", f"{_Q1} wrprotect_ptes(mm, addr, ptep, 4);"),
    ("Q1", f"{_Q1} pte = get_and_clear_full_ptes(mm, addr, ptep, max_nr, 0);"),
    ("Q1", f"{_Q1} folio_remove_rmap_ptes(folio, page, max_nr, vma);"),
    ("Q2", "unsigned int nr = count(folio); add_mm_counter(mm, MM_ANONPAGES, -nr);"),
    ("Q2", "unsigned int nr = count(folio); addr += -nr * PAGE_SIZE;"),
    ("Q2", "unsigned long nr = count(folio); if (nr < 0) return 1;"),
    ("Q3", "int nr; do { nr = 1; } while (ptep += nr, addr += PAGE_SIZE, addr != end);"),
    ("Q3", "int nr; pte_t *to; do { nr = 1; } while (ptep++, to += nr, addr += nr * PAGE_SIZE, addr != end);"),
    ("Q3", "int nr = 2; while (addr < end) { use(ptep); ptep += nr; addr += PAGE_SIZE; }"),
    ("Q4", "while (addr < end) { if (pte_none(ptep_get(ptep))) continue; use(ptep); ptep++; addr += PAGE_SIZE; }"),
    ("Q4", f"{_Q4} pte = ptep_get(ptep); if (pte_none(pte)) continue; nr = walk_batch(ptep); }}"),
    ("Q5", "int most = (vma->vm_end - addr) >> PAGE_SHIFT; pte_t pte; folio_pte_batch(folio, ptep, pte, most);"),
    ("Q5", "pte_t pte; folio_pte_batch_flags(folio, vma, ptep, &pte, folio_nr_pages(folio), 0);"),
    ("Q5", "pte_t pte; swap_pte_batch(ptep, 512, pte);"),
    ("Q6", "pte_t pte = *ptep;"),
    ("Q6", "struct page_vma_mapped_walk *pvmw; pte_t pte = *pvmw->pte;"),
    ("Q7", "pte_t pte = ptep_get(ptep); if (!pte_present(pte)) use(pte_pfn(pte));"),
    ("Q7", "pte_t pte = ptep_get(ptep); if (pte_present(pte)) { use(ptep); return 0; } use(pte_write(pte));"),
    ("Q7", "pte_t pte = get(ptep); if (pte_none(pte)) return 0; else if (!pte_present(pte)) { use(pte_dirty(pte)); }"),
    ("Q7", "pte_t pte = ptep_get(ptep); if (unlikely(!pte_present(pte))) return 0; use(pte_swp_soft_dirty(pte));"),
    ("Q7", "pte_t pte = ptep_get(ptep); return !pte_present(pte) && pte_young(pte);"),
    ("Q8", "lazy_mmu_mode_enable(); if (full(vma)) return 1; lazy_mmu_mode_disable(); return 0;"),
    ("Q8", "lazy_mmu_mode_enable(); while (addr < end) { if (full(vma)) goto out; addr += PAGE_SIZE; }"
           " lazy_mmu_mode_disable(); out: return 0;"),
    ("Q8", f"{_LOCK} if (full(vma)) return 1; pte_unmap_unlock(pte, ptl); return 0;"),
    ("Q8", f"{_LOCK} bool odd = full(vma); if (odd) return 1; pte_unmap_unlock(pte, ptl); return 0;"),
    ("Q8", f"{_LOCK} {_RELOCK}"),
    ("Q8", f"{_LOCK} bool mapped = pte; if (mapped) return 1; pte_unmap_unlock(pte, ptl); return 0;"),
]  # fmt: skip

RIGHT = [
    f"{_Q1} set_ptes(mm, addr, ptep, pte, nr); folio_remove_rmap_ptes(folio, page, nr, vma);",
    f"{_Q1} int part = min(nr, 3); wrprotect_ptes(mm, addr, ptep, part);",
    f"{_Q1} clear_full_ptes(mm, addr, ptep, 1, 0); set_ptes(mm, addr, ptep, pte, HPAGE_PMD_NR);",
    "set_ptes(mm, addr, ptep, pte, max_nr);",
    "long nr = count(folio); add_mm_counter(mm, MM_ANONPAGES, -nr); if (nr < 0) return 1;",
    "unsigned long nr = count(folio); add_mm_counter(mm, MM_ANONPAGES, -nr);",
    "unsigned int nr = count(folio); counts[0] += -nr;",
    "int nr; do { nr = 1; } while (ptep += nr, addr += PAGE_SIZE * nr, addr != end);",
    "int nr; pte_t *to; do { nr = 1; } while (ptep += nr, to += nr, addr += nr << PAGE_SHIFT, addr != end);",
    "for (; addr < end; ptep++, addr += PAGE_SIZE) use(ptep);",
    "while (addr < end) { if (skip(ptep)) { ptep++; addr += PAGE_SIZE; continue; } ptep++; addr += PAGE_SIZE; }",
    f"{_Q4} nr = 1; pte = ptep_get(ptep); if (pte_none(pte)) continue; nr = walk_batch(ptep); }}",
    "do { if (pte_none(ptep_get(ptep))) continue; use(ptep); } while (ptep++, addr += PAGE_SIZE, addr != end);",
    "int nr = (pmd_addr_end(addr, vma->vm_end) - addr) >> PAGE_SHIFT; pte_t p; folio_pte_batch(folio, ptep, p, nr);",
    "int most = (end - addr) / PAGE_SIZE; pte_t pte; swap_pte_batch(ptep, most, pte);",
    "pte_t pte = ptep_get(ptep); *ptep = pte; pte = READ_ONCE(*ptep); use(sizeof(*ptep));",
    "pte_t value, *ptentp = &value; use(*ptentp);",
    "pte_t pte = ptep_get(ptep); if (pte_present(pte)) use(pte_pfn(pte)); else use(pte_swp_soft_dirty(pte));",
    "pte_t pte = ptep_get(ptep); if (!pte_present(pte)) { pte = other(ptep); use(pte_pfn(pte)); }",
    "pte_t pte = ptep_get(ptep); if (!pte_present(pte) || full(vma)) use(pte_pfn(pte));",
    "pte_t pte = ptep_get(ptep); if (pte_none(pte)) return 0; use(pte_swp_uffd_wp(pte));",
    "lazy_mmu_mode_enable(); if (full(vma)) goto out; use(ptep); out: lazy_mmu_mode_disable(); return 0;",
    f"{_LOCK} bool gone = !pte; if (unlikely(gone)) return 1; pte_unmap_unlock(pte, ptl); return 0;",
    f"{_LOCK} while (addr < end) {{ if (full(vma)) break; addr += PAGE_SIZE; }} pte_unmap_unlock(pte, ptl); return 0;",
    f"{_LOCK} if (full(vma)) {{ hand_over(pte, ptl); return 1; }} pte_unmap_unlock(pte, ptl); return 0;",
    f"{_LOCK} if (full(vma)) {{ walk->ptl = ptl; return 1; }} pte_unmap_unlock(pte, ptl); return 0;",
    f"{_LOCK} while (next(&pte)) addr += PAGE_SIZE; if (pte) pte_unmap_unlock(pte, ptl); return 0;",
    f"spinlock_t *ptl = get(); {_RELOCK}",
    "lazy_mmu_mode_disable(); spin_unlock(ptl); split(vma); spin_lock(ptl); lazy_mmu_mode_enable(); return 0;",
    f"{_LOCK} if (full(vma)) {{ pte_unmap(pte); goto out; }} switch (max_nr) {{ case 1: break; default: use(pte); }}"
    " out: spin_unlock(ptl); return 0;",
]


@pytest.mark.parametrize(("rule", "body"), WRONG)
def test_what_is_wrong_is_asked_about_once(rule: str, body: str) -> None:
    found = _remarks(body)
    assert [r.rule.id for r in found] == [rule]
    assert "{" not in found[0].summary.replace("{ ", "")


@pytest.mark.parametrize("body", RIGHT)
def test_what_is_right_is_left_alone(body: str) -> None:
    assert [(r.rule.id, r.summary) for r in _remarks(body)] == []


def test_every_rule_is_in_the_table_and_explains_itself() -> None:
    rules = static_rules()
    assert [r.id for r in rules] == [name for name in RULES if RULES[name].category == "static"]
    assert {rule for rule, _ in WRONG} == {r.id for r in rules}
    for r in rules:
        assert r.related <= set(RULES)
        assert re.search(r"[.?]$", r.explanation)
        assert 2 <= len(re.findall(r"[.?](?:\s|$)", r.explanation)) <= 3


_FINE = "return 0;"
_ODD = "pte_t pte = *ptep; return pte_none(pte);"


def _brought(before: str, after: str) -> list[Finding]:
    step = PatchTrees(
        Patch(1, "walk", sample.message(1)), Files({"mm/walk.c": before}), Files({"mm/walk.c": after}), ("mm/walk.c",)
    )
    changed = ChangedFunction("walk", "mm/walk.c", (3,))
    return static_findings(step, [changed])


def test_a_patch_is_asked_about_what_it_brings() -> None:
    (found,) = _brought(_function(_FINE), _function(_ODD))
    assert (found.rule, found.kind, found.severity, found.relation) == ("Q6", "static", "question", "introduced")
    assert (found.file, found.function, found.line) == ("mm/walk.c", "walk", 3)


def test_what_was_there_before_is_not_its_doing() -> None:
    assert _brought(_function(_ODD), _function(f"use(vma);\n{_ODD}")) == []
    assert _brought(_function(_ODD).replace("walk", "step"), _function(_ODD)) == []


def test_a_second_one_of_the_same_is_new() -> None:
    assert len(_brought(_function(_ODD), _function("if (pte_none(*ptep)) return 1;\n" + _ODD))) == 1
    assert len(_brought(_function("use(*ptep);"), _function("use(*ptep);\nuse(*ptep);"))) == 1


def test_the_id_stays_when_lines_move() -> None:
    (first,) = _brought(_function(_FINE), _function(_ODD))
    (second,) = _brought(_function(_FINE), _function(f"use(vma);\n\n{_ODD}"))
    assert (first.id, first.line) == (second.id, second.line - 2)


def test_a_counterexample_says_more_than_a_question() -> None:
    asked = _brought(_function(_FINE), _function(_ODD))
    proven = replace(sample.finding(), rule="S13", function="walk", file="mm/walk.c")
    assert settle(asked, []) == asked
    assert settle(asked, [replace(proven, function="other")]) == asked
    assert settle(asked, [proven]) == []
