# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes a scenario as simple as it can be while it still shows its fault.

One key says what simpler means: fewer occupied slots, then fewer and smaller folios, plainer ones, then fewer bits,
options and VMA properties, then a plainer place in the table. Passes propose candidates, the runner refuses those that
no kernel can be in, and a candidate is kept when the fault still shows. Passes repeat until none helps, so the result
is a fixed point and does not depend on time; nor should it on where it started, since findings are known by it.
"""

from __future__ import annotations

from collections.abc import Callable

from oracle.shrink.narrower import aim, close, empty, move, swaps, together, trim
from oracle.shrink.plainer import PLAIN, elsewhere, fewer_bits, instead, ordinary, plain, plainer_folios
from oracle.wire import Scenario, names

_PAGE = names("SLOT_KINDS").index("PAGE")
_MAX_TRIES = 3000
_PASSES = (
    aim, trim, empty, close, ordinary, plain, plainer_folios, fewer_bits, instead, elsewhere, swaps, together, move,
)  # fmt: skip


def key(s: Scenario) -> tuple[int, ...]:
    """Smaller is simpler."""
    used = [x for x in s.slots if x.kind]
    return (
        len(used),
        len(s.folios),
        sum(f.order for f in s.folios),
        sum(x.kind != _PAGE for x in used),
        sum(f.kind for f in s.folios),
        sum((f.bits ^ PLAIN[f.kind]).bit_count() for f in s.folios),
        sum(x.bits.bit_count() for x in used),
        sum(1 for o in s.options if o),
        s.vma.bit_count() + s.mm,
        s.end - s.start,
        len(s.slots),
        s.vma_end - s.vma_first,
        s.salt,
        sum(s.options),
        s.start - s.first,
        s.first,
        sum(x.index for x in used),
        sum(x.folio for x in used),
        sum(f.pfn for f in s.folios),
        *(x.bits for x in used),
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
