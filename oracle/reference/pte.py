# SPDX-License-Identifier: GPL-2.0-or-later
"""What a page-table entry says: present, or one of the non-present forms. Values, never changed in place.

A present entry has a pfn and bits; which of the bits exist as bits of the architecture is no matter here. Accessors
of the wrong form raise a Violation of rule F5, as reading a swap entry with pte_write() would give nonsense in the
kernel. Semantics: include/linux/pgtable.h, include/linux/swapops.h (from 7.0 on include/linux/leafops.h).
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

# Bits. The first eight have the numbers of the wire format of the world.
WRITE, DIRTY, YOUNG, SOFT_DIRTY, UFFD_WP, PROTNONE, EXCLUSIVE, CONT = (1 << n for n in range(8))
SPECIAL, EXEC = 1 << 8, 1 << 9
HW_DIRTY = 1 << 10
"""Dirty as arm64 hardware notes it: DBM set and AP[2] clear, without the software bit. Counts as dirty."""
ANY_DIRTY = DIRTY | HW_DIRTY
KERNEL_ONLY = 1 << 11
"""Valid, but not for user code: arm64's PTE_USER (AP[1]) or x86's U/S is clear. No walker makes such an entry."""
LETTERS = ((WRITE, "w"), (DIRTY, "d"), (HW_DIRTY, "h"), (YOUNG, "y"), (SOFT_DIRTY, "s"), (UFFD_WP, "u"),
           (PROTNONE, "n"), (EXCLUSIVE, "e"), (CONT, "c"), (SPECIAL, "p"), (EXEC, "x"),
           (KERNEL_ONLY, "k"))  # fmt: skip


class Violation(Exception):
    """A rule broken while an operation ran. rule: its ID; slot: where, None when no one place."""

    def __init__(self, rule: str, what: str, slot: int | None = None) -> None:
        super().__init__(rule, what, slot)
        self.rule, self.what, self.slot = rule, what, slot

    def __str__(self) -> str:
        return f"{self.rule}: {self.what}" + ("" if self.slot is None else f" (slot {self.slot})")


class Kind(IntEnum):
    """The forms of an entry. All after PRESENT are non-present and not none."""

    NONE = 0
    PRESENT = 1
    SWAP = 2
    MIGRATION_READ = 3
    MIGRATION_READ_EXCLUSIVE = 4
    MIGRATION_WRITE = 5
    DEVICE_EXCLUSIVE = 6
    HWPOISON = 7
    MARKER_UFFD_WP = 8
    MARKER_POISON = 9
    MARKER_GUARD = 10
    DEVICE_PRIVATE = 11


MIGRATION = (Kind.MIGRATION_READ, Kind.MIGRATION_READ_EXCLUSIVE, Kind.MIGRATION_WRITE)
HAS_PFN = (*MIGRATION, Kind.DEVICE_EXCLUSIVE, Kind.DEVICE_PRIVATE, Kind.HWPOISON)
"""Non-present entries whose offset is a pfn: is_pfn_swap_entry(), softleaf_has_pfn()."""
MARKERS = (Kind.MARKER_UFFD_WP, Kind.MARKER_POISON, Kind.MARKER_GUARD)


class Pte(NamedTuple):
    """One entry. pfn: of the page; the offset of a swap entry. type: number of the swap device, SWAP only.

    In non-present form DIRTY and YOUNG are the bits a migration entry carries, EXCLUSIVE the bit of a swap entry, WRITE
    what a device may do with a page of its own.
    """

    kind: Kind = Kind.NONE
    pfn: int = 0
    bits: int = 0
    type: int = 0

    @property
    def none(self) -> bool:
        """pte_none()."""
        return self.kind is Kind.NONE

    @property
    def present(self) -> bool:
        """pte_present(): also with PROTNONE, when the MMU would fault."""
        return self.kind is Kind.PRESENT

    @property
    def valid(self) -> bool:
        """The MMU translates through it: present and not PROTNONE."""
        return self.kind is Kind.PRESENT and not self.bits & PROTNONE

    @property
    def usable(self) -> bool:
        """A user access may go through it: what the MMU asks beside valid (pte_user())."""
        return self.valid and not self.bits & KERNEL_ONLY

    def _bit(self, bit: int, name: str) -> bool:
        if self.kind is not Kind.PRESENT:
            raise Violation("F5", f"{name} read from an entry that is not present")
        return bool(self.bits & bit)

    def _swp_bit(self, bit: int, name: str) -> bool:
        if self.kind <= Kind.PRESENT:
            raise Violation("F5", f"{name} read from an entry that is not in swap form")
        return bool(self.bits & bit)

    @property
    def write(self) -> bool:
        """pte_write()."""
        return self._bit(WRITE, "pte_write")

    @property
    def dirty(self) -> bool:
        """pte_dirty(): the software or the hardware bit."""
        return self._bit(ANY_DIRTY, "pte_dirty")

    @property
    def young(self) -> bool:
        """pte_young()."""
        return self._bit(YOUNG, "pte_young")

    @property
    def soft_dirty(self) -> bool:
        """pte_soft_dirty()."""
        return self._bit(SOFT_DIRTY, "pte_soft_dirty")

    @property
    def uffd_wp(self) -> bool:
        """pte_uffd_wp() (pte_uffd() from 7.3 on)."""
        return self._bit(UFFD_WP, "pte_uffd_wp")

    @property
    def protnone(self) -> bool:
        """pte_protnone(): NUMA hint, or PROT_NONE."""
        return self._bit(PROTNONE, "pte_protnone")

    @property
    def special(self) -> bool:
        """pte_special(): no struct page is behind it for mm to count (zero page, PFN maps)."""
        return self._bit(SPECIAL, "pte_special")

    @property
    def cont(self) -> bool:
        """pte_cont() of a raw arm64 entry; generic code never asks (S14)."""
        return self._bit(CONT, "pte_cont")

    @property
    def swp_soft_dirty(self) -> bool:
        """pte_swp_soft_dirty()."""
        return self._swp_bit(SOFT_DIRTY, "pte_swp_soft_dirty")

    @property
    def swp_exclusive(self) -> bool:
        """pte_swp_exclusive()."""
        return self._swp_bit(EXCLUSIVE, "pte_swp_exclusive")

    @property
    def swp_uffd_wp(self) -> bool:
        """pte_swp_uffd_wp()."""
        return self._swp_bit(UFFD_WP, "pte_swp_uffd_wp")

    def set(self, bits: int) -> Pte:
        """The same entry with these bits."""
        return Pte(self.kind, self.pfn, self.bits | bits, self.type)

    def clear(self, bits: int) -> Pte:
        """The same entry without these bits."""
        return Pte(self.kind, self.pfn, self.bits & ~bits, self.type)

    def wrprotect(self) -> Pte:
        """pte_wrprotect(): what only the hardware noted as dirty becomes the software bit."""
        bits = self.bits & ~(WRITE | HW_DIRTY)
        return Pte(self.kind, self.pfn, bits | DIRTY if self.bits & HW_DIRTY else bits, self.type)

    def mkclean(self) -> Pte:
        """pte_mkclean()."""
        return self.clear(ANY_DIRTY)

    def advance(self, nr: int) -> Pte:
        """pte_advance_pfn(), or pte_move_swp_offset() for swap form: nr pages on, all bits as they are (F3)."""
        return Pte(self.kind, self.pfn + nr, self.bits, self.type)

    def __str__(self) -> str:
        letters = "".join(letter for bit, letter in LETTERS if self.bits & bit)
        if self.kind is Kind.PRESENT:
            return f"{self.pfn:#x}{' ' if letters else ''}{letters}"
        if self.kind is Kind.NONE:
            return "none"
        place = f" {self.type}:{self.pfn}" if self.kind is Kind.SWAP else f" {self.pfn:#x}"
        name = self.kind.name.lower().replace("_", "-")
        return name + ("" if self.kind in MARKERS else place) + (f" {letters}" if letters else "")


NONE = Pte()


def present(pfn: int, bits: int = 0) -> Pte:
    """A present entry; bits: WRITE, DIRTY and so on."""
    return Pte(Kind.PRESENT, pfn, bits)


def swap(type: int, offset: int, bits: int = 0) -> Pte:
    """A swap entry; bits: SOFT_DIRTY, EXCLUSIVE, UFFD_WP."""
    return Pte(Kind.SWAP, offset, bits, type)
