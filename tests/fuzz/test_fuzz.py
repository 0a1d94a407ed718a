# SPDX-License-Identifier: GPL-2.0-or-later
"""Every target: the inputs that once broke it, and for a moment new ones. A long run is `python -m tests.fuzz`."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from .mutations import inputs
from .targets import CORPUS, TARGETS, seeds
from .trial import Trial

_SECONDS, _LEAST = 1.0, 20  # for each target
_KEPT = [(path.parent.name, path) for path in sorted(CORPUS.glob("*/*"))]
_KEPT += [("changed", path) for name, path in _KEPT if name == "source"]


@pytest.mark.parametrize(("name", "path"), _KEPT, ids=[f"{name}-{path.name}" for name, path in _KEPT])
def test_what_broke_it_once_does_not_again(name: str, path: Path) -> None:
    Trial(TARGETS[name])(path.read_bytes())


@pytest.mark.parametrize("name", sorted(TARGETS))
def test_nothing_but_our_own_errors_leaves(name: str) -> None:
    trial = Trial(TARGETS[name])
    end = time.monotonic() + _SECONDS

    # The same inputs every time; how many of them depends on the machine.
    @settings(
        max_examples=300, deadline=None, derandomize=True, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(inputs(seeds(name)))
    def run(data: bytes) -> None:
        if trial.count < _LEAST or time.monotonic() < end:
            trial(data)

    run()
    assert trial.count >= _LEAST
