# SPDX-License-Identifier: GPL-2.0-or-later
"""Write faults and first touches of anonymous memory: do_wp_page() and do_anonymous_page(), mm/memory.c.

A write fault is where write comes from. It asks, in this order: does somebody wait for this write (userfaultfd, the
file system)? Is the page ours alone? If it is not, the page is copied.
"""

from __future__ import annotations

from oracle.reference.folio import ZERO_PFN, Folio
from oracle.reference.pte import SPECIAL, WRITE, YOUNG, Kind, Pte
from oracle.reference.table import Rss, Vma, rss_of
from oracle.reference.walkers.machine import Machine, mk_pte, page_prot
from oracle.reference.walkers.madvise import free_swap

USERFAULT = "userfault"
REUSED = "reused"
COPIED = "copied"


def let_go(machine: Machine, folio: Folio) -> None:
    """folio_free_swap(): the swap cache lets go of a folio of which no entry names a slot any more."""
    if folio.swapcache and not machine.swap.held(folio.swap_type, folio.swap_offset, folio.nr):
        free_swap(folio)


def only_ours(machine: Machine, folio: Folio) -> bool:
    """wp_can_reuse_anon_folio(): nobody but this mm can have the page. All references are mappings, and all of them
    are here; the swap cache's go away first if they can. Of a large folio all mappings have to be known to be here
    (until 6.14 it was never reused), and if only one page is left the folio had better be freed."""
    if folio.ksm:
        return False
    if not folio.large:
        if folio.refs > 1 + folio.swapcache or folio.locked:
            return False
        let_go(machine, folio)
        return folio.refs == 1
    if not machine.kernel.reuses_large or folio.mapcount <= 1 or folio.maybe_shared:
        return False
    if folio.swapcache and folio.locked:
        return False
    let_go(machine, folio)
    return folio.refs == folio.mapcount


def reuse(machine: Machine, slot: int, pte: Pte) -> None:
    """wp_page_reuse(): the same page, writable if the VMA is, dirty and young. maybe_mkwrite(): L8."""
    new = machine.kernel.mkdirty(pte).set(YOUNG)
    machine.mm.tables[slot] = new.set(WRITE) if machine.vma.write else new


def copy(machine: Machine, slot: int, old: Folio | None, pte: Pte, unshare: bool = False) -> None:
    """wp_page_copy(): a new exclusive page takes the old one's place. The entry is cleared and flushed before the new
    one is set (T1, S15), and only then the old page loses its mapping and reference. Behind the zero page and
    other special entries nothing is given back (G7). unshare: it is not to be written, and is watched as it was."""
    new = machine.new_folio()
    new.add_rmap(0, exclusive=True)
    entry = mk_pte(new.pfn, page_prot(machine.vma))
    if unshare:
        entry = machine.kernel.mkuffd_wp(entry) if pte.uffd_wp else entry
        entry = machine.kernel.mksoft_dirty(entry) if pte.soft_dirty else entry
    else:
        entry = machine.kernel.mkdirty(entry).set(WRITE if machine.vma.write else 0)
    machine.mm.tables[slot] = entry
    machine.mm.count(Rss.ANON, 1)
    if old is not None:
        machine.mm.count(rss_of(old), -1)
        old.remove_rmap(old.index(pte.pfn))
        old.put()
        if not old.mapcount and not old.locked:
            let_go(machine, old)


def write_fault(machine: Machine, slot: int, unshare: bool = False) -> str:
    """A write to a present entry without write: do_wp_page(). unshare: the page is to be pinned for reading, and has to
    be ours for that (FAULT_FLAG_UNSHARE, private mappings)."""
    pte = machine.mm.tables[slot]
    vma, folio = machine.vma, machine.memory.normal(pte)
    if vma.uffd_wp and pte.uffd_wp and not unshare:
        return USERFAULT  # D6: its owner decides, the entry stays as it is
    if vma.shared:
        if folio is not None:
            folio.dirty = True  # the file system was told first: page_mkwrite()
        reuse(machine, slot, pte)
        return REUSED
    if folio is not None and folio.anon:
        page = folio.index(pte.pfn)  # E1: of this page, not of the folio's first
        if folio.exclusive[page] or only_ours(machine, folio):
            folio.exclusive[page] = True
            if not unshare:
                reuse(machine, slot, pte)
            return REUSED
    copy(machine, slot, folio, pte, unshare)
    return COPIED


def first_touch(machine: Machine, slot: int, write: bool, folio: Folio | None = None) -> None:
    """do_anonymous_page(): a read maps the zero page, a write a new page, or each of a new large folio (D3: writable
    and dirty together; E7: each of its pages is exclusive). A marker of userfaultfd stays as protection (D6)."""
    tables, vma = machine.mm.tables, machine.vma
    if not write:
        tables[slot] = _guarded(machine, tables[slot], zero_page(vma))
        return
    folio = folio or machine.new_folio()
    folio.get(folio.nr - 1)  # one for each mapping; the first was taken with the folio
    folio.add_rmap(0, folio.nr, exclusive=True)
    machine.mm.count(Rss.ANON, folio.nr)
    for i in range(folio.nr):
        new = mk_pte(folio.pfn + i, page_prot(vma))
        if vma.write:
            new = machine.kernel.mkdirty(new).set(WRITE)
        tables[slot + i] = _guarded(machine, tables[slot + i], new)


def _guarded(machine: Machine, old: Pte, new: Pte) -> Pte:
    return machine.kernel.mkuffd_wp(new) if old.kind is Kind.MARKER_UFFD_WP else new


def zero_page(vma: Vma) -> Pte:
    """As the VMA protects its pages, and special: never counted. Only private mappings have it."""
    return mk_pte(ZERO_PFN, page_prot(vma) | SPECIAL)
