# SPDX-License-Identifier: GPL-2.0-or-later
"""What a test run makes once, whichever of its workers comes to it first."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from pathlib import Path

import pytest


def once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """The folder of that name, filled by make: in this process, or in another worker that had the name before.

    What make raises is raised to each worker that asks, since each then tries again."""
    base = factory.getbasetemp()
    place = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / name
    with place.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = place.with_suffix(".done")
        if not done.exists():
            place.mkdir(exist_ok=True)
            make(place)
            done.touch()
    return place
