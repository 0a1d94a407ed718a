# SPDX-License-Identifier: GPL-2.0-or-later
"""The walkers that no entry of the runner compares yet, by hand: one page, one entry, and what it has to become."""

from __future__ import annotations

from dataclasses import replace

import pytest

from oracle.reference.folio import ZERO_PFN, Folio, FolioKind, Memory
from oracle.reference.pte import (
    DIRTY,
    EXCLUSIVE,
    NONE,
    SOFT_DIRTY,
    SPECIAL,
    UFFD_WP,
    WRITE,
    YOUNG,
    Kind,
    Pte,
    present,
    swap,
)
from oracle.reference.table import Mm, PageTables, Rss, Vma, rss_of
from oracle.reference.walkers.collapse import Limits, collapse
from oracle.reference.walkers.fault import COPIED, REUSED, USERFAULT, first_touch, write_fault
from oracle.reference.walkers.faultaround import finish_fault, map_around
from oracle.reference.walkers.kernel import Kernel, newest
from oracle.reference.walkers.machine import Machine
from oracle.reference.walkers.madvise import madvise_cold
from oracle.reference.walkers.mempolicy import Queue, queue
from oracle.reference.walkers.migrate import migrate, remove_migration
from oracle.reference.walkers.mlock import mlock_range
from oracle.reference.walkers.referenced import referenced
from oracle.reference.walkers.swapin import swap_in

NEW = 0x50000


def machine(*entries: Pte, kind: FolioKind = FolioKind.ANON, order: int = 2, vma: Vma | None = None) -> Machine:
    """A machine whose slots hold the entries, over a folio at pfn 64 with one reference beside the mappings."""
    folio = Folio(kind, 64, order, refs=1, swapbacked=kind is not FolioKind.FILE)
    made = Machine(Mm(PageTables(entries)), vma or Vma(0, 16, soft_dirty=True), memory=Memory([folio]), spare=NEW)
    for pte in entries:
        if pte.present and made.memory.normal(pte) is folio:
            folio.add_rmap(folio.index(pte.pfn))
            folio.get()
            made.mm.count(rss_of(folio), 1)
        if pte.kind is Kind.SWAP:
            made.swap.duplicate(pte)
            made.mm.count(Rss.SWAP, 1)
    return made


def only(made: Machine) -> Folio:
    made.memory.folios[0].check()
    return made.memory.folios[0]


def test_a_page_comes_back_from_migration_as_it_was() -> None:
    made = machine(present(64, WRITE | DIRTY | YOUNG | SOFT_DIRTY), present(65, UFFD_WP))
    old = only(made)
    old.exclusive[0] = True
    assert migrate(made, old, 0)
    assert [pte.kind for pte in made.mm.tables.entries[:2]] == [Kind.MIGRATION_WRITE, Kind.MIGRATION_READ]
    assert (old.mapcount, old.refs, old.dirty) == (0, 1, True)
    new = made.memory.add(Folio(FolioKind.ANON, 128, 2, refs=1, dirty=True))
    remove_migration(made, old, new, 0)
    assert made.mm.tables.entries[:2] == [present(128, WRITE | DIRTY | YOUNG | SOFT_DIRTY), present(129, UFFD_WP)]
    assert (new.mapcounts[:2], new.exclusive[:2], new.refs) == ([1, 1], [True, False], 3)


def test_a_page_that_was_cleaned_meanwhile_stays_clean() -> None:
    made = machine(present(64, DIRTY))
    folio = only(made)
    migrate(made, folio, 0)
    folio.dirty = False
    remove_migration(made, folio, folio, 0)
    assert not made.mm.tables[0].dirty


def test_a_pinned_page_does_not_migrate() -> None:
    made = machine(present(64, WRITE | DIRTY))
    folio = only(made)
    folio.exclusive[0], folio.pins = True, 1
    assert not migrate(made, folio, 0)
    assert made.mm.tables[0] == present(64, WRITE | DIRTY)
    assert folio.exclusive[0]


def test_a_write_fault_reuses_only_what_is_ours() -> None:
    made = machine(present(64), present(65))
    folio = only(made)
    folio.exclusive[1] = True
    assert [write_fault(made, 0), write_fault(made, 1)] == [COPIED, REUSED]
    assert made.mm.tables[0].pfn == NEW
    assert made.mm.tables[1].write
    assert made.mm.tables[1].dirty
    assert (folio.mapcounts[:2], folio.refs, made.mm.rss[Rss.ANON]) == ([0, 1], 2, 2)


def test_all_mappings_here_and_no_other_reference_make_a_page_ours() -> None:
    made = machine(present(64), present(65))
    only(made).put()
    assert write_fault(made, 1) == REUSED
    assert only(made).exclusive[:2] == [False, True]


def test_userfaultfd_is_asked_before_anything_else() -> None:
    made = machine(present(64, UFFD_WP), vma=Vma(0, 16, uffd_wp=True))
    assert write_fault(made, 0) == USERFAULT
    assert made.mm.tables[0] == present(64, UFFD_WP)


def test_the_zero_page_is_copied_and_not_counted() -> None:
    made = machine(present(ZERO_PFN, SPECIAL))
    assert write_fault(made, 0) == COPIED
    assert (made.mm.rss[Rss.ANON], only(made).refs) == (1, 1)


def test_a_first_touch_maps_every_page_exclusively() -> None:
    made = machine()
    first_touch(made, 0, write=False)
    assert made.mm.tables[0].special
    folio = made.memory.add(Folio(FolioKind.ANON, NEW, 2, refs=1))
    first_touch(made, 4, write=True, folio=folio)
    folio.check()
    assert (folio.exclusive, folio.refs, made.mm.rss[Rss.ANON]) == ([True] * 4, 4, 4)
    assert all(pte.write and pte.dirty for pte in made.mm.tables.entries[4:8])


@pytest.mark.parametrize(
    ("slot", "page", "vma", "slots"),
    [
        (5, 1, Vma(0, 16, shared=True, file=True), range(4, 8)),
        (5, 1, Vma(5, 16, shared=True, file=True), range(5, 6)),
        (0, 1, Vma(0, 16, shared=True, file=True), range(1)),
        (511, 1, Vma(0, 1024, shared=True, file=True), range(511, 512)),
        (5, 1, Vma(0, 16, shared=True, file=True, uffd_wp=True), range(5, 6)),
    ],
)
def test_a_file_fault_maps_the_whole_folio_where_it_lies_inside(slot: int, page: int, vma: Vma, slots: range) -> None:
    made = machine(kind=FolioKind.FILE, vma=vma)
    assert finish_fault(made, slot, only(made), page, write=False) == list(slots)
    assert (only(made).mapcount, made.mm.rss[Rss.FILE]) == (len(slots), len(slots))
    assert not any(made.mm.tables[s].write for s in slots)


def test_fault_around_leaves_what_is_there() -> None:
    made = machine(NONE, Pte(Kind.MARKER_UFFD_WP), swap(0, 5), NONE, kind=FolioKind.FILE)
    folio = only(made)
    assert map_around(made, 0, [(folio, i) for i in range(4)], asked=3, old=True) == [0, 3]
    assert (made.mm.tables[0].young, made.mm.tables[3].young) == (False, True)
    assert made.mm.tables[1].kind is Kind.MARKER_UFFD_WP


@pytest.mark.parametrize(
    ("bits", "vma", "gets"),
    [
        (EXCLUSIVE, Vma(0, 16, soft_dirty=True), WRITE | YOUNG),
        (0, Vma(0, 16, soft_dirty=True), YOUNG),
        (EXCLUSIVE, Vma(0, 16), YOUNG),
        (EXCLUSIVE | SOFT_DIRTY, Vma(0, 16), WRITE | YOUNG | SOFT_DIRTY),
        (EXCLUSIVE | UFFD_WP, Vma(0, 16, soft_dirty=True, uffd_wp=True), YOUNG | UFFD_WP),
        (EXCLUSIVE, Vma(0, 16, write=False, soft_dirty=True), YOUNG),
    ],
)
def test_swap_in_gives_write_where_nobody_waits(bits: int, vma: Vma, gets: int) -> None:
    made = machine(swap(1, 7, bits), vma=vma)
    folio = only(made)
    folio.swap_offset, folio.swapcache, folio.refs = 5, True, 6
    assert swap_in(made, 0, folio) == present(66, gets)
    assert folio.exclusive[2] == bool(bits & EXCLUSIVE)
    assert (made.swap.counts[1, 7], made.mm.rss[Rss.SWAP], made.mm.rss[Rss.ANON]) == (0, 0, 1)


def test_a_page_under_stable_writeback_is_not_exclusive() -> None:
    made = machine(swap(1, 5, EXCLUSIVE))
    folio = only(made)
    folio.swap_offset, folio.writeback, folio.refs = 5, True, 6
    assert not swap_in(made, 0, folio, stable_writes=True).write


def test_reclaim_sees_any_young_entry_and_clears_all() -> None:
    made = machine(present(64), present(65), present(66, YOUNG | DIRTY))
    assert referenced(made, only(made), 0).any
    assert not referenced(made, only(made), 0).any
    assert made.mm.tables[2].dirty


def test_an_mlocked_vma_mlocks_what_it_maps_whole() -> None:
    made = machine(*(present(64 + i, YOUNG) for i in range(4)), vma=Vma(0, 16, locked=True))
    assert referenced(made, only(made), 0).locked
    assert only(made).mlocked
    assert made.mm.tables[0].young


def test_mlock_wants_the_whole_folio() -> None:
    whole, part = (machine(*(present(64 + i) for i in range(n))) for n in (4, 3))
    mlock_range(whole, 0, 16)
    mlock_range(part, 0, 16)
    assert (only(whole).mlocked, only(part).mlocked) == (True, False)


def test_a_large_folio_is_queued_once() -> None:
    made = machine(present(64), present(65), Pte(Kind.MIGRATION_READ, 66))
    what = Queue(wanted=lambda _folio: True, movable=lambda _folio: True)
    assert queue(made, 0, 16, what)
    assert (what.folios, what.failed) == ([only(made)], 1)
    assert not queue(made, 0, 2, Queue(lambda _folio: True, lambda _folio: False, strict=True))


def test_cold_splits_what_it_maps_in_part() -> None:
    made = machine(*(present(64 + i, YOUNG | DIRTY) for i in range(3)))
    madvise_cold(made, 0, 2)
    assert [folio.order for folio in made.memory] == [0, 0, 0, 0]
    assert [pte.young for pte in made.mm.tables.entries[:3]] == [False, False, True]
    assert all(pte.dirty for pte in made.mm.tables.entries[:3])
    for folio in made.memory:
        folio.check()


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        ("", ""),
        ("uffd", "uffd-wp"),
        ("swap", "not present"),
        ("pin", "referenced"),
        ("lazy", "lazily freed"),
        ("none", "too many none"),
        ("idle", "not used"),
    ],
)
def test_collapse_takes_all_pages_or_none(spoil: str, reason: str) -> None:
    entries = [
        present(64, 0 if spoil == "idle" else YOUNG),
        present(65, UFFD_WP if spoil == "uffd" else 0),
        NONE,
        present(ZERO_PFN, SPECIAL),
    ]
    if spoil == "swap":
        entries[2] = swap(0, 3)
    made = machine(*entries)
    folio = only(made)
    folio.put()
    folio.refs += spoil == "pin"
    folio.swapbacked = spoil != "lazy"
    before = (made.mm.tables.entries[:4], folio.mapcount, folio.refs, dict(made.mm.rss))
    into = Folio(FolioKind.ANON, NEW, 2)
    assert collapse(made, 0, into, Limits(none=1 if spoil == "none" else 2)) == reason
    if reason:
        assert before == (made.mm.tables.entries[:4], folio.mapcount, folio.refs, dict(made.mm.rss))
    else:
        assert (made.mm.tables.entries[:4], folio.mapcount, folio.refs) == ([NONE] * 4, 0, 0)
        assert made.mm.rss[Rss.ANON] == 4


def test_arm64_has_no_soft_dirty() -> None:
    kernel = Kernel(soft_dirty=False, dirty_is_soft=False)
    assert kernel.mkdirty(present(64)) == present(64, DIRTY)
    assert kernel.mksoft_dirty(swap(0, 1)) == swap(0, 1)


def test_two_states_of_a_kernel_are_judged_by_the_newer_one() -> None:
    arm = Kernel(soft_dirty=False, dirty_is_soft=False, prefaults_old=True)
    old = replace(arm, guard=False, frees_swap_first=True)
    assert newest(old, replace(arm, mbind_counts_runs=False)) == newest(arm, old) == newest(old, arm) == arm
    assert newest(old, old) == old
