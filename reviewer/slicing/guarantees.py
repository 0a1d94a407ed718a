# SPDX-License-Identifier: GPL-2.0-or-later
"""What callers guarantee to a function, told by its body: locks, the state of the entry, what it asserts itself."""

from __future__ import annotations

import re
from dataclasses import dataclass

from reviewer.csource.items import Item, locals_of
from reviewer.slicing.signature import signature

_MAPS = re.compile(
    r"\b(?:pte_(?:offset|alloc)_map\w*\s*\(|page_vma_mapped_walk\b|DEFINE_FOLIO_VMA_WALK\b|get_locked_pte\b|pte_unmap\b)"
)
_KERNEL = re.compile(r"\binit_mm\b|\bpte_alloc_kernel\w*\b")
_FILLS = re.compile(r"(?:BUG_ON|WARN_ON\w*)\s*\(\s*!pte_none\b|if \((?:unlikely\()?!pte_none\(")
_NONPRESENT = re.compile(r"\b(?:softleaf_from_pte|pte_to_swp_entry|is_swap_pte|is_pte_marker)\b")
# What may be asked of a present entry only: F5.
PRESENT = ("pte_pfn pte_page pte_write pte_dirty pte_young pte_soft_dirty pte_uffd_wp pte_uffd vm_normal_page "
           "vm_normal_folio").split()  # fmt: skip
_PRESENT = re.compile(rf"\b(?:{'|'.join(PRESENT)})\s*\(")
_TOLD_APART = re.compile(rf"\bpte_(?:present|none)\(|{_NONPRESENT.pattern}")
_FLUSHES = re.compile(r"\b\w*flush\w*\s*\(|\btlb_\w+\s*\(")
_COUNTS = re.compile(r"rmap|mm_counter|\brss\b|\b(?:folio|page)_(?:get|put|ref)|\b(?:get|put)_page|\bswap_|\bzap_")
_PUTS_BACK = re.compile(
    r"\bptep_modify_prot_start\b.*\bptep_modify_prot_commit\b"
    r"|\b(?:ptep_get_and_clear|ptep_clear_flush|ptep_xchg)\w*\s*\(.*\bset_pte\w*\s*\(", re.DOTALL,
)  # fmt: skip
_ASSERTS = re.compile(r"\b(?:VM_)?(?:WARN|BUG)_ON(?:_ONCE|_FOLIO|_PAGE|_VMA|_ONCE_FOLIO|_ONCE_PAGE)?\s*\(")
_WORD = re.compile(r"(?<![.>\w])[A-Za-z_]\w*")


@dataclass(frozen=True)
class Guarantees:
    """locked: the page-table lock is held. ranged: addresses are a range, not one entry. each: called for one entry
    after the other. wants: the state of the entry, an enum w_wants of generic.h. maps: it maps the table itself.
    flushes: it flushes the TLB. counts: it sees to pages and counters too, else the callers do. live: what it takes
    out of the table it puts back, so that hardware may go on setting accessed and dirty. asserts: what the body says
    may not be true of its parameters, as C expressions. body: without comments."""

    locked: bool
    ranged: bool
    each: bool
    wants: str
    maps: bool
    flushes: bool
    counts: bool
    live: bool
    asserts: tuple[str, ...]
    body: str


def guarantees(item: Item) -> Guarantees:
    """Read them from a function. Raises SliceError when the signature cannot be read."""
    body = item.text[len(item.signature) :]
    _, parameters = signature(item)
    types = {p.type for p in parameters}
    given = bool(types & {"pte_t *", "spinlock_t *", "struct page_vma_mapped_walk *"})
    maps = _MAPS.search(body) is not None
    kernel = _KERNEL.search(body) is not None and "pmd_t *" in types
    each = given and "struct mm_walk *" in types and not maps
    ranged = any(p.name in {"end", "stop"} or p.name.endswith("_end") for p in parameters) and not given
    bare = kernel and not maps and ranged and not _fills(body)
    return Guarantees(
        locked=(given or kernel) and not maps, ranged=ranged, each=each,
        wants="W_KERNEL" if bare else "W_MAPPED" if each and _trusts(body) else _wants(body, types, ranged or each),
        maps=maps,
        flushes=_FLUSHES.search(body) is not None, counts=_COUNTS.search(body) is not None or (maps and not kernel),
        live=_PUTS_BACK.search(body) is not None, asserts=_asserts(item, body, {p.name for p in parameters}), body=body,
    )  # fmt: skip


def _fills(body: str) -> bool:
    return bool(_FILLS.search(body)) and bool(re.search(r"\bset_ptes?\w*\s*\(|\binsert_\w+\(", body))


def _trusts(body: str) -> bool:
    """Whether it takes what it is given for present entries: then it is called for no others."""
    return bool(_PRESENT.search(body)) and not _TOLD_APART.search(body)


def _wants(body: str, types: set[str], many: bool) -> str:
    if _fills(body):
        return "W_EMPTY_FILE" if "struct page *" in types or "struct page **" in types else "W_EMPTY"
    if many:
        return "W_ANY"
    if types & {"swp_entry_t", "softleaf_t"}:
        return "W_NONPRESENT"
    if types & {"struct folio *", "struct page *", "struct page_vma_mapped_walk *"}:
        return "W_MAPPED"
    if re.search(r"\bpte_present\(|\bpte_none\(", body) or not types & {"pte_t", "pte_t *"}:
        return "W_ANY"
    return "W_NONPRESENT" if _NONPRESENT.search(body) else "W_MAPPED"


def _asserts(item: Item, body: str, parameters: set[str]) -> tuple[str, ...]:
    """Conditions of the body's own assertions that speak of its parameters alone, before these can change."""
    inner = locals_of(item.text) - parameters
    changed = set(re.findall(r"\b(\w+)\s*(?:[-+|&]?=[^=]|\+\+|--)", body))
    found = []
    for match in _ASSERTS.finditer(body):
        condition = _argument(body[match.end() :])
        words = set(_WORD.findall(condition))
        if words & parameters and not words & inner and not words & changed & parameters:
            found.append(" ".join(condition.split()))
    return tuple(dict.fromkeys(found))


def _argument(text: str) -> str:
    """The text up to the comma or bracket that ends the first argument."""
    depth = 0
    for at, char in enumerate(text):
        if char in ",)" and not depth:
            return text[:at]
        depth += {"(": 1, ")": -1}.get(char, 0)
    return text
