"""What differs between kernels and architectures for the walkers, each by name. Flags are set as in the newest."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

from oracle.reference.pte import DIRTY, EXCLUSIVE, SOFT_DIRTY, UFFD_WP, WRITE, Kind, Pte


@dataclass(frozen=True)
class Kernel:
    """soft_dirty: entries have soft-dirty bits (x86; pgtable_supports_soft_dirty()). dirty_is_soft: pte_mkdirty()
    sets soft-dirty with dirty (arch/x86/include/asm/pgtable.h). These are so in 7.2 and 7.3, not in 6.12: guard: there
    are guard markers; device_mapped: a device-exclusive entry holds a mapping of its page and not a reference only,
    and does not say whether it is writable (mm/rmap.c make_device_exclusive()); frees_tables: a zap can free the table
    it emptied (zap_empty_pte_table()); numa_skips_pins: NUMA hinting leaves pinned folios alone in shared mappings too
    (folio_can_map_prot_numa()). In 6.12 only: lazyfree_extra_ref_is_dirty: reclaim takes a reference it does not know
    for a write to a lazily freed folio (mm/rmap.c try_to_unmap_one()). migration_ages: a migration entry says whether
    its page was accessed and dirty (since 6.1; SWP_MIG_YOUNG). maps_whole_files: a fault maps all of a file's folio,
    not of shared anonymous memory's only (finish_fault(), filemap_map_pages()). prefaults_old: pages that are mapped
    since they were near are old (arm64). mbind_counts_runs: of a large folio that cannot
    be moved the entries count as failed, not the folio. collapses_any_order: khugepaged fills
    less than a table; collapse_skips_lazyfree: it leaves alone what was given up with MADV_FREE (both since 7.2);
    collapse_wants_write: it wants one entry at least that is writable (6.12). faults_keep_dirty: a page that is mapped
    writable is dirty at once if its folio is (set_pte_range()). frees_swap_first: swap-in gives the swap slot back
    before it maps the page (6.12); frees_swap_if_exclusive: a write fault has the swap cache let go
    of what is exclusive (since 7.3). counts_small_locked: folio_referenced_one() counts the entry that it finds in an
    mlocked VMA, of a small folio too (not in 6.12). inserts_writable: insert_page() maps writable at once for who
    asks for it (since 6.17). swap_map_has_cache: that a page is read into the swap cache is known before it is there
    (until 6.18). collects_large: collecting for a device splits large folios, and knows of the faulting one (since
    6.19). ages_by_generation: the walk of the multi-generational LRU asks of each folio whether it has a generation;
    in 6.12 of those that need swap space, whether there is any. reuses_large: a write fault may keep a page of a
    large folio (since 6.15)."""

    soft_dirty: bool = True
    dirty_is_soft: bool = True
    guard: bool = True
    device_mapped: bool = True
    frees_tables: bool = True
    numa_skips_pins: bool = True
    lazyfree_extra_ref_is_dirty: bool = False
    migration_ages: bool = True
    maps_whole_files: bool = True
    prefaults_old: bool = False
    mbind_counts_runs: bool = True
    collapses_any_order: bool = True
    collapse_skips_lazyfree: bool = True
    collapse_wants_write: bool = False
    faults_keep_dirty: bool = True
    counts_small_locked: bool = True
    frees_swap_first: bool = False
    frees_swap_if_exclusive: bool = True
    inserts_writable: bool = True
    swap_map_has_cache: bool = False
    collects_large: bool = True
    ages_by_generation: bool = True
    reuses_large: bool = True

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
