# SPDX-License-Identifier: GPL-2.0-or-later
"""The adapter made from a signature: arguments that fit together, or an error that names what is missing."""

from __future__ import annotations

import pytest

from reviewer.csource.items import Item
from reviewer.errors import SliceError
from reviewer.slicing.adapter import adapter_text
from reviewer.slicing.guarantees import guarantees
from reviewer.slicing.signature import Parameter, members, signature


def _function(text: str, name: str = "f") -> Item:
    return Item(name, "function", "mm/demo.c", 1, text)


def _struct(tag: str, body: str) -> dict[str, Item]:
    return {f"struct {tag}": Item(f"struct {tag}", "type", "mm/demo.h", 1, f"struct {tag} {{ {body} }};")}


def _adapter(text: str, like: str = "", structs: dict[str, Item] | None = None) -> str:
    return adapter_text(_function(text), _function(like or text), structs or {})


def test_a_signature_is_read_with_its_pointers_and_without_const() -> None:
    text = (
        "static const pte_t *\nf(struct mm_struct *mm, const unsigned long addr, struct page **pages, int rss[4])\n{ }"
    )
    returns, parameters = signature(_function(text))
    assert returns == "pte_t *"
    assert parameters == (
        Parameter("struct mm_struct *", "mm"), Parameter("unsigned long", "addr"),
        Parameter("struct page **", "pages"), Parameter("int *", "rss", array=True),
    )  # fmt: skip


def test_the_members_of_a_struct_include_those_of_a_nameless_one_inside() -> None:
    item = _struct("vm_fault", "const struct { struct vm_area_struct *vma; gfp_t mask; }; pte_t *pte;")[
        "struct vm_fault"
    ]
    assert [m.name for m in members(item)] == ["vma", "mask", "pte"]


@pytest.mark.parametrize(
    ("text", "locked", "wants"),
    [
        ("void f(pte_t *ptep, pte_t pte) { if (pte_present(pte)) set_pte(ptep, pte); }", True, "W_ANY"),
        ("void f(pte_t *ptep, struct folio *folio) { use(folio); }", True, "W_MAPPED"),
        (
            "void f(pmd_t *pmd, unsigned long addr) { pte_t *p = pte_offset_map_lock(m, pmd, addr, &l); }",
            False,
            "W_ANY",
        ),
        ("void f(pte_t *ptep, pte_t pte) { softleaf_t e = softleaf_from_pte(pte); }", True, "W_NONPRESENT"),
        ("void f(pte_t *ptep) { BUG_ON(!pte_none(ptep_get(ptep))); set_pte_at(m, a, ptep, x); }", True, "W_EMPTY"),
    ],
)
def test_the_body_tells_what_callers_guarantee(text: str, locked: bool, wants: str) -> None:
    found = guarantees(_function(text))
    assert (found.locked, found.wants) == (locked, wants)


def test_what_a_function_asserts_of_its_parameters_bounds_the_scenarios() -> None:
    text = (
        "void f(struct folio *folio, pte_t *ptep, int nr) {\n"
        "int i = first(); VM_WARN_ON_FOLIO(!folio_test_anon(folio), folio); BUG_ON(i > nr); nr++; WARN_ON(nr < 2); }"
    )
    # Neither what speaks of a local, nor of a parameter that the body changes.
    assert guarantees(_function(text)).asserts == ("!folio_test_anon(folio)",)
    assert "if (!folio_test_anon(folio))" in _adapter(text)


def test_arguments_speak_of_one_entry() -> None:
    made = _adapter(
        "int f(struct vm_area_struct *vma, unsigned long addr, pte_t *ptep, pte_t pte, int nr) { rmap(); return 0; }"
    )
    for bound in ("vma = w.vma", "addr = w.addr", "ptep = w.ptep", "pte = w.pte", "nr = (int)w.nr"):
        assert bound in made
    assert "spin_lock(w.ptl);" in made
    assert "f(vma, addr, ptep, pte, nr)" in made


def test_a_walk_step_is_called_for_each_entry_of_the_range() -> None:
    text = "int f(pte_t *pte, unsigned long addr, struct mm_walk *walk) { struct s *p = walk->private; }"
    made = _adapter(text, structs=_struct("s", "struct vm_area_struct *vma; unsigned long total; unsigned char *vec;"))
    assert "w_at_slot(&w, w_i);" in made
    assert "w_walk.private = (void *)(&w_p);" in made
    assert "w_p.vec = w_p_vec;" in made


def test_a_walk_step_that_takes_entries_for_present_ones_meets_no_others() -> None:
    head = "int f(pte_t *pte, unsigned long addr, struct mm_walk *walk)"
    trusting = _adapter(f"{head} {{ return pte_pfn(ptep_get(pte)) == 0; }}")
    asking = _adapter(f"{head} {{ return pte_present(ptep_get(pte)) && pte_pfn(ptep_get(pte)) == 0; }}")
    assert "continue;" in trusting
    assert "W_MAPPED" in trusting
    assert "continue;" not in asking


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("void f(struct widget *gadget, pte_t *ptep) { }", "struct widget"),
        ("void f(pte_t *ptep, unsigned long moon) { }", "unsigned long moon"),
        ("int f(pte_t *ptep, struct mm_walk *walk) { seen = walk->private; }", "walk->private"),
        ("int f(swp_entry_t entry, struct folio *folio) { }", "struct folio *folio"),
    ],
)
def test_what_nothing_tells_is_named_and_never_guessed(text: str, missing: str) -> None:
    with pytest.raises(SliceError, match=missing.replace("*", r"\*")):
        _adapter(text)


def test_both_sides_are_called_as_the_code_before_the_patch_asks_for() -> None:
    before = "void f(pte_t *ptep, pte_t pte, bool full) { use(pte_pfn(pte)); }"
    after = "void f(pte_t *ptep, pte_t pte, bool full) { WARN_ON(full); if (pte_present(pte)) use(pte_pfn(pte)); }"
    assert _adapter(before) != _adapter(after)
    assert _adapter(after, like=before) == _adapter(before)


def test_one_parameter_more_leaves_the_others_as_they_are() -> None:
    before = "void f(pte_t *ptep, bool full) { rmap(); }"
    after = "void f(bool quick, pte_t *ptep, bool full) { rmap(); }"
    full = next(line for line in _adapter(before).splitlines() if "bool full" in line)
    assert full in _adapter(after, like=before).splitlines()
