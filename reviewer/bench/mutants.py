# SPDX-License-Identifier: GPL-2.0-or-later
"""Mutation operators: the slips that code which batches PTEs is prone to, one function each.

A mutant is one edit at one place. Whether it changes what the code does is for the run to say.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import pairwise

from tree_sitter import Node

from reviewer.bench.source import Body, Edit, arguments, called, text

_NR = re.compile(r"^(nr|nr_\w+|batch|step|len|\w+_nr)$")
_FLAG = re.compile(r"^(FPB|CYDP)_\w+$")
_STEPS = re.compile(r"^\*?(\w*pte\w*|\w*addr\w*|page|pfn|\w*ptep|idx|i)$")
_FLUSH = re.compile(r"^(flush_tlb|flush_cache|tlb_flush|tlb_remove_tlb|tlb_change|arch_flush|__flush_tlb|update_mmu)")
_MARKER = re.compile(r"uffd_wp|marker")
_WEIGHTY = re.compile(r"pte|folio|rmap|rss|counter|swap|dirty|young|wrprotect|page|lock|lazy_mmu")
_ACCESSORS = {
    "pte_write": "pte_dirty", "pte_young": "pte_dirty", "pte_dirty": "pte_young", "pte_present": "!pte_none",
    "pte_none": "!pte_present", "pte_soft_dirty": "pte_dirty", "pte_swp_soft_dirty": "pte_soft_dirty",
    "pte_swp_uffd_wp": "pte_uffd_wp", "pte_uffd_wp": "pte_swp_uffd_wp", "pte_swp_exclusive": "pte_swp_soft_dirty",
    "pte_mksoft_dirty": "pte_mkdirty", "pte_swp_mksoft_dirty": "pte_mksoft_dirty", "pte_mkold": "pte_mkclean",
    "pte_mkclean": "pte_mkold", "pte_wrprotect": "pte_mkold", "PageAnonExclusive": "PageDirty",
    "folio_test_swapbacked": "folio_test_dirty", "folio_mark_accessed": "folio_mark_dirty",
}  # fmt: skip
_COUNTERS = {"MM_ANONPAGES": "MM_FILEPAGES", "MM_SWAPENTS": "MM_ANONPAGES", "MM_FILEPAGES": "MM_ANONPAGES",
             "MM_SHMEMPAGES": "MM_FILEPAGES"}  # fmt: skip


def _edit(operator: str, node: Node, new: str) -> Edit:
    old = " ".join(text(node).split())
    return Edit(operator, node.start_byte, node.end_byte, new, f"{old[:70]} -> {new[:70] or 'nothing'}")


def flag_dropped(body: Body) -> Iterator[Edit]:
    """A flag of batch detection is not passed."""
    for node in body.nodes("identifier"):
        if _FLAG.match(text(node)):
            yield _edit("flag-dropped", node, "0")


def flag_swapped(body: Body) -> Iterator[Edit]:
    """Another flag than the one that is needed."""
    other = {"FPB_RESPECT_WRITE": "FPB_RESPECT_SOFT_DIRTY", "FPB_RESPECT_SOFT_DIRTY": "FPB_RESPECT_WRITE",
             "FPB_MERGE_WRITE": "FPB_RESPECT_DIRTY", "FPB_IGNORE_DIRTY": "FPB_IGNORE_SOFT_DIRTY",
             "CYDP_CLEAR_YOUNG": "CYDP_CLEAR_DIRTY", "CYDP_CLEAR_DIRTY": "CYDP_CLEAR_YOUNG"}  # fmt: skip
    for node in body.nodes("identifier"):
        if new := other.get(text(node)):
            yield _edit("flag-swapped", node, new)


def _counts(body: Body) -> Iterator[Node]:
    for call in body.nodes("call_expression"):
        if called(call) and not called(call).isupper():
            yield from (a for a in arguments(call) if a.type == "identifier" and _NR.match(text(a)))


def nr_off_by_one(body: Body) -> Iterator[Edit]:
    """A batch of one entry too many, or too few, handed on."""
    for node in _counts(body):
        yield _edit("nr-off-by-one", node, f"({text(node)} + 1)")
        yield _edit("nr-off-by-one", node, f"({text(node)} - 1)")


def nr_one(body: Body) -> Iterator[Edit]:
    """Only the first entry of the batch is worked on."""
    for node in _counts(body):
        yield _edit("nr-one", node, "1")


def no_advance(body: Body) -> Iterator[Edit]:
    """A step that does not take the batch into account."""
    for node in body.nodes("assignment_expression"):
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if text(node.child_by_field_name("operator")) != "+=" or not _STEPS.match(text(left)) or right is None:
            continue
        batch = [n for n in _inside(right) if n.type == "identifier" and _NR.match(text(n))]
        if batch:
            yield _edit("no-advance", batch[0], "1")


def no_flush(body: Body) -> Iterator[Edit]:
    """TLB maintenance that is left out."""
    for node in body.nodes("expression_statement"):
        if _FLUSH.match(called(node)):
            yield _edit("no-flush", node, ";")


def no_marker(body: Body) -> Iterator[Edit]:
    """A marker that is not left behind, or protection that is not carried over."""
    for node in body.nodes("expression_statement"):
        if _MARKER.search(called(node)) and not _FLUSH.match(called(node)):
            yield _edit("no-marker", node, ";")


def call_dropped(body: Body) -> Iterator[Edit]:
    """A call whose result nobody uses is left out."""
    for node in body.nodes("expression_statement"):
        name = called(node)
        if _WEIGHTY.search(name) and not name.isupper() and not _FLUSH.match(name) and not _MARKER.search(name):
            yield _edit("call-dropped", node, ";")


def value_kept(body: Body) -> Iterator[Edit]:
    """An entry that is not changed as it should be: x = f(x) left out."""
    for node in body.nodes("expression_statement"):
        inner = node.named_children[0] if node.named_children else node
        left, right = inner.child_by_field_name("left"), inner.child_by_field_name("right")
        if inner.type != "assignment_expression" or right is None or not called(right):
            continue
        if text(left) in [text(a) for a in arguments(right)]:
            yield _edit("value-kept", node, ";")


def wrong_accessor(body: Body) -> Iterator[Edit]:
    """An accessor of the wrong family, or of another bit."""
    for call in body.nodes("call_expression"):
        name = call.child_by_field_name("function")
        if name is not None and (new := _ACCESSORS.get(called(call))):
            yield _edit("wrong-accessor", name, new)


def arguments_swapped(body: Body) -> Iterator[Edit]:
    """Two neighbouring arguments of a like name the wrong way round."""
    like = re.compile(r"pte|addr|end|page|folio|mm")
    for call in body.nodes("call_expression"):
        given = arguments(call)
        for a, b in pairwise(given):
            kinds = [set(like.findall(text(n))) for n in (a, b)]
            if a.type == b.type == "identifier" and kinds[0] & kinds[1] and text(a) != text(b):
                new = f"{text(b)}, {text(a)}"
                yield Edit("arguments-swapped", a.start_byte, b.end_byte, new, f"{called(call)}({new})")


def bound_dropped(body: Body) -> Iterator[Edit]:
    """A limit of a batch or range that is not looked at.

    A walk's callback is handed the PMD with the part of the range that lies within it (walk_pmd_range): there the end
    of the PMD limits nothing any more."""
    within = {"pmd", "addr", "end", "walk"} <= set(re.findall(r"\w+", body.item.signature))
    for call in body.nodes("call_expression"):
        given = arguments(call)
        if called(call) in {"min", "max"} and len(given) == 2:
            yield from (_edit("bound-dropped", call, text(n)) for n in given)
        elif called(call) == "min_t" and len(given) == 3:
            yield from (_edit("bound-dropped", call, f"({text(n)})") for n in given[1:])
        elif called(call) == "pmd_addr_end" and len(given) == 2 and not (within and text(given[1]) == "end"):
            yield _edit("bound-dropped", call, f"({text(given[1])})")


def wrong_counter(body: Body) -> Iterator[Edit]:
    """Memory counted as another type."""
    for node in body.nodes("identifier"):
        if new := _COUNTERS.get(text(node)):
            yield _edit("wrong-counter", node, new)
    for call in body.nodes("call_expression"):
        if called(call) in {"mm_counter", "mm_counter_file"}:
            yield _edit("wrong-counter", call, "MM_ANONPAGES")


def sign(body: Body) -> Iterator[Edit]:
    """Added instead of taken away, and the other way round."""
    for node in body.nodes("unary_expression"):
        if text(node.child_by_field_name("operator")) == "-" and "nr" in text(node):
            yield _edit("sign", node, text(node.child_by_field_name("argument")))
    for node in body.nodes("assignment_expression"):
        mark = node.child_by_field_name("operator")
        if mark is not None and text(mark) in {"-=", "+="} and "rss" in text(node):
            yield _edit("sign", mark, "+=" if text(mark) == "-=" else "-=")


def first_page(body: Body) -> Iterator[Edit]:
    """The first page of the folio instead of the first page of the batch."""
    if "folio" not in body.locals:
        return
    for call in body.nodes("call_expression"):
        for node in arguments(call):
            if called(call) not in {"page_folio", ""} and text(node) in {"page", "subpage", "src_page"}:
                yield _edit("first-page", node, "folio_page(folio, 0)")


def condition_negated(body: Body) -> Iterator[Edit]:
    """A decision the wrong way round."""
    for node in body.nodes("if_statement"):
        condition = node.child_by_field_name("condition")
        if condition is not None:
            yield _edit("condition-negated", condition, f"(!{text(condition)})")


def guard_dropped(body: Body) -> Iterator[Edit]:
    """One of several conditions that is not asked."""
    for node in body.nodes("binary_expression"):
        if text(node.child_by_field_name("operator")) in {"&&", "||"}:
            for side in ("left", "right"):
                yield _edit("guard-dropped", node, f"({text(node.child_by_field_name(side))})")


def _inside(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from _inside(child)


OPERATORS: tuple[Callable[[Body], Iterator[Edit]], ...] = (
    flag_dropped, flag_swapped, nr_off_by_one, nr_one, no_advance, no_flush, no_marker, call_dropped, value_kept,
    wrong_accessor, arguments_swapped, bound_dropped, wrong_counter, sign, first_page, condition_negated, guard_dropped,
)  # fmt: skip
