# SPDX-License-Identifier: GPL-2.0-or-later
"""A pair is run as long as it brings what is new; all of its budget where a state is rare, or a line is not reached."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest

from oracle import campaign
from oracle.entries import entry
from oracle.reference.walkers.kernel import Kernel
from oracle.runner import Hit, Runner
from oracle.spending import Asked, Spending
from oracle.task import Targets, Task
from reviewer.building.pair import Pair, build
from reviewer.resources import folder
from reviewer.trees.kernel import open_tree
from reviewer.trees.overlays import Overlay

COUNT = 100_000
LEAST = 50_000
REAL = 80_000  # of a pair that is run
MREMAP = "mm/mremap.c"
KEPT = "pte = move_soft_dirty_pte(pte);"
AFTER: Asked = ((frozenset({7}), True),)


def spent(count: int, chunks: Sequence[tuple[int, tuple[Hit, ...], frozenset[int]]], asked: Asked = AFTER) -> Spending:
    """After chunks of so many scenarios, each with all kinds of hits and probes after the patch until then."""
    made = Spending(count, asked)
    for scenarios, hits, after in chunks:
        made.add(scenarios, hits, (frozenset(), after))
    return made


FEW, ALL = frozenset({7}), frozenset({7, 8})
HIT = Hit("introduced", "B5", 1, (0,))
ALLOWED = Hit("allowed", "YOUNG", 1, (0,))


def test_what_is_settled_at_once_takes_the_least() -> None:
    assert not spent(COUNT, [(LEAST - 1, (), ALL)]).enough
    assert spent(COUNT, [(500, (), ALL), (LEAST - 500, (), ALL)]).enough


def test_it_is_asked_at_the_least() -> None:
    assert [spent(COUNT, [(n, (), ALL)]).ahead for n in (500, LEAST - 600, LEAST, 2 * LEAST)] == [
        500, 600, LEAST, 2 * LEAST,
    ]  # fmt: skip


def test_a_larger_budget_runs_more() -> None:
    ran = [(500, (), ALL), (LEAST, (), ALL)]
    assert spent(COUNT, ran).enough
    assert not spent(10 * COUNT, ran).enough
    assert spent(10 * COUNT, [*ran, (10 * COUNT // 2, (), ALL)]).enough


def test_a_pair_of_few_scenarios_runs_them_all() -> None:
    assert not spent(LEAST - 1000, [(500, (), ALL), (LEAST - 1500, (), ALL)]).enough


@pytest.mark.parametrize(("late", "is_news"), [(((), ALL), True), (((HIT,), FEW), True), (((ALLOWED,), FEW), False)])
def test_what_comes_late_is_rare(late: tuple[tuple[Hit, ...], frozenset[int]], is_news: bool) -> None:
    """What any patch may bring is no news: it ends nowhere."""
    ran = [(500, (), FEW), (COUNT // 2, (), FEW), (500, *late)]
    assert spent(COUNT, ran).enough is not is_news
    assert spent(COUNT, [*ran, (COUNT // 2 + 1000, *late)]).enough


@pytest.mark.parametrize(
    ("asked", "enough"),
    [
        ((), False),  # nothing that a claim would rest on
        (((frozenset({9}), True),), False),
        (((frozenset({7}), False),), False),  # of the other side
        (((frozenset({7}), True), (frozenset({9}), True)), False),
        (((frozenset({7, 9}), True),), True),
    ],
)
def test_a_line_that_is_not_reached_takes_all(asked: Asked, enough: bool) -> None:
    assert spent(COUNT, [(500, (), ALL), (COUNT - 500, (), ALL)], asked).enough is enough


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    """A move that loses soft-dirty, as is seen at once."""
    known = entry("move_ptes")
    assert known is not None
    with open_tree(folder("corpus") / "tree") as kernel:
        tree = kernel.at(kernel.head)
        text = (tree.read(MREMAP) or b"").decode()
        assert text.count(KEPT) == 1
        wrong = Overlay(tree, {MREMAP: text.replace(KEPT, "").encode()})
        yield build(tree, wrong, known, "x86-64", ("move_ptes",))


def test_what_is_found_is_found_for_less(pair: Pair) -> None:
    whole = Task(pair.program, "move_ptes", Kernel(), 1, REAL)
    every = campaign.run(whole)
    told: list[float] = []
    asked = tuple((frozenset({probe}), True) for probe in sorted(every.after))
    early = campaign.run(replace(whole, targets=Targets(asked=asked)), told.append)
    assert every.scenarios - early.scenarios >= REAL - LEAST - 20_000  # a whole chunk
    assert sum(told) == pytest.approx((REAL - every.scenarios + early.scenarios) / REAL)
    assert early.after == every.after
    assert [(f.judgement.rule, f.scenario, f.rules) for f in early.faults] == [
        (f.judgement.rule, f.scenario, f.rules) for f in every.faults
    ]
    assert early.faults
    unreached = Targets(asked=((frozenset({max(every.after) + 1}), True),))
    assert campaign.run(replace(whole, targets=unreached)) == every


@pytest.mark.parametrize(("quiet", "tried"), [(0, []), (700, [(500, 1_000)])])
def test_what_shows_something_is_run_in_whole_chunks(
    pair: Pair, monkeypatch: pytest.MonkeyPatch, quiet: int, tried: list[tuple[int, int]]
) -> None:
    """Which hits are kept does not depend on how soon it was asked whether it is enough."""
    run = Runner.campaign
    ran: list[tuple[int, int]] = []

    def late(self: Runner, seed: int, first: int, count: int, thorough: bool = False) -> list[Hit]:
        ran.append((first, first + count))
        hits = run(self, seed, first, count, thorough)
        return hits if first + count > quiet else []

    monkeypatch.setattr(Runner, "campaign", late)
    asked = Targets(asked=((frozenset(range(100)), True),))
    campaign.run(Task(pair.program, "move_ptes", Kernel(), 1, REAL, targets=asked, smallest=False))
    assert ran == [(0, 500), *tried, (500, 20_500), (20_500, 40_000), (40_000, 60_000)]
