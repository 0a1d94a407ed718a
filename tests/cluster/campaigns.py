# SPDX-License-Identifier: GPL-2.0-or-later
"""Small campaigns on the embedded tree, and what came of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from reviewer.cluster.asked import Asked
from reviewer.cluster.line import Tally, campaign
from reviewer.cluster.pool import Asking, Here, Pool
from reviewer.cluster.store import Store
from reviewer.cluster.units import Answer, Unit
from reviewer.resources import folder
from reviewer.settings import Settings

FLAVOURS = ("x86-64",)
WRONG, CLEAN = "mprotect-folio-head", "mprotect-commit-helper"


def corpus(*names: str) -> tuple[str, ...]:
    return tuple(str(folder("corpus") / name / "series.mbox") for name in names)


def asked(*names: str, seeds: Sequence[int] = (1,), budget: float = 0.05, entries: Sequence[str] = ()) -> Asked:
    tree = str(folder("corpus") / "tree")
    settings = Settings(budget=budget, flavours=FLAVOURS)
    return Asked(corpus(*names), tuple(entries), tree, "", tuple(seeds), settings)


class Counting:
    """A pool that counts what it is asked, and may do something first."""

    def __init__(self, pool: Pool | None = None) -> None:
        self.pool = pool or Here()
        self.stop = self.pool.stop
        self.units: list[Unit] = []

    @property
    def width(self) -> int:
        return self.pool.width

    def run(self, unit: Unit, key: str) -> tuple[Answer, float]:
        self.units.append(unit)
        self.first(len(self.units))
        return self.pool.run(unit, key)

    def first(self, number: int) -> None:
        """Before the unit of that number, from 1."""


def ran(path: Path, what: Asked, pool: Pool | None = None) -> dict[str, Any]:
    """Run a campaign; then the reviews of its series, by name."""
    with Store(str(path)) as store:
        campaign(what, Asking(pool or Here(), store), Tally())
    return reviews(path)


def reviews(path: Path) -> dict[str, Any]:
    with Store(str(path), write=False) as store:
        rows = store.rows("SELECT key, name FROM series")
        return {row["name"]: json.loads(store.document(row["key"]) or "null") for row in rows}
