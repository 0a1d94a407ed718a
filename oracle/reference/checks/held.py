# SPDX-License-Identifier: GPL-2.0-or-later
"""E8, E9, G11, G12: pages that are handed out to somebody who holds them."""

from __future__ import annotations

from oracle.reference.checks.protection import anon_machine
from oracle.reference.folio import Folio, FolioKind
from oracle.reference.pte import DIRTY, NONE, WRITE, Pte, present
from oracle.reference.rules import Example, rule
from oracle.reference.walkers.gup import Asked, follow, may_write, must_unshare
from oracle.reference.walkers.machine import Machine, is_cow


def _machine() -> Machine:
    """An exclusive page that may be written, and one that is shared and may not."""
    return anon_machine([present(64, WRITE | DIRTY), present(65)], [True, False])


@rule("E8", source="mm/internal.h gup_must_unshare; Documentation/core-api/pin_user_pages.rst")
def pinned_for_good(machine: Machine, pte: Pte, asked: Asked) -> str | None:
    """A page is pinned only where no later write replaces it.

    What is written by the process is seen through the pin, and the other way round. So an anonymous page is exclusive,
    and of a mapping that copies on write none is pinned for long just to be read. Violation: the next write fault
    copies the page, and the device goes on with the old one.
    """
    folio = machine.memory.normal(pte)
    return f"{pte} will be copied" if must_unshare(pte, folio, asked, is_cow(machine.vma)) else None


@pinned_for_good.example
def _() -> Example:
    machine, pin = _machine(), Asked(pin=True)
    tables = machine.mm.tables
    return Example(right=(machine, tables[0], pin), wrong=(machine, tables[1], pin))


@rule("E9", source="mm/gup.c can_follow_write_pte; include/linux/mm.h gup_can_follow_protnone")
def allowed_by_entry(machine: Machine, pte: Pte, asked: Asked) -> str | None:
    """A page is handed out only where its entry allows that access.

    To be written, an entry is writable; or a debugger writes by force to a private copy. To be read, it is present,
    and no hint that the caller wants a fault for. Violation: a page of others, or of a file, is written to.
    """
    if not pte.present:
        return f"{pte} maps nothing"
    if pte.protnone and (asked.hints or machine.vma.uffd_rwp):
        return f"{pte} is for a fault to take"
    allowed = not asked.write or may_write(machine, pte, machine.memory.normal(pte), asked)
    return None if allowed else f"{pte} is not to be written"


@allowed_by_entry.example
def _() -> Example:
    machine, write = _machine(), Asked(get=True, write=True)
    tables = machine.mm.tables
    return Example(right=(machine, tables[0], write), wrong=(machine, tables[1], write))


BIAS = 1024
"""GUP_PIN_COUNTING_BIAS, include/linux/mm.h: pins of a small folio are counted as so many references."""


@rule("G11", source="mm/gup.c try_grab_folio; Documentation/core-api/pin_user_pages.rst")
def held_once(folio: Folio, got: int, asked: Asked, refs: int, pins: int) -> str | None:
    """A page that is handed out is held once, by a reference of its folio or by a pin.

    got: pages of the folio that were handed out; refs, pins: what its counts gained. A pin of a large folio counts as
    both, one of a small folio as many references. On an error nothing is held. Violation: the folio is freed under its
    user, or never again.
    """
    each = (BIAS if asked.pin and not folio.large else 1) if asked.pin or asked.get else 0
    wanted = got * each, got if asked.pin and folio.large else 0
    return None if (refs, pins) == wanted else f"{refs} references and {pins} pins, not {wanted[0]} and {wanted[1]}"


@held_once.example
def _() -> Example:
    machine, pin = _machine(), Asked(pin=True)
    folio, got = Folio(FolioKind.ANON, 64, order=2), int(follow(machine, 0, pin, accessible=True, faults=False) > 0)
    return Example(right=(folio, got, pin, 1, 1), wrong=(folio, got, pin, 4, 1))


@rule("G12", source="mm/gup.c gup_fast_pte_range; mm/khugepaged.c collapse_huge_page")
def looked_at_again(read: Pte, table: int, now: Pte, table_now: int, kept: bool) -> str | None:
    """A page got without the lock is given back where its entry or table has changed.

    read, table: the entry and the PMD from which the page was found; now, table_now: both after it was held, from when
    on it cannot be freed; kept: whether it was handed out. Whoever unmaps a page clears the entry first and looks at
    the references then. Violation: the page is freed, or someone else's already.
    """
    changed = "the entry" if now != read else "the table" if table_now != table else ""
    return f"kept, and {changed} has changed" if kept and changed else None


@looked_at_again.example
def _() -> Example:
    read = _machine().mm.tables[0]
    return Example(right=(read, 1, NONE, 1, False), wrong=(read, 1, read, 0, True))
