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
from reviewer.reproducing.table import REFUSING, Table

# What the kernel says itself, where the table need not show it: counts at exit, its own checks, a crash.
LOG = {"G1", "G2", "G4", "G6", "X5", "X2", "B1", "B2", "F4"}
# Old translations: an access right after the call tells.
FLUSH = {"T1", "T2", "T4", "T5", "T6", "T7", "T9"}
_RESULTS = tuple(f"result {n}" for n in range(4))
# Pages that are copied or moved to others, of which no row is left.
_COPIED = {"B11", "B12", "D6"}
_BITS = ("is_soft_dirty", "is_uffd_wp")
# In the order of the program: what has to come at once, what looks, what reads, what reclaim does, what writes, and
# what comes back when all is unmapped.
AT_ONCE, LOOKS, READS, RECLAIMED, WRITES, UNMAPPED = range(6)
_WHEN = {"keeps": READS, "is_zero": READS, "is_private": WRITES}


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
    refused = asked.call.faults is not None and asked.table.entries[asked.call.faults].kind in REFUSING
    if asked.call.faults is not None and not refused and left.split()[-1:] in (["none"], ["marker"]):
        raise CannotError(INTERLEAVING, "the fault gives up in it, as when another one was faster")
    for row in rows_of(asked.right, asked.wrong):
        here = row.table == "PTE" and (not asked.call.gone or asked.flushes)
        if row.at in asked.table.entries and (here or row.table == asked.call.zero[0]):
            found += _of_row(row, asked)
    found += _of_folios(asked)
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
    about = about or asked.rule in _COPIED
    for function, arguments in asked.call.says:
        yield Test(_WHEN.get(function, AT_ONCE), function, about, arguments)


def _of_row(row: Row, asked: Asked) -> Iterator[Test]:
    where = f"&{'here' if row.table == 'PTE' else 'there'}, {row.at}"
    moved = "place" in row.differs
    if row.right in ("", "none"):
        if not asked.call.gone and not _around(row, asked):
            yield Test(LOOKS, "is_empty", moved, where)
        if asked.flushes and (asked.call.gone or asked.call.zero[0]):
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
    elif words[0] == "swap":
        yield Test(LOOKS, "is_swapped", moved, where)
        yield Test(READS, "keeps", moved, f"{where}, {row.at}")
    elif words[0] == "device-exclusive":  # until it is looked at
        yield Test(READS, "keeps", moved, f"{where}, {row.at}")
    elif words[0] == "guard":
        yield Test(READS, "is_guard", moved, where)
    elif words[0] == "poison":
        yield Test(READS, "is_poisoned", moved, where)
    elif words[0] == "zero":
        yield Test(READS, "is_zero", moved, where)


def _around(row: Row, asked: Asked) -> bool:
    """Whether a fault on another PTE may have mapped this one, or not: that is for each kernel to choose."""
    was = asked.table.entries[row.at].kind
    return asked.call.faults not in (None, row.at) and was in ("NONE", "CACHED")


def _of_page(row: Row, where: str, asked: Asked) -> Iterator[Test]:
    words = set(row.right.split())
    readable = "protnone" not in words
    if "protnone" in row.differs or (asked.flushes and not readable):
        yield Test(AT_ONCE if asked.flushes else READS, "may_read", True, f"{where}, {_c(readable)}")
    if not readable:
        return
    zero = row.at in asked.setup.unwritten and f"touch_write({row.at});" not in asked.call.text
    yield Test(READS, "is_zero" if zero else "keeps", "place" in row.differs, where if zero else f"{where}, {row.at}")
    if row.table == "child PTE":
        yield from _of_copy(row, asked)
    elif row.at in asked.setup.lent and asked.writable and "uffd-wp" not in words:
        yield from _of_shared(row, where, asked)
    elif not (asked.writable or row.at not in asked.table.vma) or "uffd-wp" in words:
        about = ("ro" in words and "rw" in row.wrong.split()) or asked.flushes or "uffd-wp" in row.differs
        yield Test(AT_ONCE if asked.flushes else WRITES, "may_write", about, f"{where}, false")


def _of_shared(row: Row, where: str, asked: Asked) -> Iterator[Test]:
    """A page that another process has too: neither sees what the other writes."""
    wider = "rw" not in row.right.split() and "rw" in row.wrong.split()
    about = wider or _exclusive(row, asked) or "place" in row.differs or asked.flushes
    yield Test(AT_ONCE if asked.flushes else WRITES, "is_private", about, f"{where}, AT({row.at}), {row.at}")


def _of_copy(row: Row, asked: Asked) -> Iterator[Test]:
    """A page of parent and child after fork: the child does not see what the parent writes."""
    mine = next((r for r in rows_of(asked.right, asked.wrong) if (r.table, r.at) == ("PTE", row.at)), row)
    anonymous = asked.table.folios[asked.table.entries[row.at].folio].kind == "ANON"
    if not asked.writable or not anonymous or any("uffd-wp" in r.right.split() for r in (row, mine)):
        return
    wider = any("rw" not in r.right.split() and "rw" in r.wrong.split() for r in (row, mine))
    about = wider or _exclusive(row, asked) or asked.flushes
    yield Test(WRITES, "is_private", about, f"&here, {row.at}, AT({row.at}), {row.at}")


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
        if one != other and one is not None and at not in asked.setup.shared:
            yield Test(LOOKS, "is_mapped_frame", True, f"{at}, {one}")
        refs = [differing(rows.get(f"folio {name}", "")).get("refs") for rows in (asked.right, asked.wrong)]
        if refs[0] != refs[1]:
            yield Test(UNMAPPED, "comes_back", True, f"{at}")


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
