# SPDX-License-Identifier: GPL-2.0-or-later
"""Inputs reviewed round after round, by one checkout or by two in turn; of the rounds the median is kept.

States of the cache: new, where it holds what a review of another patch left; unchanged, where it holds this one's, too;
empty.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from reviewer.model import Tree
from reviewer.trees.kernel import open_tree
from tests.bench.inputs import Input, UnfitError, mbox
from tests.bench.one import Cost, FailedError, Said, Setup, review


@dataclass(frozen=True)
class Row:
    """What an input took in a state of the cache. odd: what was not the same in each round."""

    input: str
    state: str
    cost: Cost
    said: Said
    odd: tuple[str, ...] = ()


@dataclass
class Bench:
    """setups: of this checkout, and of the one beside it; both review the same mails. place: a folder to work in.
    failed: why an input has no rows."""

    setups: Sequence[Setup]
    place: Path
    left: dict[Setup, Path] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)

    def mails(self, inputs: Sequence[Input], primers: Sequence[Input]) -> list[Input]:
        """Write the inputs as mails, name those that do not fit, and warm the caches. Returns those that fit, of each
        name one."""
        with open_tree(self.setups[0].tree) as kernel:
            tree = kernel.at(kernel.head)
            fit = [self._first(tree, [one for one in inputs if one.name == name]) for name in _names(inputs)]
            primer = self._first(tree, primers)
        for number, setup in enumerate(self.setups):
            self.left[setup] = self.place / f"left-{number}"
            self.left[setup].mkdir()
            if primer is not None:
                _say(f"another patch first, with {setup.checkout.name}")
                review(setup, self._mbox(primer), self.left[setup])
        return [one for one in fit if one is not None]

    def measured(self, inputs: Sequence[Input], rounds: int) -> list[list[Row]]:
        """The rows of each setup, in the order of inputs and their states."""
        came: dict[tuple[Setup, str, str], list[tuple[Cost, Said]]] = {}
        for number in range(rounds):
            for one in (one for one in inputs if one.name not in self.failed):
                for setup in self.setups if number % 2 == 0 else self.setups[::-1]:
                    _say(f"round {number + 1} of {rounds}: {one.name}, with {setup.checkout.name}")
                    try:
                        for state, cost, said in self._once(one, setup):
                            came.setdefault((setup, one.name, state), []).append((cost, said))
                    except FailedError as error:
                        self.failed[one.name] = str(error)
        keys = [(one.name, state) for one in inputs if one.name not in self.failed for state in one.states]
        return [[_row(name, state, came[setup, name, state]) for name, state in keys] for setup in self.setups]

    def _once(self, one: Input, setup: Setup) -> Iterator[tuple[str, Cost, Said]]:
        if "empty" in one.states:
            with _cache() as cache:
                yield "empty", *review(setup, self._mbox(one), cache)
        with _cache(self.left[setup]) as cache:
            for state in ("new", "unchanged"):
                if state in one.states:
                    yield state, *review(setup, self._mbox(one), cache)

    def _mbox(self, one: Input) -> Path:
        return self.place / f"{one.name}.mbox"

    def _first(self, tree: Tree, alike: Sequence[Input]) -> Input | None:
        """The first that fits a tree, written as mails; where none does, say why."""
        why = ""
        for one in alike:
            try:
                self._mbox(one).write_bytes(mbox(tree, one))
                return one
            except UnfitError as error:
                why = why or f"{one.name} is left out: {error}"
        _say(why)
        return None


def _names(inputs: Sequence[Input]) -> list[str]:
    return list(dict.fromkeys(one.name for one in inputs))


@contextmanager
def _cache(like: Path | None = None) -> Iterator[Path]:
    with TemporaryDirectory(prefix="bench-cache-", ignore_cleanup_errors=True) as place:
        if like is not None:
            shutil.copytree(like, place, dirs_exist_ok=True)
        yield Path(place)


def _row(name: str, state: str, rounds: Sequence[tuple[Cost, Said]]) -> Row:
    costs, said = [cost for cost, _ in rounds], rounds[0][1]
    odd = [f"{what} {', '.join(map(str, sorted(seen)))}" for what, seen in _seen(costs).items() if len(seen) > 1]
    odd += ["what was said"] if any(other != said for _, other in rounds) else []
    return Row(name, state, middle(costs), said, tuple(odd))


def middle(costs: Sequence[Cost]) -> Cost:
    """The median of each figure by itself; of counts the lower one, so that it is one that was counted."""
    times = {what: median(getattr(cost, what) for cost in costs) for what in ("python", "compilers", "runners")}
    counts = {what: sorted(cost.counts[what] for cost in costs)[(len(costs) - 1) // 2] for what in costs[0].counts}
    wall, peak = median(cost.wall for cost in costs), median(cost.peak for cost in costs)
    return replace(costs[0], **times, wall=wall, peak=peak, counts=counts)


def _seen(costs: Sequence[Cost]) -> Mapping[str, set[int]]:
    return {what: {cost.counts[what] for cost in costs} for what in costs[0].counts}


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
