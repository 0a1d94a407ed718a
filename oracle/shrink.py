"""Makes a scenario as simple as it can be while it still shows its fault.

One key says what simpler means: fewer occupied slots, then fewer and smaller folios, then fewer bits, options and
VMA properties, then a plainer place in the table. Passes propose candidates, the runner refuses those that no
kernel can be in, and a candidate is kept when the fault still shows. Passes repeat until none helps, so the
result is a fixed point and does not depend on time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from oracle.wire import Folio, Scenario, Slot, mask, names

_PAGE = names("SLOT_KINDS").index("PAGE")
_SWAP = names("SLOT_KINDS").index("SWAP")
# An ordinary folio is swap-backed: without, it would be one that MADV_FREE was called on.
_PLAIN = mask("FOLIO_BITS", "SWAPBACKED")
_NONE = Slot()
_MAX_TRIES = 3000
_AGENT = 4  # W_MM_AGENT


def key(s: Scenario) -> tuple[int, ...]:
    """Smaller is simpler."""
    used = [x for x in s.slots if x.kind]
    return (
        len(used),
        len(s.folios),
        sum(f.order for f in s.folios),
        sum(x.kind != _PAGE for x in used),
        sum(x.bits.bit_count() for x in used),
        sum((f.bits ^ _PLAIN).bit_count() + f.kind for f in s.folios),
        sum(1 for o in s.options if o),
        s.vma.bit_count() + s.mm,
        s.end - s.start,
        len(s.slots),
        s.vma_end - s.vma_first,
        s.salt,
        sum(s.options),
        s.first,
        sum(x.index for x in used),
    )


def shrink(start: Scenario, shows: Callable[[Scenario], bool]) -> Scenario:
    """The simplest scenario found that still shows the fault. shows: False also for impossible ones."""
    best = start
    tries = 0
    improved = True
    while improved and tries < _MAX_TRIES:
        improved = False
        for make in _PASSES:
            again = True
            while again and tries < _MAX_TRIES:
                again = False
                for candidate in make(best):
                    if key(candidate) >= key(best):
                        continue
                    tries += 1
                    if shows(candidate):
                        best, improved, again = candidate, True, True
                        break
                    if tries >= _MAX_TRIES:
                        break
    return best


def _with_slots(s: Scenario, first: int, slots: tuple[Slot, ...]) -> Scenario:
    """Other slots, the folios that are left renumbered and packed."""
    used = sorted({x.folio for x in slots if _has_folio(x)})
    order = {old: new for new, old in enumerate(used)}
    folios = _pack([s.folios[i] for i in used])
    moved = tuple(Slot(x.kind, x.bits, order[x.folio], x.index) if _has_folio(x) else x for x in slots)
    return s.change(first=first, slots=moved, folios=folios)


def _has_folio(x: Slot) -> bool:
    kinds = {"PAGE", "MIG_READ", "MIG_EXCL", "MIG_WRITE", "DEV_EXCL", "PMD", "DEV_PRIV", "CACHED", "SWAPCACHED"}
    return names("SLOT_KINDS")[x.kind] in kinds


def _pack(folios: list[Folio]) -> tuple[Folio, ...]:
    packed, at = [], 1
    for f in folios:
        at = (at + (1 << f.order) - 1) >> f.order << f.order
        packed.append(Folio(f.kind, f.order, f.bits, at))
        at += 1 << f.order
    return tuple(packed)


def _trim(s: Scenario) -> Iterator[Scenario]:
    """Shorten the range and what lies beside it, by halves, then one by one."""
    n = len(s.slots)
    for cut in _cuts(s.end - s.start):
        yield _window(s, s.start, s.end - cut)
        yield _window(s, s.start + cut, s.end)
    for cut in _cuts(n):
        end = min(s.end, s.first + n - cut)
        if end > s.start:
            yield _window(_with_slots(s, s.first, s.slots[: n - cut]), s.start, end)
        start = max(s.start, s.first + cut)
        if start < s.end:
            yield _with_slots(s, s.first + cut, s.slots[cut:]).change(start=start, vma_first=min(s.vma_first, start))
    yield s.change(vma_first=s.start, vma_end=s.end)
    yield s.change(vma_end=s.end)


def _window(s: Scenario, start: int, end: int) -> Scenario:
    vma_end = end if s.vma_end == s.end else s.vma_end
    return s.change(start=start, end=end, vma_end=vma_end)


def _cuts(n: int) -> Iterator[int]:
    """Powers of two below n, the largest first: contpte blocks stay whole as long as they can."""
    for power in reversed(range(max(n - 1, 0).bit_length())):
        yield 1 << power


def _windows(s: Scenario) -> Iterator[tuple[int, int]]:
    """Runs of slots, aligned in the page table, long ones first."""
    n = len(s.slots)
    for size in _cuts(n * 2):
        for at in range(-(s.first % size), n, size):
            yield max(at, 0), min(at + size, n)


def _empty(s: Scenario) -> Iterator[Scenario]:
    """Empty runs of slots, long ones first."""
    for at, end in _windows(s):
        if any(x.kind for x in s.slots[at:end]):
            yield _with_slots(s, s.first, (*s.slots[:at], *(_NONE,) * (end - at), *s.slots[end:]))


def _bits(s: Scenario) -> Iterator[Scenario]:
    """Clear each bit in runs of slots, then in single ones."""
    for at, end in _windows(s):
        for bit in range(8):
            if any(x.bits >> bit & 1 for x in s.slots[at:end]):
                cleared = tuple(Slot(x.kind, x.bits & ~(1 << bit), x.folio, x.index) for x in s.slots[at:end])
                yield s.change(slots=(*s.slots[:at], *cleared, *s.slots[end:]))


def _folios(s: Scenario) -> Iterator[Scenario]:
    """Plainer folios: fewer bits, anon, smaller with the pages counted from its start."""
    for at, f in enumerate(s.folios):
        for bit in range(16):
            yield _folio(s, at, Folio(f.kind, f.order, f.bits ^ 1 << bit, f.pfn))
        if f.kind:
            yield _folio(s, at, Folio(0, f.order, f.bits, f.pfn))
        pages = [x.index for x in s.slots if _has_folio(x) and x.folio == at]
        first, last = min(pages, default=0), max(pages, default=0)
        for order in range(f.order):
            low = first >> order << order
            if last - low < 1 << order:
                yield _smaller(s, at, order, low)
        if first:
            yield _smaller(s, at, f.order, first)


def _folio(s: Scenario, at: int, f: Folio) -> Scenario:
    return s.change(folios=(*s.folios[:at], f, *s.folios[at + 1 :]))


def _smaller(s: Scenario, at: int, order: int, low: int) -> Scenario:
    f = s.folios[at]
    folios = list(s.folios)
    folios[at] = Folio(f.kind, order, f.bits, 0)
    slots = tuple(
        Slot(x.kind, x.bits, x.folio, x.index - low) if _has_folio(x) and x.folio == at else x for x in s.slots
    )
    return s.change(folios=_pack(folios), slots=slots)


def _plain(s: Scenario) -> Iterator[Scenario]:
    """Options, VMA bits and the salt to nothing, one at a time."""
    for at, option in enumerate(s.options):
        for value in dict.fromkeys((0, 1, option & 1, option & 3, option & 15, option // 2)):
            if value != option:
                yield s.change(options=(*s.options[:at], value, *s.options[at + 1 :]))
    for bit in range(16):
        if s.vma >> bit & 1:
            yield s.change(vma=s.vma & ~(1 << bit))
    yield s.change(mm=0)
    yield s.change(mm=s.mm & _AGENT)
    yield s.change(salt=0)
    yield s.change(salt=1)


def _move(s: Scenario) -> Iterator[Scenario]:
    """To the start of the table, or as near as alignment allows."""
    for to in (0, *(s.first % (1 << n) for n in (4, 5, 7, 9, 11, 13))):
        by = s.first - to
        if by > 0:
            yield s.change(first=to, start=s.start - by, end=s.end - by, vma_first=max(s.vma_first - by, 0),
                           vma_end=max(s.vma_end - by, s.end - by))  # fmt: skip


def _swaps(s: Scenario) -> Iterator[Scenario]:
    """Swap offsets near one."""
    offsets = [x.index for x in s.slots if x.kind == _SWAP]
    if offsets and min(offsets) > 1:
        by = min(offsets) - 1
        yield s.change(
            slots=tuple(Slot(x.kind, x.bits, x.folio, x.index - by) if x.kind == _SWAP else x for x in s.slots)
        )


_PASSES = (_trim, _empty, _plain, _folios, _bits, _swaps, _move)
