# SPDX-License-Identifier: GPL-2.0-or-later
"""Candidates for a simpler scenario that are plainer: ordinary folios, fewer bits, no options.

Where two things say the same, a candidate has the one in place of the other, since neither can go alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

from oracle.shrink.narrower import has_folio, pack, windows
from oracle.wire import AGENT, FAILS, Folio, Scenario, Slot, mask, names

_PAGE = names("SLOT_KINDS").index("PAGE")
_SWAPBACKED = mask("FOLIO_BITS", "SWAPBACKED")
PLAIN = (_SWAPBACKED, 0, _SWAPBACKED)
"""Bits of an ordinary folio, by kind. Anon memory is swap-backed: without, MADV_FREE was called on it. So is shmem."""
_WRITE, _DIRTY, _EXCL = (mask("SLOT_BITS", name) for name in ("WRITE", "DIRTY", "EXCL"))
_VMA_BITS = len(names("VMA_BITS"))
_OF_FILES = mask("VMA_BITS", "FILE") | mask("VMA_BITS", "SHARED")
_FEW = 6  # slots among which bits are moved


def ordinary(s: Scenario) -> Iterator[Scenario]:
    """Ordinary memory, anonymous if it can be: what may be written is dirty, and exclusive."""
    for vma, more in ((s.vma & ~_OF_FILES, _EXCL | _DIRTY), (s.vma, _DIRTY)):
        kinds = [f.kind if vma & _OF_FILES else 0 for f in s.folios]
        slots = tuple(
            Slot(x.kind, x.bits | more, x.folio, x.index) if x.kind == _PAGE and x.bits & _WRITE else x for x in s.slots
        )
        for way in range(3):
            bits = [(PLAIN[k], *_bits_as(f, k))[way] for k, f in zip(kinds, s.folios, strict=True)]
            folios = (Folio(k, f.order, b, f.pfn) for k, b, f in zip(kinds, bits, s.folios, strict=True))
            yield s.change(vma=vma, folios=tuple(folios), slots=slots)


def plain(s: Scenario) -> Iterator[Scenario]:
    """Options, VMA bits and the salt to nothing, one at a time."""
    for at, option in enumerate(s.options):
        for value in dict.fromkeys((0, 1, option & 1, option & 3, option & 15, option // 2)):
            if value != option:
                yield s.change(options=(*s.options[:at], value, *s.options[at + 1 :]))
    for bit in range(16):
        if s.vma >> bit & 1:
            yield s.change(vma=s.vma & ~(1 << bit))
    yield s.change(mm=0)
    yield s.change(mm=s.mm & AGENT)
    yield s.change(mm=s.mm & FAILS)
    yield from (s.change(mm=s.mm & ~FAILS | n * (FAILS & -FAILS)) for n in range(s.fails))
    yield s.change(salt=0)
    yield s.change(salt=1)


def plainer_folios(s: Scenario) -> Iterator[Scenario]:
    """Plainer folios: fewer bits, anon, smaller with the pages counted from its start."""
    for at, f in enumerate(s.folios):
        for bit in range(16):
            yield _folio(s, at, Folio(f.kind, f.order, f.bits ^ 1 << bit, f.pfn))
        for kind in range(f.kind):
            for bits in _bits_as(f, kind):
                yield _folio(s, at, Folio(kind, f.order, bits, f.pfn))
        pages = [x.index for x in s.slots if has_folio(x) and x.folio == at]
        first, last = min(pages, default=0), max(pages, default=0)
        for order in range(f.order):
            low = first >> order << order
            if last - low < 1 << order:
                yield _smaller(s, at, order, low)
        for low in dict.fromkeys((first, first // 2, min(first, 1))):
            if low:
                yield _smaller(s, at, f.order, low)


def fewer_bits(s: Scenario) -> Iterator[Scenario]:
    """Clear each bit in runs of slots, then in single ones."""
    for at, end in windows(s):
        for bit in range(8):
            if any(x.bits >> bit & 1 for x in s.slots[at:end]):
                cleared = tuple(Slot(x.kind, x.bits & ~(1 << bit), x.folio, x.index) for x in s.slots[at:end])
                yield s.change(slots=(*s.slots[:at], *cleared, *s.slots[end:]))


def instead(s: Scenario) -> Iterator[Scenario]:
    """A bit in no slot, for one of the VMA; none of a folio, for one in a slot: what they say can come to the same."""
    for bit in range(8):
        if any(x.bits >> bit & 1 for x in s.slots):
            slots = tuple(Slot(x.kind, x.bits & ~(1 << bit), x.folio, x.index) for x in s.slots)
            yield from (s.change(slots=slots, vma=s.vma ^ 1 << other) for other in range(_VMA_BITS))
    for at, f in enumerate(s.folios):
        for bit in range(16):
            plainer = _folio(s, at, Folio(f.kind, f.order, f.bits & ~(1 << bit), f.pfn))
            for slot in [n for n, x in enumerate(s.slots) if x.kind][:_FEW] if f.bits >> bit & 1 else ():
                for other in range(8):
                    x = s.slots[slot]
                    changed = Slot(x.kind, x.bits | 1 << other, x.folio, x.index)
                    yield plainer.change(slots=(*s.slots[:slot], changed, *s.slots[slot + 1 :]))


def elsewhere(s: Scenario) -> Iterator[Scenario]:
    """A bit of one slot in another one, where there are few."""
    used = [at for at, x in enumerate(s.slots) if x.kind][:_FEW]
    for one, other in permutations(used, 2):
        for bit in range(8):
            if (s.slots[one].bits & ~s.slots[other].bits) >> bit & 1:
                slots = list(s.slots)
                for at in (one, other):
                    x = slots[at]
                    slots[at] = Slot(x.kind, x.bits ^ 1 << bit, x.folio, x.index)
                yield s.change(slots=tuple(slots))


def _bits_as(f: Folio, kind: int) -> tuple[int, ...]:
    """Its bits for one of another kind: as plain, or as they are, but for being swap-backed."""
    return f.bits ^ PLAIN[f.kind] ^ PLAIN[kind], f.bits & ~_SWAPBACKED


def _folio(s: Scenario, at: int, f: Folio) -> Scenario:
    return s.change(folios=(*s.folios[:at], f, *s.folios[at + 1 :]))


def _smaller(s: Scenario, at: int, order: int, low: int) -> Scenario:
    f = s.folios[at]
    folios = list(s.folios)
    folios[at] = Folio(f.kind, order, f.bits, (f.pfn + low) >> order << order)
    slots = tuple(
        Slot(x.kind, x.bits, x.folio, x.index - low) if has_folio(x) and x.folio == at else x for x in s.slots
    )
    return s.change(folios=pack(folios), slots=slots)
