# SPDX-License-Identifier: GPL-2.0-or-later
"""What is asked after the call, row by row of what should have been left: what each word of a row means to whoever uses
the memory, and whether the finding is about it.

A row that the wrong run leaves otherwise is what the finding is about ("rule"); the others have to be so as well
("also"). What a row does not show in pagemap, in an access or in what comes back has no test: young bits, folds."""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.reproducing.asked import AT_ONCE, COPIED, LOOKS, OPENED, READS, WRITES, Asked, Test
from reviewer.reproducing.counts import of_drops, of_folios, of_vmas
from reviewer.reproducing.model import INTERLEAVING, CannotError
from reviewer.reproducing.numbers import ON_FOLIO
from reviewer.reproducing.rows import PAGE, Row, rows_of
from reviewer.reproducing.table import REFUSING

_RESULTS = tuple(f"result {n}" for n in range(4))
_BITS = ("is_soft_dirty", "is_uffd_wp")
_WHEN = {"keeps": READS, "is_zero": READS, "is_private": WRITES}


def tests_of(asked: Asked) -> list[Test]:
    """All tests after the call, in the order of the program."""
    if asked.call.drops is not None:
        return list(of_drops(asked))
    found: list[Test] = []
    left = asked.right.get(f"PTE {asked.call.faults}", "none").split()
    refused = asked.call.faults is not None and asked.table.entries[asked.call.faults].kind in REFUSING
    gives_up = left[-1:] in (["none"], ["marker"]) or left[:1] == ["swap"]
    if asked.call.faults is not None and not refused and gives_up:
        raise CannotError(INTERLEAVING, "the fault gives up in it, as when another one was faster")
    for row in rows_of(asked.right, asked.wrong):
        here = row.table == "PTE" and (not asked.call.gone or asked.flushes)
        if row.at in asked.table.entries and (here or row.table == asked.call.zero[0]):
            again = asked.call.again and PAGE.match(row.right)
            found += [test for test in _of_row(row, asked) if not (again and test.when == LOOKS)]
    found += of_folios(asked)
    found += of_vmas(asked)
    found += _of_call(asked)
    if asked.call.returns and "returns" in asked.right:
        right = asked.right["returns"]
        found.append(Test(AT_ONCE, "it_returns", right != asked.wrong.get("returns", right), right))
    if asked.call.beyond:
        found = [test for test in found if test.when != LOOKS or (asked.call.bits and test.function in _BITS)]
    return sorted(dict.fromkeys(found), key=lambda test: test.when)


def _of_call(asked: Asked) -> Iterator[Test]:
    """What the call hands back, or leaves where the function is done: what the finding is about if that differs, or by
    its rule."""
    about = any(asked.right.get(label) != asked.wrong.get(label) for label in ("returns", *_RESULTS))
    about = about or asked.rule in COPIED
    for function, arguments in asked.call.says:
        yield Test(_WHEN.get(function, AT_ONCE), function, about, arguments)


def _of_row(row: Row, asked: Asked) -> Iterator[Test]:
    where = f"&{'here' if row.table == 'PTE' else 'there'}, {row.at}"
    moved = "place" in row.differs
    if row.right in ("", "none"):
        if not asked.call.gone and not _around(row, asked):
            yield Test(LOOKS, "is_empty", moved, where)
        if _stale(row, asked) and (asked.call.gone or asked.call.zero[0]):
            yield Test(AT_ONCE, "may_read", True, f"{where}, false")
        return
    yield from _of_kind(row, where, moved, asked)
    words = set(row.right.split())
    if "soft-dirty" in row.differs and "SOFTDIRTY" not in asked.table.flags:
        yield Test(LOOKS, "is_soft_dirty", True, f"{where}, {_c('soft-dirty' in words)}")
    if "uffd-wp" in words or "uffd-wp" in row.differs:
        about = bool({"uffd-wp", "place"} & row.differs)
        yield Test(LOOKS, "is_uffd_wp", about, f"{where}, {_c('uffd-wp' in words)}")


def _of_kind(row: Row, where: str, moved: bool, asked: Asked) -> Iterator[Test]:
    words = row.right.split()
    if PAGE.match(row.right) or words[0] == "pfn":  # which is a new page
        if not _around(row, asked):
            yield Test(LOOKS, "is_present", moved, where)
        yield from _of_page(row, where, asked)
    elif words[0] in ("swap", "device-exclusive"):
        if words[0] == "swap" and not _around(row, asked):
            yield Test(LOOKS, "is_swapped", moved, where)
        if asked.readable(row.at):  # and then it is that no more
            yield Test(READS, "keeps", moved, f"{where}, {row.at}")
        yield from _of_swap(row, asked)
    elif words[0] == "guard":
        yield Test(READS, "is_guard", moved, where)
    elif words[0] == "poison" and asked.readable(row.at):
        yield Test(READS, "is_poisoned", moved, where)
    elif words[0] == "zero" and asked.readable(row.at):
        yield Test(READS, "is_zero", moved, where)


def _stale(row: Row, asked: Asked) -> bool:
    """Whether an old translation of the PTE, which was used before the call, may be left."""
    was = asked.table.entries[row.at]
    return asked.flushes and row.table == "PTE" and was.kind == "PAGE" and "PROTNONE" not in was.bits


def _around(row: Row, asked: Asked) -> bool:
    """Whether a fault on another PTE may have mapped this one, or not: that is for each kernel to choose."""
    here, entries = asked.call.faults, asked.table.entries
    if here is None or here == row.at:
        return False
    return entries[row.at].kind in ("NONE", "CACHED", *(("SWAP",) if entries[here].kind == "SWAP" else ()))


def _of_page(row: Row, where: str, asked: Asked) -> Iterator[Test]:
    words = set(row.right.split())
    readable = "protnone" not in words
    stale = _stale(row, asked)
    if "protnone" in row.differs or (stale and not readable):
        yield Test(AT_ONCE if stale else READS, "may_read", True, f"{where}, {_c(readable)}")
    if not readable or not asked.readable(row.at):
        return
    zero = asked.zero(row.at)
    if not asked.may_go(row.at):
        yield Test(
            READS, "is_zero" if zero else "keeps", "place" in row.differs, where if zero else f"{where}, {row.at}"
        )
    beyond = row.at not in asked.table.vma  # a neighbour, which may be written to whatever the call does
    if row.table == "child PTE" and "uffd-wp" in words:
        about = "uffd-wp" in row.differs or "rw" in row.wrong.split()
        yield Test(WRITES, "may_write", about, f"{where}, false")
    elif row.table == "child PTE":
        yield from _of_copy(row, asked)
    elif row.at in asked.setup.others.lent and "uffd-wp" not in words and asked.writable(row.at):
        if asked.may_go(row.at):
            return
        yield from _of_shared(row, where, asked)
    elif beyond:
        return
    elif asked.writable(row.at) and _tracked(row, asked):
        yield Test(WRITES, "is_tracked", True, where)
    elif not asked.writable(row.at) or "uffd-wp" in words:
        written = stale and "WRITE" in asked.table.entries[row.at].bits
        about = ("ro" in words and "rw" in row.wrong.split()) or written or "uffd-wp" in row.differs
        yield Test(AT_ONCE if written else WRITES, "may_write", about, f"{where}, false")
        if not asked.writable(row.at) and "uffd-wp" not in words:
            yield from _of_sealed(row, where, asked)


def _of_swap(row: Row, asked: Asked) -> Iterator[Test]:
    """A swap entry that others have, too, and that became exclusive: what is written to it is seen by them."""
    both = (
        (row, _mine(row, asked)) if row.table == "child PTE" else (row,) if row.at in asked.setup.others.shared else ()
    )
    if row.right.startswith("swap") and any("exclusive" in r.differs for r in both):
        when = WRITES if asked.writable(row.at) else OPENED
        yield Test(when, "is_private", True, f"&here, {row.at}, AT({row.at}), {row.at}")


def _tracked(row: Row, asked: Asked) -> bool:
    """Whether the next write is to be seen because soft-dirty bits were cleared, by the set-up or the call."""
    cleared = "soft_dirty_cleared();" in asked.setup.steps or any('"4"' in text for text in asked.call.text)
    bits = {*row.right.split(), *row.wrong.split()} & {"soft-dirty", "uffd-wp"}
    wider = row.table == "PTE" and "rw" not in row.right.split() and "rw" in row.wrong.split()
    return cleared and wider and not bits and row.at in asked.table.vma and _anonymous(row, asked)


def _anonymous(row: Row, asked: Asked) -> bool:
    entry = asked.table.entries[row.at]
    return entry.kind in ON_FOLIO and asked.table.folios[entry.folio].kind == "ANON"


def _of_shared(row: Row, where: str, asked: Asked) -> Iterator[Test]:
    """A page that another process has too: neither sees what the other writes."""
    wider = "rw" not in row.right.split() and "rw" in row.wrong.split()
    about = wider or _exclusive(row, asked) or "place" in row.differs
    yield Test(WRITES, "is_private", about, f"{where}, AT({row.at}), {row.at}")


def _of_sealed(row: Row, where: str, asked: Asked) -> Iterator[Test]:
    """The same of a page that no one may write to: it is seen as soon as its VMA may be."""
    if row.table == "PTE" and row.at in asked.setup.others.shared and _exclusive(row, asked):
        yield Test(OPENED, "is_private", True, f"{where}, AT({row.at}), {row.at}")


def _of_copy(row: Row, asked: Asked) -> Iterator[Test]:
    """A page of parent and child after fork: the child does not see what the parent writes."""
    mine = _mine(row, asked)
    if not _anonymous(row, asked) or any("uffd-wp" in r.right.split() for r in (row, mine)):
        return
    wider = any("rw" not in r.right.split() and "rw" in r.wrong.split() for r in (row, mine))
    about = wider or _exclusive(row, asked)
    if asked.writable(row.at) or about:
        when = WRITES if asked.writable(row.at) else OPENED
        yield Test(when, "is_private", about or asked.flushes, f"&here, {row.at}, AT({row.at}), {row.at}")


def _mine(row: Row, asked: Asked) -> Row:
    """The row of the same PTE before it was copied."""
    return next((r for r in rows_of(asked.right, asked.wrong) if (r.table, r.at) == ("PTE", row.at)), row)


def _exclusive(row: Row, asked: Asked) -> bool:
    """Whether the wrong run leaves the page of the row as exclusive where it is not."""
    named = PAGE.match(row.right)
    label = f"page {named.group(0)}" if named else ""
    return "exclusive" in asked.wrong.get(label, "") and "exclusive" not in asked.right.get(label, "exclusive")


def _c(value: bool) -> str:
    return "true" if value else "false"
