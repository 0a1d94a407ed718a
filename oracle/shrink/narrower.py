# SPDX-License-Identifier: GPL-2.0-or-later
"""Candidates for a simpler scenario that are narrower: fewer slots, closer together, at the start of a table.

Each pass yields what may be simpler; whether a kernel can be in that state, and whether the fault still shows, is for
oracle/shrink/ to ask.
"""

from __future__ import annotations

from collections.abc import Iterator

from oracle.wire import Folio, Scenario, Slot, names

_SWAP = names("SLOT_KINDS").index("SWAP")
_ON_FOLIOS = frozenset(
    names("SLOT_KINDS").index(name)
    for name in "PAGE MIG_READ MIG_EXCL MIG_WRITE DEV_EXCL PMD DEV_PRIV CACHED SWAPCACHED".split()
)
_BLOCK = 16  # pages of a contpte block with 4K pages
_NONE = Slot()


def aim(s: Scenario) -> Iterator[Scenario]:
    """The range begins, or is, at the slot that an option picks of it; and the first slot given is the range's."""
    n = s.end - s.start
    for at, option in enumerate(s.options):
        left = (*s.options[:at], 0, *s.options[at + 1 :])
        for slot in dict.fromkeys((s.start + option % n, s.start + option % len(s.slots))) if option else ():
            if slot < s.end:
                yield window(s.change(options=left), slot, slot + 1)
                yield window(s.change(options=left), slot, s.end)
    by = s.start - s.first
    yield s.change(start=s.first, end=s.end - by, vma_first=min(s.vma_first, s.first))
    yield s.change(
        start=s.first, end=s.end - by, vma_first=max(s.vma_first - by, 0), vma_end=max(s.vma_end - by, s.end - by)
    )


def trim(s: Scenario) -> Iterator[Scenario]:
    """Shorten the range and what lies beside it, by halves, then one by one."""
    n = len(s.slots)
    for cut in _cuts(s.end - s.start):
        yield window(s, s.start, s.end - cut)
        yield window(s, s.start + cut, s.end)
    for cut in _cuts(n):
        end = min(s.end, s.first + n - cut)
        if end > s.start:
            yield window(with_slots(s, s.first, s.slots[: n - cut]), s.start, end)
        start = max(s.start, s.first + cut)
        if start < s.end:
            yield with_slots(s, s.first + cut, s.slots[cut:]).change(start=start, vma_first=min(s.vma_first, start))
    for low, high in ((s.start, s.end), (s.first, s.first + n)):
        yield s.change(vma_first=min(low, s.start), vma_end=max(high, s.end))
        yield s.change(vma_end=max(high, s.end))


def empty(s: Scenario) -> Iterator[Scenario]:
    """Empty runs of slots, long ones first."""
    for at, end in windows(s):
        if any(x.kind for x in s.slots[at:end]):
            yield with_slots(s, s.first, (*s.slots[:at], *(_NONE,) * (end - at), *s.slots[end:]))


def close(s: Scenario) -> Iterator[Scenario]:
    """Take runs of slots out, and let what follows come closer, with its pages."""
    for at, end in windows(s):

        def moved(slot: int, lo: int = s.first + at, hi: int = s.first + end) -> int:
            return slot - max(min(slot, hi) - lo, 0)

        start = moved(s.start)
        last = max(moved(s.end), start + 1)  # of a range that is taken out, what comes next
        for known in (s.slots[:at], s.slots[:end]):
            closer = {x.folio for x in known if has_folio(x)}
            tail = tuple(
                Slot(x.kind, x.bits, x.folio, x.index - (end - at)) if has_folio(x) and x.folio in closer else x
                for x in s.slots[end:]
            )
            yield with_slots(s, s.first, (*s.slots[:at], *tail)).change(
                start=start, end=last, vma_first=moved(s.vma_first), vma_end=max(moved(s.vma_end), last)
            )


def swaps(s: Scenario) -> Iterator[Scenario]:
    """Swap offsets near one, on the first device."""
    yield s.change(slots=tuple(Slot(x.kind, x.bits, 0, x.index) if x.kind == _SWAP else x for x in s.slots))
    offsets = [x.index for x in s.slots if x.kind == _SWAP]
    if offsets and min(offsets) > 1:
        by = min(offsets) - 1
        yield s.change(
            slots=tuple(Slot(x.kind, x.bits, x.folio, x.index - by) if x.kind == _SWAP else x for x in s.slots)
        )


def together(s: Scenario) -> Iterator[Scenario]:
    """Folios as close as they go."""
    yield s.change(folios=pack([Folio(f.kind, f.order, f.bits, 0) for f in s.folios], 1))


def move(s: Scenario) -> Iterator[Scenario]:
    """To the start of the table, or as near as alignment allows."""
    for to in (0, *(s.first % (1 << n) for n in (4, 5, 7, 9, 11, 13))):
        by = s.first - to
        if by > 0:
            yield s.change(first=to, start=s.start - by, end=s.end - by, vma_first=max(s.vma_first - by, 0),
                           vma_end=max(s.vma_end - by, s.end - by))  # fmt: skip


def with_slots(s: Scenario, first: int, slots: tuple[Slot, ...]) -> Scenario:
    """Other slots, the folios that are left renumbered and packed."""
    used = sorted({x.folio for x in slots if has_folio(x)})
    order = {old: new for new, old in enumerate(used)}
    folios = pack([s.folios[i] for i in used])
    moved = tuple(Slot(x.kind, x.bits, order[x.folio], x.index) if has_folio(x) else x for x in slots)
    return s.change(first=first, slots=moved, folios=folios)


def has_folio(x: Slot) -> bool:
    """Whether the slot is of a folio's page."""
    return x.kind in _ON_FOLIOS


def pack(folios: list[Folio], keep: int = _BLOCK) -> tuple[Folio, ...]:
    """Each behind the one before, as they were within blocks of so many pages: which of them fill a contpte block
    together may matter."""
    packed, at = [], 1
    for f in folios:
        at += (f.pfn - at) % max(keep, 1 << f.order)
        packed.append(Folio(f.kind, f.order, f.bits, at))
        at += 1 << f.order
    return tuple(packed)


def window(s: Scenario, start: int, end: int) -> Scenario:
    """Another range; a VMA that ended with it still does."""
    vma_end = end if s.vma_end == s.end else s.vma_end
    return s.change(start=start, end=end, vma_end=vma_end)


def _cuts(n: int) -> Iterator[int]:
    """Powers of two below n, the largest first: contpte blocks stay whole as long as they can."""
    for power in reversed(range(max(n - 1, 0).bit_length())):
        yield 1 << power


def windows(s: Scenario) -> Iterator[tuple[int, int]]:
    """Runs of slots, aligned in the page table, long ones first."""
    n = len(s.slots)
    for size in _cuts(n * 2):
        for at in range(-(s.first % size), n, size):
            yield max(at, 0), min(at + size, n)
