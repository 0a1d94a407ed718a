# SPDX-License-Identifier: GPL-2.0-or-later
"""How a review is asked for."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field

from oracle.flavours import DEFAULT


@dataclass(frozen=True)
class Settings:
    """budget: seconds of campaign, all pairs together. only, ignore: rule ids. flavours: empty for the usual ones, and
    for those beside them that a change is for.
    smallest: whether the scenario of a finding is shrunk; without, whether there is one is known sooner."""

    budget: float = 2.0
    seed: int = 1
    flavours: tuple[str, ...] = ()
    only: frozenset[str] = frozenset()
    ignore: frozenset[str] = frozenset()
    jobs: int = field(default_factory=lambda: os.cpu_count() or 1)
    smallest: bool = True

    def runs_on(self, also: Iterable[str] = ()) -> tuple[str, ...]:
        """The flavours that a change runs on: those asked for, else the usual ones and those that it is for (also)."""
        return self.flavours or (*DEFAULT, *also)

    def wants(self, rule: str) -> bool:
        """Whether findings of that rule are asked for."""
        return (not self.only or rule in self.only) and rule not in self.ignore

    def told(self) -> str:
        """All that the results depend on, as text."""
        chosen = (self.flavours, sorted(self.only), sorted(self.ignore))
        return repr((self.budget, self.seed, *chosen))
