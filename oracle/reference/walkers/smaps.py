# SPDX-License-Identifier: GPL-2.0-or-later
"""What a range takes of memory, entry by entry: smaps_pte_entry() and smaps_account(), fs/proc/task_mmu.c."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from oracle.reference.folio import Folio, FolioKind
from oracle.reference.pte import MIGRATION, Kind, Pte
from oracle.reference.walkers.machine import Machine

_PSS_SHIFT = 12
_PSS = {FolioKind.ANON: "pss_anon", FolioKind.FILE: "pss_file", FolioKind.SHMEM: "pss_shmem"}


def _share(size: int, users: int) -> int:
    """Of a page that several map, or a swap slot that several hold: this one's part, in bytes with PSS_SHIFT."""
    return (size << _PSS_SHIFT) // max(users, 1)


def taken(
    machine: Machine, start: int, end: int, young: Callable[[Folio], bool], sharers: Callable[[Pte], int]
) -> Counter[str]:
    """L12: the counters of struct mem_size_stats, each page of [start, end) once. young: whether the folio is marked so
    (page_idle); sharers: how many others hold a swap slot or map a page, beyond those that the machine knows."""
    found: Counter[str] = Counter()
    size = machine.kernel.page_size
    for pte in machine.mm.tables.entries[start:end]:
        if pte.kind is Kind.SWAP:
            users = machine.swap.counts[pte.type, pte.pfn] + sharers(pte)
            found.update({"swap": size, "swap_pss": _share(size, users)})
            continue
        folio = page_of(machine, pte)
        if folio is not None:
            _page(found, machine, pte, folio, young(folio), sharers(pte))
    return found


def page_of(machine: Machine, pte: Pte) -> Folio | None:
    """The folio of what an entry maps or stands for: vm_normal_page(), softleaf_to_page()."""
    if pte.present:
        return machine.memory.normal(pte)
    has = pte.kind in (*MIGRATION, Kind.DEVICE_EXCLUSIVE, Kind.DEVICE_PRIVATE)
    return machine.folio_of(pte) if has else None


def _page(found: Counter[str], machine: Machine, pte: Pte, folio: Folio, marked: bool, sharers: int) -> None:
    """A page that is on its way elsewhere, or lent to a device, counts as shared by nobody knows how many."""
    size = machine.kernel.page_size
    mapped = pte.present or pte.kind is Kind.DEVICE_PRIVATE
    dirty, used = pte.present and pte.dirty, pte.present and pte.young
    maps = folio.mapcounts[folio.index(pte.pfn)] + folio.entire_mapcount + sharers
    written, pss = dirty or folio.dirty, _share(size, maps if mapped else 1)
    found.update({"resident": size, "pss": pss, "pss_dirty": pss * written, "pss_locked": pss * machine.vma.locked})
    found[_PSS[folio.kind]] += pss
    found[f"{'private' if mapped and maps < 2 else 'shared'}_{'dirty' if written else 'clean'}"] += size
    found["anonymous"] += size * folio.anon
    found["lazyfree"] += size * (folio.lazyfree and not written)
    found["ksm"] += size * folio.ksm
    found["referenced"] += size * (used or marked or folio.referenced)
