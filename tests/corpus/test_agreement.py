# SPDX-License-Identifier: GPL-2.0-or-later
"""Flavours agree on what a function does, and where a patch spoils that the one that changed is named."""

from __future__ import annotations

from dataclasses import replace

from test_corpus import CORPUS, applied

from oracle.entries import entry
from oracle.flavour_agreement import Disagreement, compare
from oracle.flavours import DEFAULT
from oracle.runner import Runner
from reviewer.building.pair import build
from reviewer.changes.changed import changes
from reviewer.findings.agreement import agreement_findings
from reviewer.model import Finding, Message, Patch, PatchTrees, Review, Series, SeriesTrees, Tree
from reviewer.pipeline import Settings, review
from reviewer.running.listener import Nobody
from reviewer.running.pairs import run_all
from reviewer.selection.plan import plan
from reviewer.trees.kernel import open_tree
from reviewer.trees.overlays import Overlay

COUNT = 60_000
PATCH = Patch(1, "mprotect counts", Message("", "", (), "", (), (), "", "mprotect counts", "", b"", ""))


def disagreements(step: PatchTrees, name: str) -> list[Disagreement]:
    """Of x86-64 and arm64-4k, over the entry before and after a patch."""
    known = entry(name)
    assert known is not None
    programs = [build(step.before, step.after, known, flavour).program for flavour in DEFAULT]
    with Runner(programs[0]) as x86, Runner(programs[1]) as arm64:
        return compare(dict(zip(DEFAULT, (x86, arm64), strict=True)), 1, COUNT)


def test_they_agree_before_and_after_a_sound_patch() -> None:
    assert disagreements(applied("mremap-batch").patches[0], "move_ptes") == []


def test_the_odd_one_is_named() -> None:
    """Only arm64 batches where the hint decides, so only there a missing flag does harm."""
    found = disagreements(applied("mremap-write-bit-hint").patches[0], "move_ptes")
    assert [(d.odd, d.aspects) for d in found] == [(("arm64-4k",), ("WRITE_GAINED",))]
    assert found[0].count > 1


def returning(tree: Tree, result: str) -> Tree:
    """The tree in which mprotect gives another count of what it did."""
    raw = tree.read("mm/mprotect.c")
    assert raw is not None
    assert raw.count(b"return pages;") == 1
    return Overlay(tree, {"mm/mprotect.c": raw.replace(b"return pages;", f"return {result};".encode())})


def counting(result: str) -> Review:
    """A review of such a change."""
    with open_tree(CORPUS / "tree") as kernel:
        tree = kernel.at(kernel.head)
        step = PatchTrees(PATCH, tree, returning(tree, result), ("mm/mprotect.c",))
        trees = SeriesTrees("corpus", "HEAD", "HEAD", (step,))
        return review(Series(PATCH.subject, 1, 1, (PATCH,)), trees, Settings(budget=0.5))


def by_agreement(before: str, after: str) -> list[Finding]:
    """What the flavours' agreement alone says of a change from one count to another, nothing else having been found."""
    with open_tree(CORPUS / "tree") as kernel:
        tree = kernel.at(kernel.head)
        step = PatchTrees(PATCH, returning(tree, before), returning(tree, after), ("mm/mprotect.c",))
        changed, settings = changes(step), Settings(budget=0.1)
        chosen = plan(step, changed.functions, changed.names)
        tried = run_all(step, changed, chosen, settings, Nobody())["change_pte_range"]
        ran = [replace(one, result=replace(one.result, faults=())) for one in tried.ran]
        same = {s.flavour: s.pair for s in tried.same}
        return agreement_findings(1, changed.functions, ran, same, settings.seed)


def told(done: Review) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(f.rule, f.kind, f.flavours) for f in done.findings if f.relation == "introduced"]


def test_the_same_change_on_both_is_no_disagreement() -> None:
    assert told(counting("pages + 1")) == [("L9", "violation", ("x86-64", "arm64-4k"))]


def test_a_change_on_one_flavour_alone_is_one() -> None:
    """x86-64 compiles to the same code, and is what arm64 is held against."""
    done = counting("pages + IS_ENABLED(CONFIG_ARM64_CONTPTE)")
    assert ("L9", "violation", ("arm64-4k",)) in told(done)
    found = next(f for f in done.findings if f.rule == "L9")
    assert "By the reference" in found.explanation
    assert (found.function, found.scenario["PTEs"]) == ("change_pte_range", 1)


_ARM64 = "IS_ENABLED(CONFIG_ARM64_CONTPTE)"


def test_the_odd_one_is_wrong_where_the_reference_says_so() -> None:
    (found,) = by_agreement("pages", f"pages + {_ARM64}")
    assert (found.rule, found.kind, found.relation, found.flavours) == ("L9", "violation", "introduced", ("arm64-4k",))
    assert "arm64-4k is the odd one" in found.explanation


def test_the_odd_one_is_not_blamed_for_doing_right() -> None:
    """Both flavours were wrong, and agreed; the patch mends one."""
    assert by_agreement("pages + 1", f"pages + 1 - {_ARM64}") == []


def test_different_changes_are_one() -> None:
    done = counting("pages + 1 + IS_ENABLED(CONFIG_ARM64_CONTPTE)")
    assert "L9" in {rule for rule, kind, _ in told(done) if kind == "violation"}
