# SPDX-License-Identifier: GPL-2.0-or-later
"""Bugs that Linux had, brought back: found, with the upstream fix named; and the fix seen as one, not as a fault.

CI brings every other one back and mends those between; WHOLE_TESTS=1 does both with all of them."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from programs import checked

from reviewer.pipeline import Settings
from reviewer.trees.kernel import KernelTree

from .conftest import part
from .editing import edited, of_steps

pytestmark = pytest.mark.kernel
_BUGS = tomllib.loads(Path(__file__).with_name("upstream.toml").read_text("utf-8"))["edit"]
_SETTINGS = Settings(budget=1.0)
_NAMED = [(bug.get("kernel", "7.2"), bug) for bug in _BUGS]


def _each(named: Sequence[tuple[str, dict[str, Any]]]) -> pytest.MarkDecorator:
    ids = [f"{bug['commit']}-{version}" for version, bug in named]
    return pytest.mark.parametrize(("kernel", "bug"), named, indirect=["kernel"], ids=ids)


def test_nearly_all_fixes_are_called_fixes() -> None:
    assert len(_BUGS) >= 30
    assert len({bug["commit"] for bug in _BUGS}) == len(_BUGS)
    assert sum(bug.get("fixed", True) for bug in _BUGS) >= 0.9 * len(_BUGS)


@_each(part(_NAMED, 2))
def test_an_upstream_bug_is_found(kernel: KernelTree, bug: dict[str, Any], tmp_path: Path) -> None:
    tree = kernel.at(kernel.head)
    done = of_steps(tree, [(edited(tree, bug), (bug["file"],))], _SETTINGS)
    found = [f for f in done.findings if f.relation == "introduced" and f.kind in {"violation", "cost"}]
    assert found, done.findings
    assert found[0].function == bug.get("function", found[0].function)
    # Which of the rules that break leads is laid down for the edits (edits.toml); where it is the one that the fix is
    # known for, something like it was seen before.
    assert found[0].rule != bug["rule"] or found[0].precedents
    checked(done.findings, tmp_path)


@_each(part(_NAMED, 2, first=1))
def test_an_upstream_fix_is_one(kernel: KernelTree, bug: dict[str, Any]) -> None:
    tree = kernel.at(kernel.head)
    mended = of_steps(edited(tree, bug), [(tree, (bug["file"],))], _SETTINGS)
    introduced = [f for f in mended.findings if f.relation == "introduced"]
    assert [f for f in introduced if f.kind == "violation"] == []
    assert ("fixed" in {f.relation for f in mended.findings}) == bug.get("fixed", True), mended.findings
