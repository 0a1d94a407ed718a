# SPDX-License-Identifier: GPL-2.0-or-later
"""The shrinker on faults told by a predicate: the fixed point is the simplest, and it is always the same."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from oracle.shrink import key, shrink
from oracle.wire import AGENT, FAILS, Folio, Scenario, Slot, mask, names, scenario

_PAGE = names("SLOT_KINDS").index("PAGE")
_WRITE = mask("SLOT_BITS", "WRITE")


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    """Ranges over a few folios with any bits; whether a kernel can be in such a state is not asked here."""
    orders = draw(st.lists(st.integers(0, 4), min_size=1, max_size=4))
    at, folios, slots = 1, [], []
    for number, order in enumerate(orders):
        at = (at + (1 << order) - 1) >> order << order
        folios.append(Folio(draw(st.integers(0, 2)), order, draw(st.integers(0, 1023)), at))
        at += 1 << order
        used = draw(st.integers(1, 1 << order))
        slots += [Slot(_PAGE, draw(st.integers(0, 127)), number, i) for i in range(used)]
    first = draw(st.integers(0, 60))
    options = tuple(draw(st.lists(st.integers(0, 65535), min_size=8, max_size=8)))
    end = first + len(slots)
    return Scenario(
        draw(st.integers(0, 255)), 0, first, first, end, first, end, 7, options, tuple(folios), tuple(slots)
    )


def _mixed(s: Scenario) -> bool:
    """Two neighbours of one folio that differ in write, within the range."""
    inside = s.slots[s.start - s.first : s.end - s.first]
    return any(
        a.kind == b.kind == _PAGE and a.folio == b.folio and b.index == a.index + 1 and (a.bits ^ b.bits) & _WRITE
        for a, b in pairwise(inside)
    )


@given(scenarios().filter(_mixed))
@settings(max_examples=60, deadline=None)
def test_mixed_write_ends_in_two_ptes_of_the_smallest_folio(start: Scenario) -> None:
    small = shrink(start, _mixed)
    assert _mixed(small)
    assert small.slots == (Slot(_PAGE, 0, 0, 0), Slot(_PAGE, _WRITE, 0, 1))
    assert small.folios == (Folio(0, 1, mask("FOLIO_BITS", "SWAPBACKED"), 2),)
    assert (small.options, small.vma, small.mm, small.salt) == ((0,) * 8, 0, 0, 0)
    assert (small.first, small.start, small.end) == (0, 0, 2)
    assert key(small) <= key(start)
    assert shrink(start, _mixed) == small


@given(scenarios().filter(_mixed), st.integers(1, 7))
@settings(max_examples=20, deadline=None)
def test_a_failing_call_goes_unless_it_is_needed_and_then_the_first_will_do(start: Scenario, nth: int) -> None:
    failing = start.change(mm=AGENT | nth * (FAILS & -FAILS))
    assert failing.fails == nth
    assert shrink(failing, _mixed).mm == 0
    assert shrink(failing, lambda s: _mixed(s) and s.fails > 0).mm == FAILS & -FAILS


@given(scenarios())
@settings(max_examples=60, deadline=None)
def test_the_wire_form_reads_back(start: Scenario) -> None:
    assert scenario(start.numbers()) == start


def test_what_cannot_shrink_stays() -> None:
    start = Scenario(1, 0, 0, 0, 1, 0, 1, 0, (0,) * 8, (Folio(0, 0, 0, 1),), (Slot(_PAGE, 1, 0, 0),))
    assert shrink(start, lambda _: False) == start
