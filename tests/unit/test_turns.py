# SPDX-License-Identifier: GPL-2.0-or-later
"""Patches that are under way at once are told of in their order, and nothing of them is lost or told twice."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest

from reviewer.model import Finding, Message, Patch, PatchReview
from reviewer.running.turns import Turns

_MAIL = Message("", "", (), "", (), (), "", "", "", b"", "")


class Heard:
    """All that is told, in the order in which it comes."""

    def __init__(self) -> None:
        self.all: list[str] = []

    def begins(self, patch: Patch, total: int) -> None:
        self.all.append(f"begins {patch.index}/{total}")

    def stage(self, text: str) -> None:
        self.all.append(text)

    def ran(self, part: float, scenarios: int) -> None:
        self.all.append(f"{part} {scenarios}")

    def ends(self, patch: PatchReview, found: Sequence[Finding]) -> None:
        self.all.append(f"ends {patch.index}" + "".join(f.id for f in found))


def _whole(number: int) -> list[str]:
    return [f"begins {number}/3", f"{number} runs", f"0.5 {number}", f"ends {number}"]


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 2, 1), (2, 3, 1), (2, 1, 3)])
def test_whoever_ends_first(order: tuple[int, ...]) -> None:
    heard = Heard()
    turns = Turns(heard)
    mine = {number: turns.next() for number in (1, 2, 3)}
    for number in order:
        mine[number].begins(Patch(number, "", _MAIL), 3)
        mine[number].stage(f"{number} runs")
    for number in order:
        mine[number].ran(0.5, number)
        mine[number].ends(PatchReview(number, "", "", ()), [])
    assert heard.all == _whole(1) + _whole(2) + _whole(3)


def test_a_turn_that_is_taken_when_all_before_it_are_over() -> None:
    heard = Heard()
    turns = Turns(heard)
    turns.next().ends(PatchReview(1, "", "", ()), [])
    turns.next().stage("at once")
    assert heard.all == ["ends 1", "at once"]


def test_the_first_is_heard_while_it_runs() -> None:
    heard = Heard()
    turns = Turns(heard)
    first, second = turns.next(), turns.next()
    second.stage("2 runs")
    first.stage("1 runs")
    assert heard.all == ["1 runs"]


def test_from_many_threads() -> None:
    heard = Heard()
    turns = Turns(heard)

    def tell(number: int) -> None:
        for part in range(50):
            mine[number].ran(float(part), number)
        mine[number].ends(PatchReview(number, "", "", ()), [])

    mine = [turns.next() for _ in range(8)]
    threads = [threading.Thread(target=tell, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wanted = [[*(f"{float(part)} {number}" for part in range(50)), f"ends {number}"] for number in range(8)]
    assert heard.all == [line for lines in wanted for line in lines]
