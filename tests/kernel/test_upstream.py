"""Bugs that Linux had, brought back: found, with the upstream fix named; and the fix seen as one."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from reviewer.kernel import KernelTree
from reviewer.model import Message, Patch, PatchTrees, Review, Series, SeriesTrees, Tree
from reviewer.pipeline import Settings, review
from tests.kernel.editing import edited

pytestmark = pytest.mark.kernel
_BUGS = tomllib.loads(Path(__file__).with_name("upstream.toml").read_text("utf-8"))["edit"]
_MESSAGE = Message("", "", (), "", (), (), "", "an edit", "", b"", "")


def _review(before: Tree, after: Tree, bug: dict[str, Any]) -> Review:
    patch = Patch(1, bug["name"], _MESSAGE)
    step = PatchTrees(patch, before, after, (bug["file"],))
    return review(Series(bug["name"], 1, 1, (patch,)), SeriesTrees("linux", "HEAD", "HEAD", (step,)), Settings())


@pytest.mark.parametrize("kernel", ["7.2"], indirect=True)
@pytest.mark.parametrize("bug", _BUGS, ids=lambda b: b["commit"])
def test_an_upstream_bug_is_found_and_its_fix_is_one(kernel: KernelTree, bug: dict[str, Any]) -> None:
    tree = kernel.at(kernel.head)
    broken = edited(tree, bug)
    found = [f for f in _review(tree, broken, bug).findings if f.relation == "introduced"]
    assert [(f.rule, f.function) for f in found[:1]] == [(bug["rule"], bug["function"])], found
    assert any(bug["commit"] in known for known in found[0].precedents), found[0].precedents
    mended = _review(broken, tree, bug)
    assert mended.verdict == "clean", mended.findings
    assert "fixed" in {f.relation for f in mended.findings}
