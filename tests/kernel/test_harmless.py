# SPDX-License-Identifier: GPL-2.0-or-later
"""Changes of the kinds that people send every day, and that alter nothing, are CLEAN: harmless.toml."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from reviewer.pipeline import Settings
from reviewer.trees.kernel import KernelTree

from .editing import moved, of_steps, reviewed

pytestmark = pytest.mark.kernel
_CHANGES = tomllib.loads(Path(__file__).with_name("harmless.toml").read_text("utf-8"))["change"]
_SETTINGS = Settings(budget=1.0)


@pytest.mark.parametrize("kernel", ["7.2"], indirect=True)
@pytest.mark.parametrize("change", _CHANGES, ids=lambda c: c["name"])
def test_a_harmless_change_is_clean(kernel: KernelTree, change: dict[str, Any]) -> None:
    tree = kernel.at(kernel.head)
    if "move" in change:
        way = change["move"]
        after = moved(tree, way["function"], way["from"], way["to"], way["declare"])
        done = of_steps(tree, [(after, tuple(sorted({way["from"], way["to"], way["declare"]})))], _SETTINGS)
    else:
        done = reviewed(tree, *change["patches"], settings=_SETTINGS)
    told = [(f.name, f.status, f.evidence, f.why) for p in done.patches for f in p.functions]
    assert [(f.rule, f.summary) for f in done.findings if f.relation == "introduced"] == []
    assert done.verdict == "clean", told
    assert told
