# SPDX-License-Identifier: GPL-2.0-or-later
"""All small tables: each once, each one a kernel can be in, as many as is said; and what they alone bring to light."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from oracle.entries import entry
from oracle.exhaustive import Bound, exhaust
from oracle.judge import shows
from oracle.runner import Hit, RefusedError, Runner
from oracle.wire import Scenario
from reviewer.building.pair import build
from reviewer.model import Tree
from reviewer.resources import folder
from reviewer.trees.kernel import open_tree
from reviewer.trees.overlays import Overlay

MREMAP = "mm/mremap.c"
FLAVOURS = ("x86-64", "arm64-4k")
# Places of world/enumerate.c, with the states that a slot can have in each.
STATES = (11, 11, 10)


@pytest.fixture(scope="module")
def tree() -> Iterator[Tree]:
    with open_tree(folder("corpus") / "tree") as kernel:
        yield kernel.at(kernel.head)


def runner(before: Tree, after: Tree, name: str = "move_ptes", flavour: str = "x86-64") -> Runner:
    known = entry(name)
    assert known is not None
    return Runner(build(before, after, known, flavour, ("move_ptes",)).program)


def up_to(ptes: int) -> int:
    return sum(states**n for states in STATES for n in range(1, ptes + 1))


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_each_table_is_there_once(tree: Tree, flavour: str) -> None:
    with runner(tree, tree, flavour=flavour) as pair:
        assert [pair.tables(n) for n in (1, 2, 6)] == [(up_to(n), 11, 3) for n in (1, 2, 6)]
        made = [pair.table(n, "") for n in range(up_to(2))]
        assert len(set(made)) == up_to(2)
        with pytest.raises(RefusedError):
            pair.table(up_to(6), "")


def test_shorter_tables_come_first(tree: Tree) -> None:
    """So a longer bound holds all of a shorter one, under the same numbers."""
    with runner(tree, tree) as pair:
        pair.tables(1)
        # What lies around the free slots is the place's own: 2 PTEs beside it, the rest of a block, or nothing.
        sizes = [len(pair.table(n, "").slots) for n in (0, up_to(1) - 1, up_to(1), up_to(2) - 1)]
        assert sizes == [1 + 2, 1, 2 + 2, 2]


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("name", ["move_ptes", "change_pte_range", "zap_pte_range"])
def test_unchanged_code_is_silent_on_all_of_them(tree: Tree, name: str, flavour: str) -> None:
    known = entry(name)
    assert known is not None
    met: list[Hit] = []
    with runner(tree, tree, name, flavour) as pair:
        bound = exhaust(pair, known.calls, 25_000, lambda hits, _: met.extend(hits))
    assert bound == Bound(3, up_to(3), 11, 3, len(known.calls))
    assert met == []


def test_the_bound_follows_from_what_may_be_spent(tree: Tree) -> None:
    with runner(tree, tree) as pair:
        most = (up_to(1) - 1, up_to(1), up_to(2), up_to(3) - 1)
        bounds = [exhaust(pair, ((),), n, lambda *_: None) for n in most]
    assert bounds == [None, *(Bound(n, up_to(n), 11, 3, 1) for n in (1, 2, 2))]
    assert str(bounds[2]) == "all 374 tables of up to 2 PTEs over 11 states, in 3 places"
    assert str(Bound(3, 10, 2, 1, 4)) == "all 10 tables of up to 3 PTEs over 2 states, in 1 place, called in 4 ways"


def test_what_they_show_can_be_shown_again(tree: Tree) -> None:
    """Every other PTE is left behind: two are enough to tell, and a hit's own table is one of those tried."""
    text = (tree.read(MREMAP) or b"").decode()
    place = "if (pte_none(ptep_get(old_ptep)))"
    assert text.count(place) == 1
    wrong = Overlay(tree, {MREMAP: text.replace(place, f"{place[:-1]} || old_addr & PAGE_SIZE)").encode()})
    met: dict[tuple[str, str], tuple[Hit, Scenario]] = {}

    def tell(hits: list[Hit], scenario: Callable[[int], Scenario]) -> None:
        met.update({(h.relation, h.what): (h, scenario(h.first)) for h in hits})

    with runner(tree, wrong) as pair:
        assert exhaust(pair, ((0, 1),), up_to(2), tell) == Bound(2, up_to(2), 11, 3, 1)
        assert ("plain", "PRESENCE") in met
        for hit, scenario in met.values():
            assert scenario.options[:2] == (0, 1)
            assert shows(pair.run(scenario), hit)
