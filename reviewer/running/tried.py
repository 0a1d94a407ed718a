# SPDX-License-Identifier: GPL-2.0-or-later
"""What came of an entry at one patch: pairs that ran, pairs whose sides are the same code, and why others did not."""

from __future__ import annotations

from dataclasses import dataclass

from oracle.campaign import Result
from oracle.cost import Row
from oracle.reference.walkers.kernel import Kernel
from reviewer.building.identity import Same
from reviewer.building.pair import Pair


@dataclass(frozen=True)
class Ran:
    """A pair with what its campaign and its workloads gave. kernel: what the reference took it for. forced: probes
    after the patch that were reached only with their condition taken for true, and made no difference."""

    pair: Pair
    kernel: Kernel
    result: Result
    counted: tuple[Row, ...] = ()
    forced: frozenset[int] = frozenset()

    @property
    def flavour(self) -> str:
        return self.pair.flavour


@dataclass(frozen=True)
class Tried:
    """An entry at one patch: what ran, what is the same code, or why nothing could be run."""

    ran: tuple[Ran, ...]
    same: tuple[Same, ...]
    why: tuple[tuple[str, str], ...]  # (flavour, reason)
