# SPDX-License-Identifier: GPL-2.0-or-later
"""A state of the reference as rows "label: text", in the words of world/rows.c, so that both stand in one table."""

from __future__ import annotations

import re
from collections.abc import Callable

from oracle.explain.start import PFN_BASE, SWAP_CACHE_TYPE
from oracle.reference.folio import ZERO_PFN, Folio, FolioKind, Memory
from oracle.reference.pte import (
    DIRTY,
    EXCLUSIVE,
    EXEC,
    KERNEL_ONLY,
    MARKERS,
    NONE,
    PROTNONE,
    SOFT_DIRTY,
    UFFD_WP,
    WRITE,
    YOUNG,
    Kind,
    Pte,
)
from oracle.reference.table import PageTables, Rss
from oracle.reference.walkers.machine import Machine
from oracle.wire import Scenario, names

_WORDS = {
    Kind.SWAP: "swap", Kind.MIGRATION_READ: "migration read", Kind.MIGRATION_READ_EXCLUSIVE: "migration read-excl",
    Kind.MIGRATION_WRITE: "migration write", Kind.DEVICE_EXCLUSIVE: "device-exclusive", Kind.HWPOISON: "hwpoison",
    Kind.DEVICE_PRIVATE: "device-private",
    Kind.MARKER_UFFD_WP: "uffd-wp marker", Kind.MARKER_POISON: "poison marker", Kind.MARKER_GUARD: "guard marker",
}  # fmt: skip
_RSS = ((Rss.FILE, "rss file"), (Rss.ANON, "rss anon"), (Rss.SWAP, "rss swap"), (Rss.SHMEM, "rss shmem"))
_FOLIO_KINDS = {FolioKind.ANON: "anon", FolioKind.FILE: "file", FolioKind.SHMEM: "shmem"}


def page_name(scenario: Scenario, pfn: int) -> str:
    """ "A[3]": page 3 of the first folio."""
    at = pfn - PFN_BASE
    for i, folio in enumerate(scenario.folios):
        if 0 <= at - folio.pfn < 1 << folio.order:
            return f"{folio_name(i)}[{at - folio.pfn}]"
    return f"pfn +{at if at < 1 << 31 else at - (1 << 32)}"


def folio_name(number: int) -> str:
    """Letters, then letters with a number."""
    return chr(ord("A") + number % 26) + (str(number // 26) if number >= 26 else "")


def describe(scenario: Scenario, pte: Pte) -> str:
    """One entry in words."""
    return entry_words(pte, lambda pfn: page_name(scenario, pfn))


def entry_words(pte: Pte, page: Callable[[int], str]) -> str:
    """The same with other names for pages."""
    if pte.kind is Kind.NONE:
        return "none"
    if pte.kind in MARKERS:
        return _WORDS[pte.kind]
    if pte.kind is Kind.SWAP:
        words = [f"swap {pte.type}:{pte.pfn}"]
    elif pte.present:
        name = "zero page" if pte.pfn == ZERO_PFN else page(pte.pfn)
        special = pte.special and pte.pfn != ZERO_PFN
        words = [f"special {name}" if special else name, "rw" if pte.write else "ro"]
        words += ["exec"] if pte.bits & EXEC else []
    else:
        words = [_WORDS[pte.kind], page(pte.pfn)]
        words += ["rw" if pte.bits & WRITE else "ro"] if pte.kind is Kind.DEVICE_PRIVATE else []
    aged = ((DIRTY, "dirty"), (YOUNG, "young"), (SOFT_DIRTY, "soft-dirty"), (UFFD_WP, "uffd-wp"))
    words += [word for bit, word in aged if pte.bits & bit]
    if pte.present:
        words += ["protnone"] if pte.bits & PROTNONE else []
        words += ["kernel-only"] if pte.bits & KERNEL_ONLY else []
    elif pte.bits & EXCLUSIVE:
        words.append("exclusive")
    return " ".join(words)


def _table_rows(scenario: Scenario, tables: PageTables, label: str, zero: int, listed: range) -> dict[str, str]:
    entries = tables.entries
    filled = (s for s, pte in enumerate(entries) if pte is not NONE and pte.kind is not Kind.NONE)
    shown = sorted({*listed, *filled})
    return {f"{label} {s - zero}": describe(scenario, entries[s]) for s in shown}


def _folio_rows(scenario: Scenario, memory: Memory, before: Memory) -> dict[str, str]:
    rows: dict[str, str] = {}
    for i, wire in enumerate(scenario.folios):
        pfn, nr = PFN_BASE + wire.pfn, 1 << wire.order
        head = memory.folio(pfn)
        assert head is not None
        rows[f"folio {folio_name(i)}"] = _folio_text(head, wire.bits, nr, _place(scenario, i))
        for k in range(nr):
            mapcount, exclusive = _page(memory, pfn + k)
            if mapcount or exclusive or _page(before, pfn + k)[0]:
                rows[f"page {folio_name(i)}[{k}]"] = f"mapcount {mapcount}" + (" exclusive" if exclusive else "")
    return rows


def _page(memory: Memory, pfn: int) -> tuple[int, bool]:
    folio = memory.folio(pfn)
    assert folio is not None
    return folio.mapcounts[pfn - folio.pfn], folio.exclusive[pfn - folio.pfn]


def _place(scenario: Scenario, number: int) -> str:
    """Where a folio of the page cache or swap cache belongs, for one of which not all pages are mapped."""
    for at, slot in enumerate(scenario.slots):
        if slot.folio == number and names("SLOT_KINDS")[slot.kind] in ("CACHED", "SWAPCACHED"):
            return f", belongs to PTE {scenario.first + at - slot.index - scenario.start} on"
    return ""


def _folio_text(folio: Folio, bits: int, nr: int, place: str) -> str:
    at = {name: bool(bits >> n & 1) for n, name in enumerate(names("FOLIO_BITS"))}
    words = (
        (folio.dirty, "dirty"), (folio.kind is not FolioKind.FILE and not folio.swapbacked, "lazyfree"),
        (folio.swapcache, "swapcache"), (folio.locked, "locked"), (at["PINNED"], "pinned"),
        (at["EXTRA_MAP"], "mapped elsewhere"), (folio.partially_mapped, "partially-mapped"), (folio.ksm, "ksm"),
    )  # fmt: skip
    plural = "s" if nr > 1 else ""
    flags = "".join(f" {word}" for on, word in words if on)
    return f"{_FOLIO_KINDS[folio.kind]}, {nr} page{plural}{place}, refs {folio.refs}{flags}"


def rows(scenario: Scenario, machine: Machine, before: Machine, new_label: str, new_zero: int) -> dict[str, str]:
    """The state in rows, without what the call returned. before: as it started; new_label, new_zero: what the
    other tables are called, and from which slot they are counted."""
    listed = range(scenario.first, scenario.first + len(scenario.slots))
    found = _table_rows(scenario, machine.mm.tables, "PTE", scenario.start, listed)
    found |= _table_rows(scenario, machine.other.tables, new_label, new_zero, range(0))
    found |= _folio_rows(scenario, machine.memory, before.memory)
    for mm, prefix in ((machine.mm, ""), (machine.other, "child ")):
        found |= {prefix + name: str(mm.rss[which]) for which, name in _RSS if mm.rss[which]}
    for (type_, offset), count in sorted(machine.swap.counts.items()):
        if count:
            found[f"swap {type_}:{offset}"] = f"count {count}"
    return found


def named(scenario: Scenario, found: dict[str, str]) -> dict[str, str]:
    """Rows of the runner, with the types beyond swap devices by name: the only one is a poisoned page's."""
    return {label: _named(scenario, text) if "PTE " in label else text for label, text in found.items()}


def _named(scenario: Scenario, text: str) -> str:
    match = re.fullmatch(r"swap (\d+):(\d+)", text)
    if match is None or int(match[1]) <= SWAP_CACHE_TYPE:
        return text
    return f"{_WORDS[Kind.HWPOISON]} {page_name(scenario, int(match[2]))}"
