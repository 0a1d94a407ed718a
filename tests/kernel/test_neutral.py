# SPDX-License-Identifier: GPL-2.0-or-later
"""Statements that people add every day simply run: they hide no bug, they need no repair, and they are no bug."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from oracle.entries import Entry, entry
from oracle.runner import Runner
from reviewer.building.objects import compiled
from reviewer.building.pair import build, slice_of
from reviewer.model import Message, Patch, PatchTrees, Review, Series, SeriesTrees, Tree
from reviewer.pipeline import Settings, review
from reviewer.trees.kernel import KernelTree
from reviewer.trees.overlays import Overlay

from .conftest import WHOLE
from .editing import edited

pytestmark = pytest.mark.kernel
_ALL: dict[str, list[dict[str, Any]]] = tomllib.loads(Path(__file__).with_name("neutral.toml").read_text("utf-8"))
_STATEMENTS = _ALL["statement"]
_BUGS: list[dict[str, Any]] = [
    {
        "name": "AnonExclusive of the first page",
        "file": "mm/mprotect.c",
        "function": "commit_anon_folio_batch",
        "pattern": r"PageAnonExclusive\(first_page \+ sub_batch_idx\)",
        "with": "PageAnonExclusive(first_page)",
        "rule": "E4",
        "entry": "change_pte_range",
        "before": r"(?=while \(nr_ptes\))",
        "scope": {"n": "nr_ptes", "vma": "vma", "addr": "addr", "ptep": "ptep"},
    },
    {
        "name": "batches across the write bit",
        "file": "mm/mremap.c",
        "function": "mremap_folio_pte_batch",
        "pattern": "FPB_RESPECT_WRITE",
        "with": "0",
        "rule": "B5",
        "entry": "move_ptes",
        "before": r"(?=if \(max_nr == 1\))",
        "scope": {"n": "max_nr", "vma": "vma", "addr": "addr", "ptep": "ptep"},
    },
    {
        "name": "swap entries one too many",
        "file": "mm/memory.c",
        "function": "zap_nonpresent_ptes",
        "pattern": r"swap_pte_batch\((\w+), (\w+), (\w+)\)",
        "with": r"swap_pte_batch(\1, \2, \3) + 1",
        "rule": "B1",
        "entry": "zap_pte_range",
        "before": r"(?=\*any_skipped = true)",
        "scope": {"n": "max_nr", "vma": "vma", "addr": "addr", "ptep": "pte"},
    },
]
_FLAVOUR = "arm64-4k"
_SETTINGS = Settings(budget=1.0, flavours=(_FLAVOUR,), jobs=1, smallest=False)
_HEADER = "include/trace/events/kmem.h"
_EVENT = """
TRACE_EVENT(batch_seen,
	TP_PROTO(struct vm_area_struct *vma, unsigned long addr, int nr),
	TP_ARGS(vma, addr, nr),
	TP_STRUCT__entry(
		__field(unsigned long, addr)
		__field(int, nr)
	),
	TP_fast_assign(
		__entry->addr = addr;
		__entry->nr = nr;
	),
	TP_printk("%lx %d", __entry->addr, __entry->nr)
);
"""
_SEEN = {"text": "trace_batch_seen($vma, $addr, $n);", "above": "#include <trace/events/kmem.h>"}
_GROUP = 9
_GROUPS = [_STATEMENTS[i : i + _GROUP] for i in range(0, len(_STATEMENTS), _GROUP)]


def _with(tree: Tree, bug: dict[str, Any], statements: list[dict[str, Any]]) -> Tree:
    """The tree with these statements at the start of the function, each in a block of its own if there are others."""
    texts = [s["text"] for s in statements]
    text = "\n\t".join(f"{{ {t} }}" for t in texts) if len(texts) > 1 else texts[0]
    for name, here in bug["scope"].items():
        text = text.replace(f"${name}", here)
    edit = {**bug, "pattern": bug["before"], "with": text.replace("\\", r"\\") + "\n\t"}
    raw = (edited(tree, edit).read(bug["file"]) or b"").decode()
    at = raw.index("\n", raw.rindex("\n#include ") + 1) + 1
    above = "".join(f"{line}\n" for s in statements for line in s.get("above", "").split("\n") if line)
    lines = "".join(dict.fromkeys(above.splitlines(keepends=True)))
    return Overlay(tree, {bug["file"]: (raw[:at] + lines + raw[at:]).encode()})


def _with_event(tree: Tree) -> Tree:
    """The tree with a tracepoint more."""
    raw = (tree.read(_HEADER) or b"").decode()
    at = raw.rindex("#endif")
    return Overlay(tree, {_HEADER: (raw[:at] + _EVENT + raw[at:]).encode()})


def _reviewed(before: Tree, after: Tree, *files: str) -> Review:
    patch = Patch(1, "an edit", Message("", "", (), "", (), (), "", "an edit", "", b"", ""))
    step = PatchTrees(patch, before, after, files)
    return review(Series("an edit", 1, 1, (patch,)), SeriesTrees("linux", "HEAD", "HEAD", (step,)), _SETTINGS)


def _entry(bug: dict[str, Any]) -> Entry:
    found = entry(bug["entry"])
    assert found is not None
    return found


# CI has each statement beside one of the bugs, and each bug beside some; WHOLE_TESTS=1 each beside each.
_BESIDE = [(bug, g) for n, bug in enumerate(_BUGS) for g in range(len(_GROUPS)) if WHOLE or g % len(_BUGS) == n]


@pytest.mark.parametrize("kernel", ["7.2"], indirect=True)
@pytest.mark.parametrize(("bug", "group"), _BESIDE, ids=lambda b: b["name"] if isinstance(b, dict) else b)
def test_statements_hide_no_bug(kernel: KernelTree, bug: dict[str, Any], group: int) -> None:
    tree = kernel.at(kernel.head)
    done = _reviewed(tree, _with(edited(tree, bug), bug, _GROUPS[group]), bug["file"])
    assert done.verdict == "findings", [p.functions for p in done.patches]
    # Beside the cost of what takes a lock or reads an entry for every PTE.
    found = [f for f in done.findings if f.relation == "introduced" and f.kind == "violation"]
    # What leads is the worst that comes of it, a crash where there is one; the rule is told either way.
    rules = {(name, f.function) for f in found for name in (f.rule, *f.also)}
    assert (bug["rule"], bug["function"]) in rules, [f.summary for f in done.findings]


@pytest.mark.parametrize("kernel", ["7.2"], indirect=True)
@pytest.mark.parametrize("wrong", [False, True])
def test_a_new_tracepoint_with_its_call(kernel: KernelTree, wrong: bool) -> None:
    tree, bug = kernel.at(kernel.head), _BUGS[1]
    after = _with_event(_with(edited(tree, bug) if wrong else tree, bug, [_SEEN]))
    done = _reviewed(tree, after, bug["file"], _HEADER)
    assert [f.rule for f in done.findings] == ([bug["rule"]] if wrong else [])
    assert done.verdict == ("findings" if wrong else "clean")
    told = {f.name: f for f in done.patches[0].functions}
    # Tracing is off in the simulated machine: the call alone is no code, which is the proof that it changes nothing.
    assert (told[bug["function"]].evidence == "same-code") is not wrong
    assert all(f.settled and not f.uncovered for f in told.values())


@pytest.mark.parametrize("kernel", ["7.2"], indirect=True)
@pytest.mark.parametrize("statement", _STATEMENTS, ids=lambda s: s["name"])
def test_a_statement_runs_and_changes_nothing(kernel: KernelTree, statement: dict[str, Any]) -> None:
    tree, bug = kernel.at(kernel.head), _BUGS[1]
    after = _with(tree, bug, [statement])
    _, errors = compiled(slice_of(after, _entry(bug), _FLAVOUR, (bug["function"],)).text, "after")
    assert errors == []
    pair = build(tree, after, _entry(bug), _FLAVOUR, (bug["function"],))
    assert bug["function"] in pair.after.functions
    assert bug["function"] not in {*pair.after.stubs, *pair.after.ends}
    with Runner(pair.program, timeout=60) as runner:
        assert runner.campaign(7, 0, 2_000, thorough=False) == []


@pytest.mark.parametrize("kernel", ["7.2"], indirect=True)
@pytest.mark.parametrize("statement", _ALL["wrong"], ids=lambda s: s["name"])
def test_what_a_statement_must_not_do_is_seen(kernel: KernelTree, statement: dict[str, Any]) -> None:
    tree, bug = kernel.at(kernel.head), _BUGS[1]
    pair = build(tree, _with(tree, bug, [statement]), _entry(bug), _FLAVOUR, (bug["function"],))
    with Runner(pair.program, timeout=60) as runner:
        hits = runner.campaign(7, 0, 2_000, thorough=True)
    assert ("introduced", statement["rule"]) in {(h.relation, h.what) for h in hits}, hits


@pytest.mark.parametrize("kernel", ["7.2"], indirect=True)
@pytest.mark.parametrize("statement", _ALL["refused"], ids=lambda s: s["name"])
def test_what_no_compiler_takes_is_refused(kernel: KernelTree, statement: dict[str, Any]) -> None:
    bug = _BUGS[1]
    after = _with(kernel.at(kernel.head), bug, [statement])
    _, errors = compiled(slice_of(after, _entry(bug), _FLAVOUR, (bug["function"],)).text, "after")
    assert any(statement["error"] in message for _, _, message in errors), errors
