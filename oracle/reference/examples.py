# SPDX-License-Identifier: GPL-2.0-or-later
"""What the examples of the rules start from: a few entries, a folio that some entries map, a folded block."""

from __future__ import annotations

from oracle.reference.contpte import ContPte
from oracle.reference.folio import Folio, FolioKind, Memory
from oracle.reference.primitives import Ptes
from oracle.reference.pte import DIRTY, WRITE, Pte, present
from oracle.reference.table import PageTables

PFN = 64
"""Of the first page that is mapped; aligned to every folio and block of the examples."""


def run(*bits: int, page: int = 0) -> list[Pte]:
    """Entries of consecutive pages with these bits, the first of them of that page from PFN on."""
    return [present(PFN + page + i, b) for i, b in enumerate(bits)]


def table(*entries: Pte) -> Ptes:
    """The primitives on a table that starts with these entries."""
    return Ptes(PageTables(entries))


def mapped(*bits: int, order: int = 4, page: int = 0) -> tuple[Ptes, Folio]:
    """A folio whose pages, from one on, the first entries of a table map with these bits."""
    return table(*run(*bits, page=page)), Folio(FolioKind.ANON, PFN, order)


def folded(bits: int = WRITE | DIRTY, nr: int = 16) -> ContPte:
    """A large folio mapped in contpte blocks with these bits from slot 0 on."""
    made = ContPte(PageTables(), Memory([Folio(FolioKind.ANON, PFN, 5)]))
    made.set_ptes(0, present(PFN, bits), nr)
    return made
