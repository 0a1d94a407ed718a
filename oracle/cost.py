"""What a function costs, counted on the world's primitives: the same patch gives the same numbers anywhere.

Fixed scenarios stand for the classes of memory that differ in cost: small folios, 64K folios (folded on arm64),
2M folios mapped by PTEs, and those with every other page shared once. Counts, not times.
"""

from __future__ import annotations

from dataclasses import dataclass

from oracle.judge import wrong
from oracle.runner import Runner, RunnerError
from oracle.wire import Folio, Scenario, Slot, mask, names

_SIZES = (16, 64, 256, 512)
_CLASSES = {"order 0": 0, "64K": 4, "2M by PTEs": 9, "half-exclusive 2M": 9}
_HALF = "half-exclusive 2M"
# Least growth per PTE that is worth a reviewer's time; cache misses, atomics and flushes weigh, plain reads do not.
_WORTH = {"folio_lookup": 0.5, "page_touch": 0.5, "tlb_flush": 0.05, "fold": 0.03, "unfold": 0.03, "rmap_op": 0.5,
          "ref_op": 0.5, "lock": 0.25, "pte_read": 2.0, "pte_write": 2.0}  # fmt: skip


@dataclass(frozen=True)
class Growth:
    """A counter that rose or fell: operations per PTE before and after, for a class at a number of PTEs."""

    counter: str
    folios: str
    ptes: int
    before: float
    after: float
    quadratic: bool
    scenario: Scenario


def scenario(order: int, ptes: int, block: int, half: bool = False) -> Scenario:
    """An anonymous private writable range of ptes pages on folios of that order, all alike, folded where blocks of
    that many PTEs fit; or, for half, none writable and every other page exclusive, as after fork and faults."""
    folded = mask("SLOT_BITS", "CONT") if 1 < block <= min(ptes, 1 << order) else 0
    bits = mask("SLOT_BITS", "DIRTY", "YOUNG", "SOFT") | folded
    exclusive = mask("SLOT_BITS", "EXCL") | (0 if half else mask("SLOT_BITS", "WRITE"))
    page = names("SLOT_KINDS").index("PAGE")
    size = 1 << order
    count = -(-ptes // size)
    if count > 40:
        # One small folio for each PTE does not fit: keep to what does.
        count, ptes = 40, 40 * size
    folios = tuple(Folio(0, order, mask("FOLIO_BITS", "SWAPBACKED"), size * (i + 1)) for i in range(count))
    slots = tuple(Slot(page, bits | (0 if half and i % 2 else exclusive), i // size, i % size) for i in range(ptes))
    return Scenario(mask("VMA_BITS", "WRITE", "ANON_VMA"), 0, 0, 0, ptes, 0, ptes, 0, (0,) * 8, folios, slots)


def growth(runner: Runner, cont_ptes: int, falling: bool = False) -> list[Growth]:
    """What rose (or fell) by more than is worth a remark, the worst first; empty when nothing did."""
    sign = -1 if falling else 1
    found: dict[str, list[Growth]] = {}
    for folios, order in _CLASSES.items():
        for size in _SIZES:
            made = scenario(order, size, cont_ptes, folios == _HALF)
            ptes = made.end - made.start
            try:
                outcome = runner.attempt(made)
            except RunnerError:
                return []
            # What a wrong result cost to come by does not matter.
            if outcome is None or wrong(outcome) or any(side.ending for side in outcome.sides.values()):
                continue
            before, after = outcome.sides["before"].counts, outcome.sides["after"].counts
            for counter, least in _WORTH.items():
                if sign * (after[counter] - before[counter]) / ptes >= least:
                    change = Growth(counter, folios, ptes, before[counter] / ptes, after[counter] / ptes, False, made)
                    found.setdefault(f"{counter} {folios}", []).append(change)
    worst = [_judge(changes) for changes in found.values()]
    return sorted(worst, key=lambda g: (list(_WORTH).index(g.counter), list(_CLASSES).index(g.folios)))


def _judge(rises: list[Growth]) -> Growth:
    """The smallest size that shows it, marked when the cost per PTE itself grows with the range."""
    first, last = rises[0], rises[-1]
    quadratic = last.ptes >= 4 * first.ptes and last.after - last.before >= 2 * (first.after - first.before)
    return Growth(first.counter, first.folios, first.ptes, first.before, first.after, quadratic, first.scenario)
