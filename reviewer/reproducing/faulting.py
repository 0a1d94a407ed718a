# SPDX-License-Identifier: GPL-2.0-or-later
"""Accesses that fault. What the options of a fault mean stands in its adapter (oracle/entries/do_fault*.h and others):
here is which of them an access has, and the others are refused."""

from __future__ import annotations

from collections.abc import Sequence

from oracle.entries import Entry
from oracle.wire import Scenario, names
from reviewer.reproducing.model import INTERLEAVING, NO_CALL, NO_TABLE, Calling, CannotError, Needs
from reviewer.reproducing.reclaiming import odd_in_cache
from reviewer.reproducing.table import REFUSING, Table

_WRITE, _PINNED = 1, 4  # of "how", in all but do_fault and finish_fault, where 4 is a debugger's
_FASTER, _NO_HANDLER = 1, 2  # of "race", mod 16
_ODD = {1: "not read yet", 4: "broken", 5: "truncated"}  # what may be up with a folio of the page cache, mod 6


def accessed(row: Entry, table: Table, given: Sequence[str]) -> Calling:
    """An access to a PTE of the range: the first of these kinds from where the first option says, as the adapter of the
    entry has it. given: those kinds, "raced:" before one at which another thread was faster; before them perhaps
    "alone": the fault maps nothing around, since what does would leave nothing to do. CannotError where no access has
    its options."""
    alone, kinds = "alone" in given, [kind for kind in given if kind != "alone"]
    at = _chosen(table.scenario, [kind.removeprefix("raced:") for kind in kinds])
    if at not in table.entries:
        raise CannotError(NO_CALL, "the range has no entry that such a fault is for")
    how = {name: table.scenario.options[n] for n, name in enumerate(row.options) if name}
    entry, write = table.entries[at], bool(how.get("how", 0) & _WRITE)
    if f"raced:{entry.kind}" in kinds or how.get("race", 0) % 16 == _FASTER:
        raise CannotError(INTERLEAVING, "another thread is faster with the same fault")
    if write and "WRITE" not in table.flags:
        raise CannotError(NO_CALL, "it is a debugger's write to what may not be written to")
    if table.closed or "PROTNONE" in entry.bits:
        raise CannotError(INTERLEAVING, "NUMA balancing protects entries when it comes to them")
    if entry.kind in ("PAGE", "ZERO") and ("WRITE" in entry.bits or not write):
        raise CannotError(NO_CALL, "such an access to a page that is there brings no fault")
    if odd_in_cache(table, at):
        raise CannotError(NO_TABLE, "a page of the swap cache could not be read, or is broken")
    if table.anonymous or "file size" not in how:
        _of_memory(table, at, how, write)
    else:
        _of_file(table, how, write)
    return _calling(table, at, write, alone=alone)


def _of_memory(table: Table, at: int, how: dict[str, int], write: bool) -> None:
    """CannotError where a fault on what was there, a page or its trace, is not as an access brings it."""
    shared, entry = "SHARED" in table.flags, table.entries[at]
    if shared and write and entry.kind == "PAGE" and "WP" not in entry.bits:
        raise CannotError(NO_TABLE, "tmpfs maps what is read so that it may be written to as well")
    if "file size" not in how and how.get("how", 0) & _PINNED and not shared and not write:
        raise CannotError(NO_CALL, "a page is to be pinned, to be read through")
    if write and shared and how.get("file system", 0) & 3:
        raise CannotError(NO_TABLE, "the file system of a shared mapping wants to know of writes")


def _of_file(table: Table, how: dict[str, int], write: bool) -> None:
    """The same of a fault for which the file system has a page."""
    scenario, system = table.scenario, how.get("file system", 0)
    end = 1 + how["file size"] % (scenario.end - scenario.start + 8)  # w_open_file()
    if how["file size"] and end < table.vma.stop:
        raise CannotError(NO_TABLE, "the file ends before its VMA does")
    folio, what = how.get("odd folio", 0) % max(len(scenario.folios), 1), how.get("odd folio", 0) // 41 % 6
    if what in _ODD and folio in table.folios and table.folios[folio].kind != "ANON":
        raise CannotError(NO_TABLE, f"a folio of the page cache is {_ODD[what]}")
    if how.get("race", 0) % 16 == _NO_HANDLER or system & 9 == 9:
        raise CannotError(NO_TABLE, "the file system maps nothing itself, or all of it")
    if write and "SHARED" in table.flags and system & 2:
        raise CannotError(NO_TABLE, "the file system of a shared mapping wants to know of writes")


def _calling(table: Table, at: int, write: bool, *, alone: bool) -> Calling:
    entry = table.entries[at]
    how_so = "try" if entry.kind in REFUSING or (write and "WP" in entry.bits) else "touch"
    text = f"{how_so}_{'write' if write else 'read'}({at});"
    if alone:
        return Calling((text, "faults_around();"), before=("faults_alone();",), faults=at, needs=Needs(("DEBUG_FS",)))
    return Calling((text,), before=_sizes(table, entry.kind), faults=at)


def _sizes(table: Table, kind: str) -> tuple[str, ...]:
    """What folios a fault on memory may allocate: of a new page as the scenario's salt has it (w_orders())."""
    orders = 2 if kind == "SWAP" else table.scenario.salt >> 11 & 3 if kind == "NONE" and table.anonymous else 0
    if orders == 0:
        return ()
    whole = table.vma.start <= table.pages.start and table.pages.stop <= table.vma.stop
    if orders == 3 or (kind == "NONE" and orders == 2 and whole):
        raise CannotError(NO_TABLE, "a fault may allocate folios of sizes that are not all there are")
    return (f'folios_of({4 if orders == 1 else "ANY"}, "enabled");',)


def _chosen(scenario: Scenario, kinds: Sequence[str]) -> int:
    n, before = scenario.end - scenario.start, scenario.start - scenario.first
    for at in ((scenario.options[0] + k) % n for k in range(n)):
        if not 0 <= at + before < len(scenario.slots):
            continue
        kind = names("SLOT_KINDS")[scenario.slots[at + before].kind]
        if kind in kinds and kind.startswith("MIG_"):
            raise CannotError(INTERLEAVING, "the page is under migration when the fault comes")
        if kind in kinds:
            return at
    raise CannotError(NO_CALL, "the range has no entry that such a fault is for")
