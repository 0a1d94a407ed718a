# SPDX-License-Identifier: GPL-2.0-or-later
"""Where chance does not come, changes of one thing at a time do; and what is met there is a finding like any other."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from oracle import campaign
from oracle.entries import ENTRIES, entry
from oracle.judge import shows
from oracle.reference.walkers.kernel import Kernel
from oracle.runner import Runner
from oracle.task import Targets, Task
from reviewer.building.pair import Pair, build
from reviewer.model import Tree
from reviewer.resources import folder
from reviewer.trees.kernel import open_tree
from reviewer.trees.overlays import Overlay

MREMAP = "mm/mremap.c"
PLACE = "\tfor (; old_addr < old_end; old_ptep++,"
# Four things that have to meet, each of which can be told to be there.
DEEP = """\tif (pmc->need_rmap_locks)
\t\tif (extent == 5 * PAGE_SIZE)
\t\t\tif ((new_addr >> PAGE_SHIFT) % 512 < 16)
\t\t\t\tif (pte_young(ptep_get(old_ptep + 3)) && pte_soft_dirty(ptep_get(old_ptep + 4)) && old_addr & PAGE_SIZE)
\t\t\t\t\told_addr += PAGE_SIZE;
"""
COUNT = 20_000


@pytest.fixture(scope="module")
def tree() -> Iterator[Tree]:
    with open_tree(folder("corpus") / "tree") as kernel:
        yield kernel.at(kernel.head)


@pytest.fixture(scope="module")
def pair(tree: Tree) -> Pair:
    known = entry("move_ptes")
    assert known is not None
    text = (tree.read(MREMAP) or b"").decode()
    assert text.count(PLACE) == 1
    wrong = Overlay(tree, {MREMAP: text.replace(PLACE, f"{DEEP}{PLACE}").encode()})
    return build(tree, wrong, known, "x86-64", ("move_ptes",))


def innermost(pair: Pair) -> int:
    """The probe of the statement that all four conditions lead to."""
    item = pair.after.functions["move_ptes"]
    line = item.line + item.text.splitlines().index("\t\t\t\t\told_addr += PAGE_SIZE;")
    return next(i for i, p in enumerate(pair.after.probes) if p.function == "move_ptes" and p.first == line == p.last)


def task(pair: Pair, wanted: frozenset[int]) -> Task:
    mine = [i for i, p in enumerate(pair.after.probes) if p.function == "move_ptes"]
    targets = Targets(wanted, range(min(mine), max(mine) + 1))
    return Task(pair.program, "move_ptes", Kernel(), 1, COUNT, targets=targets)


def test_steering_gets_where_chance_does_not(pair: Pair) -> None:
    wanted = innermost(pair)
    by_chance = campaign.run(task(pair, frozenset()))
    assert (by_chance.scenarios, by_chance.faults) == (COUNT, ())
    assert wanted not in by_chance.after
    steered = campaign.run(task(pair, frozenset({wanted})))
    assert wanted in steered.after
    assert by_chance.before <= steered.before | by_chance.before
    assert COUNT // 2 < steered.scenarios <= COUNT // 2 + COUNT // 8
    assert {f.judgement.relation for f in steered.faults} == {"introduced"}
    with Runner(pair.program) as runner:
        for fault in steered.faults:
            assert shows(runner.run(fault.scenario), fault.judgement.hit)


def test_the_same_seed_goes_the_same_way(pair: Pair) -> None:
    wanted = frozenset({innermost(pair)})
    assert campaign.run(task(pair, wanted)) == campaign.run(task(pair, wanted))


def test_what_is_reached_needs_no_steering(pair: Pair) -> None:
    everywhere = campaign.run(task(pair, frozenset())).after
    assert campaign.run(task(pair, everywhere)) == campaign.run(task(pair, frozenset()))


@pytest.mark.parametrize("flavour", ["x86-64", "arm64-4k"])
@pytest.mark.parametrize("name", ["move_ptes", "change_pte_range", "zap_pte_range", "try_to_unmap_one"])
def test_unchanged_code_is_silent_near_what_chance_made(tree: Tree, name: str, flavour: str) -> None:
    """What is made by changing one thing is what a kernel can be in, as the rules of valid.c have it."""
    known = next(e for e in ENTRIES if e.name == name)
    with Runner(build(tree, tree, known, flavour).program) as runner:
        ran, hits, first = runner.steer(3, 2_000, 8_000, range(8192))
        assert ran > 7_000
        assert (hits, first) == ([], {})
