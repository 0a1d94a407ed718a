# SPDX-License-Identifier: GPL-2.0-or-later
"""Wrong edits of real functions are found with their rule; edits that preserve behaviour stay silent.

CI runs every other wrong edit of each rule: a third of them with a neutral line beside it, the others alone;
WHOLE_TESTS=1 all of them both ways."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from reviewer.pipeline import Settings
from reviewer.trees.kernel import KernelTree

from .conftest import WHOLE, others, part
from .editing import edited, reviewed, touched, with_statement

pytestmark = pytest.mark.kernel
_EDITS = tomllib.loads(Path(__file__).with_name("edits.toml").read_text("utf-8"))["edit"]
_WRONG = [e for e in _EDITS if "rule" in e]
_OF_RULES = [[e for e in _WRONG if e["rule"] == rule] for rule in dict.fromkeys(e["rule"] for e in _WRONG)]
_CHOSEN = _WRONG if WHOLE else [e for edits in _OF_RULES for e in edits[::2]]


@pytest.mark.parametrize("kernel", ["7.2"], indirect=True)
@pytest.mark.parametrize("edit", others(_CHOSEN), ids=lambda e: e["name"])
def test_a_wrong_edit_is_found(kernel: KernelTree, edit: dict[str, Any]) -> None:
    tree = kernel.at(kernel.head)
    done = reviewed(tree, [edit])
    found = [f for f in done.findings if f.relation == "introduced"]
    assert found, [p.functions for p in done.patches]
    assert (found[0].rule, list(found[0].flavours)) == (edit["rule"], edit["flavours"]), [f.summary for f in found]
    assert (found[0].file, found[0].function) == (edit["file"], edit["function"])
    taken, put = touched(tree, edited(tree, edit), edit["file"])
    # Where lines were only taken away, a finding names one of the file before.
    assert found[0].line in put or found[0].line in taken, (found[0].line, taken, put)


@pytest.mark.parametrize("kernel", ["7.2"], indirect=True)
@pytest.mark.parametrize("edit", [e for e in _EDITS if "rule" not in e], ids=lambda e: e["name"])
def test_an_edit_that_preserves_behaviour_is_silent(kernel: KernelTree, edit: dict[str, Any]) -> None:
    done = reviewed(kernel.at(kernel.head), [edit])
    # What unpatched kernels show, docs/kernel-findings.md, they show with the edit too.
    told = [(f.rule, f.relation, f.summary) for f in done.findings if f.relation != "preexisting"]
    assert [(rule, relation) for rule, relation, _ in told] == [("X4", "fixed")] * edit.get("cheaper", False), told
    functions = [f for p in done.patches for f in p.functions]
    assert functions
    assert all(f.settled for f in functions), functions


@pytest.mark.parametrize("kernel", ["7.2"], indirect=True)
@pytest.mark.parametrize("edit", part(_CHOSEN), ids=lambda e: e["name"])
def test_a_neutral_line_beside_it_hides_nothing_and_is_not_blamed(kernel: KernelTree, edit: dict[str, Any]) -> None:
    line = with_statement(edit, 'pr_warn_ratelimited("x\\n");')
    settings = Settings(budget=1.5, flavours=(edit["flavours"][0],), smallest=False)
    done = reviewed(kernel.at(kernel.head), [edit, line], settings=settings)
    found = [f for f in done.findings if f.relation == "introduced"]
    assert found, [p.functions for p in done.patches]
    assert found[0].function == edit["function"], [f.summary for f in found]
    # On one flavour and with nothing shrunk another of the rules that break may lead.
    assert edit["rule"] in {name for f in found for name in (f.rule, *f.also)}, [f.summary for f in found]
    hunk = found[0].hunk
    if found[0].kind == "cost" or hunk is None or not hunk.mends:
        return
    text = (edited(edited(kernel.at(kernel.head), edit), line).read(hunk.file) or b"").decode().split("\n")
    # Where the edit changes the line below, both are one place.
    assert hunk.removed or not all("pr_warn_ratelimited" in text[n - 1] for n in hunk.lines)


@pytest.mark.parametrize("kernel", ["7.2"], indirect=True)
def test_what_an_adapter_asks_is_laid_on_no_line(kernel: KernelTree) -> None:
    """Nor on an accessor that the patch changes, through which the adapter and the trace look at entries."""
    wrong = next(e for e in _EDITS if e["name"] == "GUP does not fault on hints")
    accessor = with_statement({"file": "arch/x86/include/asm/pgtable.h", "function": "pte_present"}, "(void)a;")
    settings = Settings(budget=1.5, flavours=("x86-64",), smallest=False)
    done = reviewed(kernel.at(kernel.head), [wrong, accessor], settings=settings)
    found = next(f for f in done.findings if f.rule == wrong["rule"])
    assert found.cause == f"{found.rule} breaks by what follow_page_pte() leaves when it returns."
    assert found.traces is not None
    steps = found.traces.after.steps
    assert not any(step.function == "pte_present" or found.rule in step.rules for step in steps), steps
