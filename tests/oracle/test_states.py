# SPDX-License-Identifier: GPL-2.0-or-later
"""Which tables the world makes up, and which it takes: those that a kernel can be in, and no others."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from oracle.entries import entry
from oracle.runner import Runner
from oracle.wire import AGENT, EXITS, Folio, Scenario, Slot, mask, names
from reviewer.building.pair import build
from reviewer.resources import folder
from reviewer.trees.kernel import open_tree

_BITS = mask("SLOT_BITS", "WRITE", "YOUNG", "SOFT")
_DIRTY, _EXCL = mask("SLOT_BITS", "DIRTY"), mask("SLOT_BITS", "EXCL")
_WRITE, _SHARED = mask("VMA_BITS", "WRITE"), mask("VMA_BITS", "WRITE", "SHARED", "FILE")
_SOFT, _UFFD = mask("VMA_BITS", "SOFTDIRTY"), mask("VMA_BITS", "UFFD_WP")
ANON, FILE, SHMEM = (names("FOLIO_KINDS").index(kind) for kind in ("ANON", "FILE", "SHMEM"))
_BACKED = mask("FOLIO_BITS", "SWAPBACKED")


@pytest.fixture(scope="module")
def runner() -> Iterator[Runner]:
    known = entry("move_ptes")
    assert known is not None
    with open_tree(folder("corpus") / "tree") as kernel:
        tree = kernel.at(kernel.head)
        with Runner(build(tree, tree, known, "x86-64").program) as found:
            yield found


def mapped(vma: int, bits: int, *kinds: int) -> Scenario:
    """A small folio of each kind, one after the other, mapped with the bits."""
    folios = tuple(Folio(kind, 0, 0 if kind == FILE else _BACKED, 1 + i) for i, kind in enumerate(kinds))
    slots = tuple(Slot(names("SLOT_KINDS").index("PAGE"), bits, i, 0) for i in range(len(kinds)))
    return Scenario(vma, 0, 0, 0, len(kinds), 0, len(kinds), 0, (0,) * 8, folios, slots)


@pytest.mark.parametrize(
    ("vma", "bits", "kinds", "possible"),
    [
        (_WRITE, _BITS | _EXCL, (ANON,), True),  # as swap-in on a read fault leaves it, do_swap_page() in mm/memory.c
        (_WRITE, _BITS, (ANON,), False),
        (_SHARED | _SOFT, _BITS | _DIRTY, (FILE,), True),
        (_SHARED | _SOFT, _BITS, (FILE,), False),
        (_SHARED | _SOFT, _BITS, (SHMEM,), True),
        (_SHARED, _BITS, (SHMEM,), False),  # the first write since the soft-dirty bits were cleared is waited for
        (_SHARED, _BITS | _DIRTY, (SHMEM,), True),
        (_SHARED | _SOFT | _UFFD, _BITS, (SHMEM,), False),
        (_SHARED | _SOFT | _UFFD, _BITS | _DIRTY, (SHMEM,), True),
        (_SHARED | _SOFT, _BITS | _DIRTY, (SHMEM, SHMEM), True),
        (_SHARED | _SOFT, _BITS | _DIRTY, (SHMEM, FILE), False),
        (mask("VMA_BITS", "WRITE", "SHARED"), 0, (), False),
        (_SHARED, 0, (), True),
    ],
)
def test_what_may_be_writable(runner: Runner, vma: int, bits: int, kinds: tuple[int, ...], possible: bool) -> None:
    what = mapped(vma, bits, *kinds) if kinds else mapped(vma, 0, ANON).change(folios=(), slots=(Slot(0, 0, 0, 0),))
    assert (runner.attempt(what) is not None) == possible


def test_chance_makes_writable_entries_that_are_clean(runner: Runner) -> None:
    seen = set()
    for index in range(0, 2000, 2):
        made = runner.scenario(1, index)
        assert len({f.kind for f in made.folios} - {ANON}) < 2
        for slot in made.slots:
            if names("SLOT_KINDS")[slot.kind] == "PAGE" and slot.bits & mask("SLOT_BITS", "WRITE"):
                seen.add((made.folios[slot.folio].kind, bool(slot.bits & _DIRTY)))
    assert seen == {(ANON, False), (ANON, True), (FILE, True), (SHMEM, False), (SHMEM, True)}


@pytest.mark.parametrize(("mm", "possible"), [(0, True), (EXITS, True), (AGENT, True), (EXITS | AGENT, False)])
def test_no_cpu_uses_an_mm_that_exits(runner: Runner, mm: int, possible: bool) -> None:
    what = mapped(_WRITE, _BITS | _EXCL, ANON)
    assert (runner.attempt(what.change(mm=mm)) is not None) == possible


_PRIVATE = mask("VMA_BITS", "WRITE", "FILE")


@pytest.mark.parametrize(
    ("vma", "kind", "possible"), [(_PRIVATE, FILE, False), (_PRIVATE, SHMEM, True), (_SHARED, FILE, True)]
)
def test_a_private_mapping_has_its_files_pages_clean(runner: Runner, vma: int, kind: int, possible: bool) -> None:
    assert (runner.attempt(mapped(vma, _DIRTY, kind)) is not None) == possible


@pytest.mark.parametrize(
    ("vma", "bits", "possible"), [(_WRITE, 0, True), (_PRIVATE, 0, False), (_PRIVATE, _BACKED, True)]
)
def test_what_is_freed_lazily_is_in_anonymous_vmas(runner: Runner, vma: int, bits: int, possible: bool) -> None:
    what = mapped(vma, 0, ANON).change(folios=(Folio(ANON, 0, bits, 1),))
    assert (runner.attempt(what) is not None) == possible


@pytest.mark.parametrize(("vma", "possible"), [(_WRITE, True), (_PRIVATE, True), (_SHARED, False)])
def test_no_shared_mapping_has_the_zero_page(runner: Runner, vma: int, possible: bool) -> None:
    what = mapped(vma, 0, ANON).change(folios=(), slots=(Slot(names("SLOT_KINDS").index("ZERO"), 0, 0, 0),))
    assert (runner.attempt(what) is not None) == possible


@pytest.mark.parametrize(
    ("vma", "kind", "told"),
    [
        (0, ANON, "anonymous, read-only"),
        (_PRIVATE | _UFFD, SHMEM, "private shmem, uffd-wp"),
        (_SHARED, FILE, "shared file"),
    ],
)
def test_the_start_tells_which_vma(runner: Runner, vma: int, kind: int, told: str) -> None:
    what = mapped(vma, 0, kind).change(vma_end=5)
    assert runner.run(what, rows=True).start["VMA"] == f"{told}, PTE 0..4"
