"""Flavours agree on what a function does, and where a patch spoils that the one that changed is named."""

from __future__ import annotations

from test_corpus import CORPUS, applied

from oracle.agree import Disagreement, compare
from oracle.entries import entry
from oracle.flavours import DEFAULT
from oracle.runner import Runner
from reviewer.kernel import open_tree
from reviewer.model import Message, Patch, PatchTrees, Review, Series, SeriesTrees
from reviewer.pair import build
from reviewer.pipeline import Settings, review
from reviewer.trees import Overlay

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


def counting(result: str) -> Review:
    """A review of mprotect with another count of what it did."""
    with open_tree(CORPUS / "tree") as kernel:
        tree, file = kernel.at(kernel.head), "mm/mprotect.c"
        raw = tree.read(file)
        assert raw is not None
        assert raw.count(b"return pages;") == 1
        other = Overlay(tree, {file: raw.replace(b"return pages;", f"return {result};".encode())})
        trees = SeriesTrees("corpus", "HEAD", "HEAD", (PatchTrees(PATCH, tree, other, (file,)),))
        return review(Series(PATCH.subject, 1, 1, (PATCH,)), trees, Settings(budget=0.5))


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


def test_different_changes_are_one() -> None:
    done = counting("pages + 1 + IS_ENABLED(CONFIG_ARM64_CONTPTE)")
    assert "L9" in {rule for rule, kind, _ in told(done) if kind == "violation"}
