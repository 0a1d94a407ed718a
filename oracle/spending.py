# SPDX-License-Identifier: GPL-2.0-or-later
"""How much of its budget a pair is run for: until nothing new comes any more, and as long again, some times over.

How rare the state is in which a fault shows nobody knows beforehand. What is known is how rare the states are that the
code comes to: a statement, or a kind of hit, that first came after n scenarios has come some times after some times n.
Where something comes late the pair has states that are rare, and takes what it was given. It does so, too, where not
all that is asked of it was reached, and where nothing is asked. All this is counted, so that the same input is run for
the same scenarios anywhere. docs/performance.md has what findings needed.
"""

from __future__ import annotations

from collections.abc import Collection

from oracle.runner import Hit

# What is run at least: so many scenarios, and one for so many of the budget, which so means something to every pair.
# Code of a line or two is soon covered, and may go wrong in one of 44,000 scenarios all the same; and where something
# shows, a finding may be named after what comes of the same cause on rarer states.
_LEAST = 50_000, 2
_TIMES = 2  # as many as it took to the end of the chunk in which the last new thing came
# What any patch may bring comes in ever new ways, none of which is a finding.
_NO_NEWS = frozenset(("allowed", "drift"))
Asked = tuple[tuple[frozenset[int], bool], ...]


def telling(hits: Collection[Hit]) -> int:
    """How many kinds of hits may come to a finding."""
    return sum(hit.relation not in _NO_NEWS for hit in hits)


class Spending:
    """What a campaign has come to so far. asked: for each line that has to be reached the probes that stand for it, and
    whether they are of the side after the patch."""

    def __init__(self, count: int, asked: Asked) -> None:
        self.count = count
        self.asked = asked
        self.done = self.last = 0
        self._seen: tuple[int, ...] = (0, 0, 0)  # kinds of hits, and probes before and after
        self._covered = False

    def add(self, scenarios: int, hits: Collection[Hit], reached: tuple[frozenset[int], frozenset[int]]) -> None:
        """So many more were run. hits: all kinds met; reached: all probes reached, before and after."""
        self.done += scenarios
        seen = (telling(hits), *map(len, reached))
        if seen != self._seen:
            self.last, self._seen = self.done, seen
        self._covered = all(not probes.isdisjoint(reached[after]) for probes, after in self.asked)

    @property
    def shown(self) -> bool:
        """Whether anything came that may be a finding."""
        return self._seen[0] > 0

    @property
    def least(self) -> int:
        """What is run at least."""
        scenarios, part = _LEAST
        return max(scenarios, self.count // part)

    @property
    def ahead(self) -> int:
        """After how many more to ask again whether it is enough: as many as were run, but for the least there is."""
        left = self.least - self.done
        return min(self.done, left) if left > 0 else self.done

    @property
    def enough(self) -> bool:
        """Whether more of the same is not worth its time."""
        settled = bool(self.asked) and self._covered
        return settled and self.done >= max(self.least, _TIMES * self.last)
