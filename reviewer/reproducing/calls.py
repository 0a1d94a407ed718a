# SPDX-License-Identifier: GPL-2.0-or-later
"""Which system call comes to a kernel function with the options of a scenario, by what the row of its entry says.

What the options of an entry mean stands in its adapter (oracle/entries/)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from oracle.entries import Entry
from oracle.entries import entry as known_entry
from oracle.explain.calls import unfailing
from reviewer.reproducing.collapsing import collapse_anonymous, collapse_file, collapse_part
from reviewer.reproducing.faulting import accessed
from reviewer.reproducing.looking import mincore, nodes
from reviewer.reproducing.model import INTERLEAVING, NO_CALL, NO_TABLE, Calling, CannotError, Needs
from reviewer.reproducing.racing import SHARING, raced
from reviewer.reproducing.reclaiming import SWAP_ON, migrated, reclaim, swapoff
from reviewer.reproducing.scanning import pagemap, scan
from reviewer.reproducing.setup import SWAP, watched
from reviewer.reproducing.table import Table
from reviewer.reproducing.userfaultfd import fill, fill_zeroes, poison, relocate

_WRITE, _READ, _NONE = "PROT_READ | PROT_WRITE", "PROT_READ", "PROT_NONE"
_COUNTING = ("MADV_COLD", "MADV_FREE", "MADV_PAGEOUT")  # leave alone what is mapped by others
Call = Callable[[Table], Calling]


def calling(entry: str, table: Table) -> Calling:
    """How this entry is called. CannotError where no system call is known that comes to it so."""
    row = known_entry(entry)
    if row is None or not row.system:
        raise CannotError(NO_CALL, f"no system call is known here that comes to {entry}() with a table of this kind")
    word, *given = row.system.split()
    call = _calling(row, word, given, table)
    if unfailing(entry, table.scenario) == table.scenario:
        return call
    if word not in SHARING:
        raise CannotError(NO_TABLE, "a call within the kernel fails in it, as an allocation may")
    return raced(table, call)


def _calling(row: Entry, word: str, given: Sequence[str], table: Table) -> Calling:
    if word == "access":
        return accessed(row, table, given)
    if word == "migrate":
        return migrated(table, away=bool(given))
    return _advised(table, given[0]) if word == "advise" else CALLS[word](table)


def _range(table: Table) -> str:
    return f"AT({table.asked.start}), {len(table.asked)} * page"


def _option(table: Table, number: int) -> int:
    return table.scenario.options[number]


def _mprotect(table: Table) -> Calling:
    """mprotect(), which has set the VMA's flags by the time it comes to the entries; userfaultfd's own protecting."""
    purpose = _option(table, 0) % 4
    if purpose == 1:
        raise CannotError(INTERLEAVING, "NUMA balancing protects entries when it comes to them")
    if purpose >= 2 and "UFFD_WP" in table.flags:
        name = "write_protected_no_more" if purpose == 3 else "write_protect"
        return Calling((f"{name}({table.asked.start}, {table.asked.stop});",))
    writes = "WRITE" in table.flags
    to = {0: _WRITE if writes else _READ, 1: _READ, 2: _NONE, 3: "PROT_READ | PROT_EXEC", 4: _WRITE,
          5: _WRITE if writes else _READ}[_option(table, 1) % 6]  # fmt: skip
    was = _NONE if table.closed else _READ if to == _WRITE else _WRITE
    if to == was == _NONE:
        raise CannotError(NO_CALL, "mprotect() leaves alone what has these rights already")
    if to == _NONE and not any("WRITE" in e.bits for _, e, _ in table.mapped()):
        was = _READ
    return Calling((f'must(!mprotect({_range(table)}, {to}), "mprotect");',), was=was)


def _mremap(table: Table) -> Calling:
    """mremap() to another place, which has the same place in its page table, or that of the option."""
    follows = "UFFD_REMAP" in table.flags and watched(table)
    size = f"{len(table.asked)} * page"
    per_table = 1 << (table.flavour.page_shift - 3)
    chosen = _option(table, 0) % (per_table - len(table.asked) + 1) if _option(table, 0) else table.offset
    first = table.asked.start
    if len(table.asked) == per_table and chosen == 0 == (table.offset + first) % per_table:
        raise CannotError(NO_CALL, "mremap() of a whole page table moves the table itself")
    text = f"mremap(AT({first}), {size}, {size}, MREMAP_MAYMOVE | MREMAP_FIXED, moved)"
    return Calling(
        (f'must({text} == moved, "mremap");',),
        first=("monitored(UFFD_FEATURE_EVENT_REMAP);",) if follows else (),
        before=(f"moved = hole() + {chosen} * page;",),
        zero=("new PTE", f"moved - {first} * (long)page"),
    )


def _fork(table: Table) -> Calling:
    """fork(): the child is the other process. Of a VMA without pages of its own it copies nothing."""
    if "FILE" in table.flags and ("SHARED" in table.flags or not any(table.mapped("ANON"))):
        raise CannotError(NO_CALL, "fork leaves such a VMA to the child's faults")
    follows = watched(table) and not _option(table, 0) & 1
    first = ("monitored(UFFD_FEATURE_EVENT_FORK);",) if follows else ()
    return Calling(("fork_other();",), first=first, zero=("child PTE", "base"), pid="other")


def _zap(table: Table) -> Calling:
    """munmap(), which leaves no marker, or MADV_DONTNEED, which leaves all."""
    what = _option(table, 0) % 5
    marked = any("WP" in e.bits or e.kind.startswith("MARKER") for e in table.entries.values())
    if what in (1, 3):
        raise CannotError(NO_CALL, "it is a hole in a file, or a folio truncated, beneath private copies")
    if what == 4 or (what == 0 and marked):
        advice = "MADV_DONTNEED_LOCKED" if "LOCKED" in table.flags else "MADV_DONTNEED"
        return Calling((f'must(!madvise({_range(table)}, {advice}), "{advice}");',))
    return Calling((f'must(!munmap({_range(table)}), "munmap");',), gone=True)


def _advised(table: Table, advice: str) -> Calling:
    if "LOCKED" in table.flags and advice == "MADV_FREE":
        raise CannotError(NO_CALL, "MADV_FREE turns down a VMA that is mlocked")
    if advice == "MADV_WILLNEED" and not table.anonymous:
        raise CannotError(NO_CALL, "MADV_WILLNEED reads ahead what a file has, and walks no table of its mappings")
    swaps = advice in ("MADV_PAGEOUT", "MADV_WILLNEED")
    before, needs = ((SWAP_ON,), SWAP) if swaps else ((), Needs())
    text = (f'must(!madvise({_range(table)}, {advice}), "{advice}");',)
    return Calling(text, before=before, needs=needs, beyond=advice == "MADV_PAGEOUT", alone=advice in _COUNTING)


def _cold(table: Table) -> Calling:
    if "LOCKED" in table.flags:
        raise CannotError(NO_CALL, "MADV_COLD and MADV_PAGEOUT turn down a VMA that is mlocked")
    return _advised(table, "MADV_PAGEOUT" if _option(table, 0) & 1 else "MADV_COLD")


def _mlock(table: Table) -> Calling:
    """mlock2() of what is there; mlock() would bring in the rest as well."""
    if table.cuts_huge:
        raise CannotError(NO_CALL, "mlock() of a part splits the VMA, and a PMD with it")
    if _option(table, 0) & 1:
        return Calling((f'must(!munlock({_range(table)}), "munlock");',), locked=True)
    return Calling((f'must(!syscall(SYS_mlock2, {_range(table)}, MLOCK_ONFAULT), "mlock2");',), locked=False)


def _refs(table: Table) -> Calling:
    if not _option(table, 0) & 1:
        return Calling(('must(put("/proc/self/clear_refs", "1"), "clear_refs");',))
    if "MEM_SOFT_DIRTY" not in table.flavour.config:
        raise CannotError(NO_CALL, "there are no soft-dirty bits to be cleared")
    text = 'must(put("/proc/self/clear_refs", "4"), "clear_refs");'
    return Calling((text,), before=("soft_dirty_there();",), needs=Needs(("MEM_SOFT_DIRTY",)))


# By the word that the row of an entry has for it; beside them "advise", with the advice, "migrate", and "access", with
# what faulting.py is given.
CALLS: dict[str, Call] = {
    "mprotect": _mprotect,
    "mremap": _mremap,
    "fork": _fork,
    "unmap": _zap,
    "cold": _cold,
    "mlock": _mlock,
    "clear_refs": _refs,
    "reclaim": reclaim,
    "swapoff": swapoff,
    "collapse": collapse_file,
    "collapse_anonymous": collapse_anonymous,
    "collapse_part": collapse_part,
    "mincore": mincore,
    "nodes": nodes,
    "scan": scan,
    "pagemap": pagemap,
    "fill": fill,
    "fill_zeroes": fill_zeroes,
    "poison": poison,
    "relocate": relocate,
}
