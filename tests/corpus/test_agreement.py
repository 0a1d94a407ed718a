"""Flavours agree on what a function does, and where a patch spoils that the one that changed is named."""

from __future__ import annotations

from test_corpus import applied

from oracle.agree import Disagreement, compare
from oracle.entries import entry
from oracle.flavours import DEFAULT
from oracle.runner import Runner
from reviewer.model import PatchTrees
from reviewer.pair import build

COUNT = 60_000


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
