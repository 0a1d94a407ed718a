# SPDX-License-Identifier: GPL-2.0-or-later
"""The campaign itself: targets one by one, each reviewed by the line of any review, its code run by a pool.

A few series ahead of what runs are read, cut and waited for; what is done goes to the file at once and out of memory.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field, replace

from reviewer.building.pair import reachable
from reviewer.cluster.asked import Asked, Target, sources, targets
from reviewer.cluster.hands import Sent
from reviewer.cluster.pool import Asking
from reviewer.cluster.standing import standing
from reviewer.cluster.store import HaltError
from reviewer.errors import ReviewError
from reviewer.model import Review, Series
from reviewer.pipeline import review
from reviewer.trees.choice import choose_tree
from reviewer.trees.overlays import KernelTree, apply_series, open_tree

_AHEAD = 2  # series beyond those that keep the workers busy
_PAIRS = 16  # of a patch, under way at a time


@dataclass
class Tally:
    """How far a campaign is. known: targets that were read so far; left: sources that were not."""

    known: int = 0
    left: int = 0
    done: int = 0
    skipped: int = 0
    functions: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, *, known: int = 0, left: int = 0, done: int = 0, skipped: int = 0, functions: int = 0) -> None:
        """Count."""
        with self.lock:
            self.known, self.left, self.done = self.known + known, self.left + left, self.done + done
            self.skipped, self.functions = self.skipped + skipped, self.functions + functions


def campaign(asked: Asked, ask: Asking, tally: Tally) -> None:
    """Review all targets that have no result yet. HaltError when it cannot go on."""
    window = ask.pool.width + _AHEAD
    room = threading.Semaphore(window)
    with ExitStack() as stack, ThreadPoolExecutor(window) as pool:
        each = _Each(asked, ask, tally, stack)
        under_way: set[Future[None]] = set()
        try:
            for target in _targets(asked, tally):
                room.acquire()
                for future in [f for f in under_way if f.done()]:
                    under_way.remove(future)
                    future.result()
                future = pool.submit(each, target)
                future.add_done_callback(lambda _: room.release())
                under_way.add(future)
            for future in under_way:
                future.result()
        except BaseException:
            ask.stop.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _targets(asked: Asked, tally: Tally) -> Iterator[Target]:
    names = sources(asked.sources)
    tally.add(known=len(asked.entries), left=len(names))
    for name in asked.entries:
        yield Target(f"{name}()", entry=name)
    for source in names:
        found = list(targets(source))
        tally.add(known=len(found), left=-1)
        yield from found


class _Each:
    """Reviews one target; trees are opened once."""

    def __init__(self, asked: Asked, ask: Asking, tally: Tally, stack: ExitStack) -> None:
        self._asked, self._ask, self._tally, self._stack = asked, ask, tally, stack
        self._trees: dict[str, KernelTree] = {}
        self._opening = threading.Lock()
        self._settings = replace(asked.settings, seed=asked.seeds[0], jobs=_PAIRS)

    def __call__(self, target: Target) -> None:
        store = self._ask.store
        try:
            with self._opening:
                kernel = self._tree(target.series)
            key = target.key(self._asked, kernel.head)
        except ReviewError as error:
            key, kernel, target = target.key(self._asked, ""), None, replace(target, failed=str(error))
        if store.has(key):
            return self._tally.add(done=1, skipped=1)
        try:
            if kernel is None or target.failed:
                store.failed(key, target.name, target.failed)
            else:
                done = self._review(target, kernel)
                self._ask.check()  # an error within a review is a reason in it, and this is none
                store.reviewed(key, target.name, _verdict(target, done), done)
                self._tally.add(functions=sum(len(p.functions) for p in done.patches))
        except HaltError:
            raise
        except ReviewError as error:
            store.failed(key, target.name, str(error))
        except Exception as error:  # one series' failure, whatever it is
            self._ask.check()
            store.failed(key, target.name, f"{type(error).__name__}: {error}"[:500])
        reachable.cache_clear()  # it holds the trees of series that are done
        return self._tally.add(done=1)

    def _review(self, target: Target, kernel: KernelTree) -> Review:
        hands = Sent(self._ask, self._asked.seeds)
        if target.series is None:
            return standing(target.entry, kernel, self._settings, hands)
        with kernel.lock:
            trees = apply_series(target.series, kernel, base=self._asked.base)
        return review(target.series, trees, self._settings, hands=hands)

    def _tree(self, series: Series | None) -> KernelTree:
        place = choose_tree(self._asked.tree, series)
        if place not in self._trees:
            self._trees[place] = self._stack.enter_context(open_tree(place))
        return self._trees[place]


def _verdict(target: Target, done: Review) -> str:
    """As of the review; of code that nobody changed, whether it breaks a rule."""
    wrong = target.entry and any(f.kind == "violation" for f in done.findings)
    return "findings" if wrong else done.verdict
