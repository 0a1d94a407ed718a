"""Wrong edits of real functions are found with their rule; edits that preserve behaviour stay silent."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from reviewer.csource import blank_attributes, items_of
from reviewer.kernel import KernelTree
from reviewer.model import Message, Patch, PatchTrees, Review, Series, SeriesTrees, Tree
from reviewer.pipeline import Settings, review
from reviewer.trees import Overlay

pytestmark = pytest.mark.kernel
_EDITS = tomllib.loads(Path(__file__).with_name("edits.toml").read_text("utf-8"))["edit"]
_MESSAGE = Message("", "", (), "", (), (), "", "an edit", "", b"", "")


def edited(tree: Tree, edit: dict[str, Any]) -> Tree:
    """The tree with the edit made in its function."""
    raw = tree.read(edit["file"])
    assert raw is not None
    # Conditionals are left as they are: the first definition of the name is the one meant.
    items = [
        i for i, _ in items_of(edit["file"], blank_attributes(re.sub(rb"(?m)^#[ \t]*(if|el|endif).*$", _blank, raw)))
    ]
    item = next(i for i in items if i.kind == "function" and i.name == edit["function"])
    lines = raw.decode().split("\n")
    body = "\n".join(lines[item.line - 1 : item.last_line])
    found = len(re.findall(edit["pattern"], body))
    assert found == 1 or (found and edit.get("all")), f"{edit['name']}: {found} matches"
    lines[item.line - 1 : item.last_line] = re.sub(edit["pattern"], edit["with"], body).split("\n")
    return Overlay(tree, {edit["file"]: "\n".join(lines).encode()})


def _blank(match: re.Match[bytes]) -> bytes:
    return b" " * len(match.group(0))


def reviewed(tree: Tree, edit: dict[str, Any]) -> Review:
    patch = Patch(1, edit["name"], _MESSAGE)
    step = PatchTrees(patch, tree, edited(tree, edit), (edit["file"],))
    series = Series(edit["name"], 1, 1, (patch,))
    return review(series, SeriesTrees("linux", "HEAD", "HEAD", (step,)), Settings(budget=1.5))


@pytest.mark.parametrize("kernel", ["7.2"], indirect=True)
@pytest.mark.parametrize("edit", [e for e in _EDITS if "rule" in e], ids=lambda e: e["name"])
def test_a_wrong_edit_is_found(kernel: KernelTree, edit: dict[str, Any]) -> None:
    done = reviewed(kernel.at(kernel.head), edit)
    found = [f for f in done.findings if f.relation == "introduced"]
    assert found, [p.functions for p in done.patches]
    assert (found[0].rule, list(found[0].flavours)) == (edit["rule"], edit["flavours"]), [f.summary for f in found]
    assert found[0].function == edit["function"]


@pytest.mark.parametrize("kernel", ["7.2"], indirect=True)
@pytest.mark.parametrize("edit", [e for e in _EDITS if "rule" not in e], ids=lambda e: e["name"])
def test_an_edit_that_preserves_behaviour_is_silent(kernel: KernelTree, edit: dict[str, Any]) -> None:
    done = reviewed(kernel.at(kernel.head), edit)
    # What unpatched kernels show, docs/kernel-findings.md, they show with the edit too.
    assert [(f.rule, f.summary) for f in done.findings if f.relation != "preexisting"] == []
    functions = [f for p in done.patches for f in p.functions]
    assert functions
    assert all(f.status == "exercised" for f in functions), functions
