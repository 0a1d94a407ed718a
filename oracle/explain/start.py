# SPDX-License-Identifier: GPL-2.0-or-later
"""The state that a scenario starts from, in terms of the reference: what world/image.c builds, once more in Python."""

from __future__ import annotations

from oracle.reference.folio import ZERO_PFN, Folio, FolioKind, Memory
from oracle.reference.pte import (
    CONT,
    DIRTY,
    EXCLUSIVE,
    EXEC,
    MARKERS,
    MIGRATION,
    PROTNONE,
    SOFT_DIRTY,
    SPECIAL,
    UFFD_WP,
    YOUNG,
    Kind,
    Pte,
)
from oracle.reference.table import Mm, PageTables, Rss, SwapMap, Vma, rss_of
from oracle.reference.walkers.kernel import Kernel
from oracle.reference.walkers.machine import Machine
from oracle.wire import Folio as WireFolio
from oracle.wire import Scenario, Slot, mask, names

# As in world/world.h.
PFN_BASE = 0x40000
_PFN_SPECIAL = 0x20000
SWAP_CACHE_TYPE = 2
_SWAP_CACHE_SLOTS = 512

_KINDS = {
    "NONE": Kind.NONE, "PAGE": Kind.PRESENT, "ZERO": Kind.PRESENT, "SPECIAL": Kind.PRESENT, "SWAP": Kind.SWAP,
    "MIG_READ": Kind.MIGRATION_READ, "MIG_EXCL": Kind.MIGRATION_READ_EXCLUSIVE, "MIG_WRITE": Kind.MIGRATION_WRITE,
    "DEV_EXCL": Kind.DEVICE_EXCLUSIVE, "DEV_PRIV": Kind.DEVICE_PRIVATE,
    "MARKER_WP": Kind.MARKER_UFFD_WP, "MARKER_POISON": Kind.MARKER_POISON, "MARKER_GUARD": Kind.MARKER_GUARD,
    "CACHED": Kind.NONE, "SWAPCACHED": Kind.SWAP,
}  # fmt: skip
_FOLIO_KINDS = (FolioKind.ANON, FolioKind.FILE, FolioKind.SHMEM)
_ON_FOLIO = ("PAGE", "MIG_READ", "MIG_EXCL", "MIG_WRITE", "DEV_EXCL", "DEV_PRIV")


def has(bits: int, which: str, name: str) -> bool:
    """Whether a named bit of a list of wire.h is set."""
    return bool(bits & mask(which, name))


def _unnoticed(scenario: Scenario) -> bool:
    """w_unnoticed(), oracle/world/world.h."""
    asked = mask("VMA_BITS", "WRITE", "SHARED", "SOFTDIRTY")
    shmem = any(_FOLIO_KINDS[f.kind] is FolioKind.SHMEM for f in scenario.folios)
    return shmem and scenario.vma & (asked | mask("VMA_BITS", "UFFD_WP")) == asked


def _vma(scenario: Scenario) -> Vma:
    bits = {name: has(scenario.vma, "VMA_BITS", name) for name in names("VMA_BITS")}
    return Vma(
        scenario.vma_first, scenario.vma_end, bits["WRITE"], bits["SHARED"], bits["SOFTDIRTY"], bits["UFFD_WP"],
        bits["UFFD_RWP"], bits["UFFD_REMAP"], bits["LOCKED"], bits["FILE"], _unnoticed(scenario), bits["DROPPABLE"],
        bits["EXEC"],
    )  # fmt: skip


def _folio(wire: WireFolio) -> Folio:
    """A folio before any entry maps it. The scenario holds one reference, the caches one for each page."""
    bits = {name: has(wire.bits, "FOLIO_BITS", name) for name in names("FOLIO_BITS")}
    nr, kind = 1 << wire.order, _FOLIO_KINDS[wire.kind]
    cached = kind is not FolioKind.ANON or bits["SWAPCACHE"]
    folio = Folio(
        kind, PFN_BASE + wire.pfn, wire.order, dirty=bits["DIRTY"], swapbacked=bits["SWAPBACKED"],
        swapcache=bits["SWAPCACHE"], locked=bits["LOCKED"], referenced=bits["REFERENCED"], mlocked=bits["MLOCKED"],
        ksm=bits["KSM"], writeback=bits["WRITEBACK"], maybe_shared=bits["EXTRA_MAP"],
        swap_offset=wire.pfn % _SWAP_CACHE_SLOTS, swap_type=SWAP_CACHE_TYPE,
    )  # fmt: skip
    folio.refs = 1 + bits["EXTRA_REF"] + cached * nr
    if bits["EXTRA_MAP"]:
        folio.add_rmap(0, nr)
        folio.get(nr)
    if bits["PINNED"]:
        folio.pins = 1
        folio.get(1 if folio.large else 1024)  # GUP_PIN_COUNTING_BIAS
    return folio


def _entry(slot: Slot, scenario: Scenario, kernel: Kernel) -> Pte:
    """The entry as the tree's accessors read it back: without bits or markers that the kernel does not have."""
    name = names("SLOT_KINDS")[slot.kind]
    kind = _KINDS[name]
    if kind is Kind.MARKER_GUARD and not kernel.guard:
        kind = Kind.MARKER_POISON
    if name == "CACHED" and slot.bits & UFFD_WP:
        kind = Kind.MARKER_UFFD_WP
    if kind is Kind.NONE or kind in MARKERS:
        return Pte(kind)
    bits = slot.bits & ~CONT
    if kind is Kind.PRESENT and has(scenario.vma, "VMA_BITS", "EXEC") and not bits & PROTNONE:
        bits |= EXEC
    if not kernel.soft_dirty:
        bits &= ~SOFT_DIRTY
    if kind in MIGRATION and not kernel.migration_ages:
        bits &= ~(YOUNG | DIRTY)
    if name == "SWAPCACHED":
        return Pte(kind, scenario.folios[slot.folio].pfn % _SWAP_CACHE_SLOTS + slot.index, bits, SWAP_CACHE_TYPE)
    if name == "SWAP":
        return Pte(kind, slot.index, bits, slot.folio)
    if name in ("ZERO", "SPECIAL"):
        return Pte(kind, ZERO_PFN if name == "ZERO" else _PFN_SPECIAL + slot.index, bits | SPECIAL)
    return Pte(kind, PFN_BASE + scenario.folios[slot.folio].pfn + slot.index, bits & ~EXCLUSIVE)


def _block_bits(scenario: Scenario, at: int, block: int) -> int:
    """Accessed and dirty of a folded block: the members say it together (C3, contpte_ptep_get() in contpte.c)."""
    if not scenario.slots[at].bits & CONT:
        return 0
    first = at - (scenario.first + at) % block
    bits = 0
    for member in scenario.slots[first : first + block]:
        bits |= member.bits & (DIRTY | YOUNG)
    return bits


def _count(machine: Machine, slot: Slot, pte: Pte) -> None:
    """What an entry holds: a mapping and a reference of its page, a swap slot, a place in rss."""
    name = names("SLOT_KINDS")[slot.kind]
    if name in ("SWAP", "SWAPCACHED"):
        machine.swap.duplicate(pte)
        machine.mm.count(Rss.SWAP, 1)
    if name not in _ON_FOLIO:
        return
    folio = machine.folio_of(pte)
    machine.mm.count(rss_of(folio), 1)
    if name in ("PAGE", "DEV_PRIV") or (name == "DEV_EXCL" and machine.kernel.device_mapped):
        folio.add_rmap(slot.index)
    if name in ("PAGE", "DEV_EXCL", "DEV_PRIV"):
        folio.get()
        folio.exclusive[slot.index] |= name == "DEV_EXCL" or bool(slot.bits & EXCLUSIVE)


def start(scenario: Scenario, kernel: Kernel, held: bool = True) -> Machine:
    """The machine before the call. held: somebody has a reference of each folio, anonymous ones too.

    Entries of a folded contpte block have the accessed and dirty bits of all."""
    memory = Memory(map(_folio, scenario.folios))
    for folio in memory:
        folio.refs -= folio.anon and not held
    top = max((f.pfn + (1 << f.order) for f in scenario.folios), default=1)
    tables, other = PageTables(slots=kernel.slots), PageTables(slots=kernel.slots)
    machine = Machine(
        Mm(tables), _vma(scenario), kernel, memory, SwapMap(), Mm(other), _vma(scenario), max(PFN_BASE + top, 1)
    )
    for at, slot in enumerate(scenario.slots):
        pte = _entry(slot, scenario, kernel)
        if pte.none:
            continue
        tables[scenario.first + at] = pte.set(_block_bits(scenario, at, kernel.block))
        _count(machine, slot, pte)
        if not held and pte.kind in MIGRATION and machine.folio_of(pte).anon:
            machine.folio_of(pte).get()  # who migrates it
    return machine
