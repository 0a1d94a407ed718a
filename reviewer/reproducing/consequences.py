# SPDX-License-Identifier: GPL-2.0-or-later
"""What is asked after the call, row by row of what should have been left: what each word of a row means to whoever uses
the memory, and whether the finding is about it.

A row that the wrong run leaves otherwise is what the finding is about ("rule"); the others have to be so as well
("also"). What a row does not show in pagemap, in an access or in what comes back has no test: young bits, folds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from reviewer.reproducing.model import INTERLEAVING, Calling, CannotError
from reviewer.reproducing.rows import PAGE, Row, Rows, count_of, differing, rows_of
from reviewer.reproducing.setup import Setup
from reviewer.reproducing.table import ON_FOLIO, Table

# What the kernel says itself, where the table need not show it: counts at exit, its own checks, a crash.
LOG = {"G1", "G2", "G4", "G6", "X5", "X2", "B1", "B2", "F4"}
# Old translations: an access right after the call tells.
FLUSH = {"T1", "T2", "T4", "T5", "T6", "T7", "T9"}
# In the order of the program: what has to come at once, what looks, what reads, what reclaim does, what writes, and
# what writes when a VMA that was read-only may be written to, and what comes back when all is unmapped.
AT_ONCE, LOOKS, READS, RECLAIMED, WRITES, OPENED, UNMAPPED = range(7)


@dataclass(frozen=True)
class Test:
    """A test of the program. when: its place in the order above; rule: whether the finding is about it."""

    when: int
    function: str
    rule: bool
    arguments: str

    @property
    def text(self) -> str:
        return f"{self.function}({'RULE' if self.rule else 'ALSO'}, {self.arguments});"


@dataclass(frozen=True)
class Asked:
    """What tests are made of. right: rows that should have been left, wrong: those that a run left; rule: of the
    finding."""

    table: Table
    call: Calling
    setup: Setup
    right: Rows
    wrong: Rows
    rule: str

    @property
    def writable(self) -> bool:
        """Whether the VMA may be written to when all is done."""
        return "PROT_WRITE" in self.call.text[0] if self.call.was else "WRITE" in self.table.flags

    @property
    def flushes(self) -> bool:
        return self.rule in FLUSH


def tests_of(asked: Asked) -> list[Test]:
    """All tests after the call, in the order of the program."""
    found: list[Test] = []
    left = asked.right.get(f"PTE {asked.call.faults}", "none")
    if asked.call.faults is not None and left.split()[-1:] in (["none"], ["marker"]):
        raise CannotError(INTERLEAVING, "the fault gives up in it, as when another one was faster")
    for row in rows_of(asked.right, asked.wrong):
        here = row.table == "PTE" and (not asked.call.gone or asked.flushes)
        if row.at in asked.table.entries and (here or row.table == asked.call.zero[0]):
            again = asked.call.again and PAGE.match(row.right)
            found += [test for test in _of_row(row, asked) if not (again and test.when == LOOKS)]
    found += _of_folios(asked)
    if asked.call.beyond:
        found = [test for test in found if test.when != LOOKS]
    return sorted(dict.fromkeys(found), key=lambda test: test.when)


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
    if PAGE.match(row.right):
        if not _around(row, asked):
            yield Test(LOOKS, "is_present", moved, where)
        yield from _of_page(row, where, asked)
    elif words[0] == "swap":
        yield Test(LOOKS, "is_swapped", moved, where)
        yield Test(READS, "keeps", moved, f"{where}, {row.at}")
        both = (row, _mine(row, asked)) if row.table == "child PTE" else (row,) if row.at in asked.setup.shared else ()
        if any("exclusive" in r.differs for r in both):
            when = WRITES if asked.writable else OPENED
            yield Test(when, "is_private", True, f"&here, {row.at}, AT({row.at}), {row.at}")
    elif words[0] == "device-exclusive":  # until it is looked at
        yield Test(READS, "keeps", moved, f"{where}, {row.at}")
    elif words[0] == "guard":
        yield Test(READS, "is_guard", moved, where)
    elif words[0] == "zero":
        yield Test(READS, "is_zero", moved, where)


def _stale(row: Row, asked: Asked) -> bool:
    """Whether an old translation of the PTE, which was used before the call, may be left."""
    was = asked.table.entries[row.at]
    return asked.flushes and row.table == "PTE" and was.kind == "PAGE" and "PROTNONE" not in was.bits


def _around(row: Row, asked: Asked) -> bool:
    """Whether a fault on another PTE may have mapped this one, or not: that is for each kernel to choose."""
    was = asked.table.entries[row.at].kind
    return asked.call.faults not in (None, row.at) and was in ("NONE", "CACHED")


def _of_page(row: Row, where: str, asked: Asked) -> Iterator[Test]:
    words = set(row.right.split())
    readable = "protnone" not in words
    stale = _stale(row, asked)
    if "protnone" in row.differs or (stale and not readable):
        yield Test(AT_ONCE if stale else READS, "may_read", True, f"{where}, {_c(readable)}")
    if not readable:
        return
    zero = row.at in asked.setup.unwritten
    yield Test(READS, "is_zero" if zero else "keeps", "place" in row.differs, where if zero else f"{where}, {row.at}")
    if row.table == "child PTE":
        yield from _of_copy(row, asked)
    elif row.at in asked.setup.shared and "uffd-wp" not in words and (asked.writable or row.at not in asked.table.vma):
        yield from _of_shared(row, where, asked)
    elif asked.writable and _tracked(row, asked):
        yield Test(WRITES, "is_tracked", True, where)
    elif row.at in asked.table.vma and (not asked.writable or "uffd-wp" in words):
        written = stale and "WRITE" in asked.table.entries[row.at].bits
        about = ("ro" in words and "rw" in row.wrong.split()) or written or "uffd-wp" in row.differs
        yield Test(AT_ONCE if written else WRITES, "may_write", about, f"{where}, false")
        if not asked.writable and "uffd-wp" not in words:
            yield from _of_sealed(row, where, asked)


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
    if row.table == "PTE" and row.at in asked.setup.shared and _exclusive(row, asked):
        yield Test(OPENED, "is_private", True, f"{where}, AT({row.at}), {row.at}")


def _of_copy(row: Row, asked: Asked) -> Iterator[Test]:
    """A page of parent and child after fork: the child does not see what the parent writes."""
    mine = _mine(row, asked)
    if not _anonymous(row, asked) or any("uffd-wp" in r.right.split() for r in (row, mine)):
        return
    wider = any("rw" not in r.right.split() and "rw" in r.wrong.split() for r in (row, mine))
    about = wider or _exclusive(row, asked)
    if asked.writable or about:
        when = WRITES if asked.writable else OPENED
        yield Test(when, "is_private", about or asked.flushes, f"&here, {row.at}, AT({row.at}), {row.at}")


def _mine(row: Row, asked: Asked) -> Row:
    """The row of the same PTE before it was copied."""
    return next((r for r in rows_of(asked.right, asked.wrong) if (r.table, r.at) == ("PTE", row.at)), row)


def _exclusive(row: Row, asked: Asked) -> bool:
    """Whether the wrong run leaves the page of the row as exclusive where it is not."""
    named = PAGE.match(row.right)
    label = f"page {named.group(0)}" if named else ""
    return "exclusive" in asked.wrong.get(label, "") and "exclusive" not in asked.right.get(label, "exclusive")


def _of_folios(asked: Asked) -> Iterator[Test]:
    """Of pages and folios rather than entries: data that reclaim keeps, counts, memory that comes back."""
    for at, entry, _ in asked.table.mapped():
        if at not in asked.table.vma:
            continue
        name = _name(entry.folio)
        if _forgotten(name, at, asked) and "DIRTY" in entry.bits:
            yield Test(RECLAIMED, "survives", True, f"&here, {at}, {at}")
        label = f"page {name}[{entry.index}]"
        one, other = (count_of(rows.get(label, "")) for rows in (asked.right, asked.wrong))
        known = one is not None and not (asked.call.again and one)
        if one != other and known and at not in asked.setup.shared:
            yield Test(LOOKS, "is_mapped_frame", True, f"{at}, {one}")
        if not asked.call.again and not asked.call.beyond and _leaks(name, asked):
            yield Test(UNMAPPED, "comes_back", True, f"{at}")


def _leaks(name: str, asked: Asked) -> bool:
    """Whether the wrong run leaves more references than are right, or than what maps it still accounts for. A folio
    that is only mapped less is not lost, and its frames may long be another's."""
    both = (asked.right, asked.wrong)
    one, other = (differing(rows.get(f"folio {name}", "")).get("refs") for rows in both)
    maps = [sum(count_of(text) or 0 for at, text in rows.items() if at.startswith(f"page {name}[")) for rows in both]
    return one is not None and other is not None and (other > one or other - maps[1] > one - maps[0] >= 0)


def _forgotten(name: str, at: int, asked: Asked) -> bool:
    """Whether the wrong run has lost that a page was written to: neither its folio says so nor an entry."""
    flags = [set(rows.get(f"folio {name}", "").split()) for rows in (asked.right, asked.wrong)]
    lost = "dirty" in flags[0] and "dirty" not in flags[1]
    for row in rows_of(asked.right, asked.wrong):
        if row.at == at and row.right.startswith(f"{name}["):
            if "dirty" in row.wrong.split():
                return False
            lost = lost or ("dirty" in row.right.split() and "dirty" not in flags[1])
    return lost


def _name(number: int) -> str:
    """What rows call a folio by its number."""
    letter = chr(ord("A") + number % 26)
    return f"{letter}{number // 26}" if number >= 26 else letter


def _c(value: bool) -> str:
    return "true" if value else "false"
