# SPDX-License-Identifier: GPL-2.0-or-later
"""What differs between kernels and architectures for the walkers, each by name. Flags are set as in the newest."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

from oracle.reference.pte import DIRTY, EXCLUSIVE, SOFT_DIRTY, UFFD_WP, WRITE, Kind, Pte
from oracle.reference.table import SLOTS


@dataclass(frozen=True)
class Kernel:
    """Those of the page size, of the architecture, then of the version; the latter are told from a tree's text
    (oracle/explain/tree.py)."""

    # The page size
    slots: int = SLOTS  # entries of a page table
    block: int = 16  # entries of a contpte block, where there are any
    # x86
    soft_dirty: bool = True  # entries have soft-dirty bits (pgtable_supports_soft_dirty())
    dirty_is_soft: bool = True  # pte_mkdirty() sets soft-dirty with dirty
    # arm64
    prefaults_old: bool = False  # pages that are mapped since they were near are old (arch_wants_old_prefaulted_pte())
    faults_age: bool = False  # a fault that only finds an entry old makes it young (ptep_set_access_flags())
    # In all of 6.12, 7.2 and 7.3
    migration_ages: bool = True  # a migration entry says whether its page was accessed and dirty (SWP_MIG_YOUNG)
    # In 7.2 and 7.3, and not in 6.12
    guard: bool = True  # there are guard markers
    device_mapped: bool = True  # make_device_exclusive(): the entry is a mapping, and does not say that it was writable
    frees_tables: bool = True  # a zap can free the table it emptied (zap_empty_pte_table())
    numa_skips_pins: bool = True  # no hints for pinned folios in shared mappings either (folio_can_map_prot_numa())
    maps_whole_files: bool = True  # a fault maps all of a file's folio, not only of shared anonymous memory's
    mbind_counts_runs: bool = True  # of a large folio that cannot be moved the entries count as failed, not the folio
    collapses_any_order: bool = True  # khugepaged fills less than a table
    collapse_skips_lazyfree: bool = True  # khugepaged leaves alone what was given up with MADV_FREE
    faults_keep_dirty: bool = True  # what is mapped writable is dirty at once if its folio is (set_pte_range())
    counts_small_locked: bool = True  # folio_referenced_one() counts an entry of an mlocked VMA, of a small folio too
    inserts_writable: bool = True  # insert_page() maps writable at once for who asks for it
    large_device: bool = True  # folios of a device may be large; collecting splits, and knows of the faulting one
    ages_by_generation: bool = True  # walk_pte_range(): folios that have a generation; not: those that need no swap
    reuses_large: bool = True  # a write fault may keep a page of a large folio (wp_can_reuse_anon_folio())
    # In 6.12 only
    lazyfree_extra_ref_is_dirty: bool = False  # try_to_unmap_one(): a reference it does not know counts as a write
    collapse_wants_write: bool = False  # khugepaged wants one entry at least that is writable
    frees_swap_first: bool = False  # swap-in gives the swap slot back before it maps the page
    swap_map_has_cache: bool = False  # a page that is read into the swap cache is known before it is there
    # In 7.3 only
    frees_swap_if_exclusive: bool = True  # a write fault has the swap cache let go of what is exclusive
    written_where_asked: bool = True  # PAGEMAP_SCAN calls pages written only where userfaultfd waits for writes

    @property
    def page_size(self) -> int:
        """In bytes: a table is a page of entries of eight."""
        return self.slots * 8

    def mkdirty(self, pte: Pte) -> Pte:
        """pte_mkdirty()."""
        return pte.set(DIRTY | SOFT_DIRTY if self.soft_dirty and self.dirty_is_soft else DIRTY)

    def mksoft_dirty(self, pte: Pte) -> Pte:
        """pte_mksoft_dirty() or pte_swp_mksoft_dirty(): nothing where there is no such bit."""
        return pte.set(SOFT_DIRTY) if self.soft_dirty else pte

    def mkuffd_wp(self, pte: Pte) -> Pte:
        """pte_mkuffd_wp(): what userfaultfd waits for cannot be written (D6); or pte_swp_mkuffd_wp()."""
        return pte.clear(WRITE).set(UFFD_WP) if pte.present else pte.set(UFFD_WP)

    def swap_entry(self, type: int, offset: int, was: Pte, exclusive: bool) -> Pte:
        """The swap entry that takes the place of an entry that mapped a page (rules D5 and E5): soft-dirty,
        uffd-wp and exclusiveness go along, each by the accessor of its form (swp_pte_prepare(), mm/rmap.c)."""
        kept = was.bits & (SOFT_DIRTY | UFFD_WP)
        return Pte(Kind.SWAP, offset, kept | EXCLUSIVE if exclusive else kept, type)


def newest(one: Kernel, other: Kernel) -> Kernel:
    """The later of two states of a kernel, flag by flag: what a patch brings or takes back is judged as the newer code
    has it, so that a fix is right and its reverse wrong. Where they differ the default is the newer one; flags of an
    architecture do not differ, as both are of one flavour."""
    new = Kernel()
    differ = (f.name for f in fields(Kernel) if getattr(one, f.name) != getattr(other, f.name))
    return replace(one, **{name: bool(getattr(new, name)) for name in differ})
