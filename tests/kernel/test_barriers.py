# SPDX-License-Identifier: GPL-2.0-or-later
"""Barriers of real functions that are dropped, weakened or moved: a change of behaviour that names them."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from reviewer.report.status import exit_status
from reviewer.trees.kernel import KernelTree

from .editing import reviewed

pytestmark = pytest.mark.kernel
_EDITS = tomllib.loads(Path(__file__).with_name("barriers.toml").read_text("utf-8"))["edit"]


@pytest.mark.parametrize("kernel", ["7.2"], indirect=True)
@pytest.mark.parametrize("edit", _EDITS, ids=lambda e: e["name"])
def test_a_barrier_that_no_longer_runs_is_told(kernel: KernelTree, edit: dict[str, Any]) -> None:
    done = reviewed(kernel.at(kernel.head), [edit])
    (finding,) = [f for f in done.findings if f.relation == "introduced"]
    assert (finding.rule, finding.kind, finding.function) == ("X6", "behaviour", edit["function"])
    assert f"no longer runs {edit['lost']}" in finding.summary
    assert (exit_status(done), exit_status(done, "difference")) == (0, 1)
