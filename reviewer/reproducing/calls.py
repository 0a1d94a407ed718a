# SPDX-License-Identifier: GPL-2.0-or-later
"""Which system call comes to a kernel function with the options of a scenario, by what the row of its entry says.

What the options of an entry mean stands in its adapter (oracle/entries/)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from oracle.entries import entry as known_entry
from reviewer.reproducing.model import INTERLEAVING, NO_CALL, Calling, CannotError, Needs
from reviewer.reproducing.setup import PRESSED, SWAP
from reviewer.reproducing.table import Table

_WRITE, _READ, _NONE = "PROT_READ | PROT_WRITE", "PROT_READ", "PROT_NONE"
_SWAP_ON = "swap_space();"
_COUNTING = ("MADV_COLD", "MADV_FREE", "MADV_PAGEOUT")  # leave alone what is mapped by others
Call = Callable[[Table], Calling]


def calling(entry: str, table: Table) -> Calling:
    """How this entry is called. CannotError where no system call is known that comes to it so."""
    row = known_entry(entry)
    if row is None or not row.system:
        raise CannotError(NO_CALL, f"no system call is known here that comes to {entry}() with a table of this kind")
    word, *given = row.system.split()
    if word == "access":
        return _accessed(table, given, row.options.index("how"))
    if word == "migrate":
        return _migrated(table, away=bool(given))
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
    none = any("PROTNONE" in e.bits for _, e, _ in table.mapped())
    was = _NONE if none else _READ if to == _WRITE else _WRITE
    if to == _NONE and not any("WRITE" in e.bits for _, e, _ in table.mapped()):
        was = _READ
    return Calling((f'must(!mprotect({_range(table)}, {to}), "mprotect");',), was=was)


def _mremap(table: Table) -> Calling:
    """mremap() to another place, which has the same place in its page table, or that of the option."""
    size = f"{len(table.asked)} * page"
    per_table = 1 << (table.flavour.page_shift - 3)
    chosen = _option(table, 0) % (per_table - len(table.asked) + 1) if _option(table, 0) else table.offset
    first = table.asked.start
    text = f"mremap(AT({first}), {size}, {size}, MREMAP_MAYMOVE | MREMAP_FIXED, moved)"
    return Calling(
        (f'must({text} == moved, "mremap");',),
        before=(f"moved = hole() + {chosen} * page;",),
        zero=("new PTE", f"moved - {first} * (long)page"),
    )


def _fork(table: Table) -> Calling:
    """fork(): the child is the other process. Of a VMA without pages of its own it copies nothing."""
    if "FILE" in table.flags and ("SHARED" in table.flags or not any(table.mapped("ANON"))):
        raise CannotError(NO_CALL, "fork leaves such a VMA to the child's faults")
    if "UFFD_WP" in table.flags and not _option(table, 0) & 1:
        raise CannotError(NO_CALL, "a child keeps userfaultfd's bits only where a monitor reads of its fork")
    return Calling(("fork_other();",), zero=("child PTE", "base"), pid="other")


def _zap(table: Table) -> Calling:
    """munmap(), which leaves no marker, or MADV_DONTNEED, which leaves all."""
    what = _option(table, 0) % 5
    marked = any("WP" in e.bits or e.kind.startswith("MARKER") for e in table.entries.values())
    if what in (1, 3):
        raise CannotError(NO_CALL, "it is a hole in a file, or a folio truncated, beneath private copies")
    if what == 4 or (what == 0 and marked):
        return Calling((f'must(!madvise({_range(table)}, MADV_DONTNEED), "MADV_DONTNEED");',))
    return Calling((f'must(!munmap({_range(table)}), "munmap");',), gone=True)


def _advised(table: Table, advice: str) -> Calling:
    swaps = advice in ("MADV_PAGEOUT", "MADV_WILLNEED")
    before, needs = ((_SWAP_ON,), SWAP) if swaps else ((), Needs())
    text = (f'must(!madvise({_range(table)}, {advice}), "{advice}");',)
    return Calling(text, before=before, needs=needs, beyond=advice == "MADV_PAGEOUT", alone=advice in _COUNTING)


def _cold(table: Table) -> Calling:
    return _advised(table, "MADV_PAGEOUT" if _option(table, 0) & 1 else "MADV_COLD")


def _mlock(table: Table) -> Calling:
    """mlock2() of what is there; mlock() would bring in the rest as well."""
    if _option(table, 0) & 1:
        return Calling((f'must(!munlock({_range(table)}), "munlock");',))
    return Calling((f'must(!syscall(SYS_mlock2, {_range(table)}, MLOCK_ONFAULT), "mlock2");',))


def _reclaim(table: Table) -> Calling:
    """Reclaim, by MADV_PAGEOUT and, as that leaves alone what other processes map, by memory.reclaim."""
    return Calling((f"reclaim({table.vma.start}, {table.vma.stop});",), before=(_SWAP_ON,), needs=PRESSED, again=True)


def _migrated(table: Table, *, away: bool) -> Calling:
    """move_pages() to the other node: pages are unmapped for it and mapped again. away: the function does the first."""
    pages = [at for at, _, _ in table.mapped()]
    if not pages:
        raise CannotError(NO_CALL, "no page is there to be migrated")
    return Calling((f"to_other_node({pages[0]}, {pages[-1] + 1});",),
                   needs=Needs(("NUMA", "MIGRATION", "COMPACTION", "NUMA_EMU"), nodes=2), beyond=away)  # fmt: skip


def _refs(table: Table) -> Calling:
    if not _option(table, 0) & 1:
        return Calling(('must(put("/proc/self/clear_refs", "1"), "clear_refs");',))
    text = 'must(put("/proc/self/clear_refs", "4"), "clear_refs");'
    return Calling((text,), before=("soft_dirty_there();",), needs=Needs(("MEM_SOFT_DIRTY",)))


def _accessed(table: Table, kinds: Sequence[str], how: int) -> Calling:
    """An access to a PTE of the range: the first of these kinds from where the first option says. how: the option whose
    first bit says that it is a write."""
    n, chosen = len(table.asked), table.scenario.options[0]
    fit = set(table.of(*kinds))
    at = next((pte for pte in ((chosen + k) % n for k in range(n)) if pte in fit), None)
    if at is None:
        raise CannotError(NO_CALL, "the range has no entry that such a fault is for")
    write = bool(_option(table, how) & 1)
    if write and "WRITE" not in table.flags:
        raise CannotError(NO_CALL, "it is a debugger's write to what may not be written to")
    if "PROTNONE" in table.entries[at].bits:
        raise CannotError(INTERLEAVING, "NUMA balancing protects entries when it comes to them")
    large = ('folios_of(ANY, "enabled");',) if table.entries[at].kind == "SWAP" else ()
    return Calling((f"touch_{'write' if write else 'read'}({at});",), before=large, faults=at)


def _collapse(table: Table) -> Calling:
    """MADV_COLLAPSE, which maps the folio anew where its page table went."""
    pages = 1 << (table.flavour.page_shift - 3)
    first = -table.offset
    return Calling((f'must(!madvise(AT({first}), {pages} * page, MADV_COLLAPSE), "MADV_COLLAPSE");',),
                   needs=Needs(("TRANSPARENT_HUGEPAGE", "SHMEM")), beyond=True)  # fmt: skip


# By the word that the row of an entry has for it; beside them "advise", with the advice, "access", with the kinds of
# entries that such a fault is for, and "migrate".
CALLS: dict[str, Call] = {
    "mprotect": _mprotect,
    "mremap": _mremap,
    "fork": _fork,
    "unmap": _zap,
    "cold": _cold,
    "mlock": _mlock,
    "clear_refs": _refs,
    "reclaim": _reclaim,
    "collapse": _collapse,
}
