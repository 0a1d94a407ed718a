# SPDX-License-Identifier: GPL-2.0-or-later
"""Barriers are events: one that is dropped, weakened or moved is told with what it ordered, one more is no fault."""

from __future__ import annotations

import pytest
from test_agreement import PATCH
from test_corpus import CORPUS

from oracle.flavours import DEFAULT
from reviewer.model import PatchTrees, Review, Series, SeriesTrees
from reviewer.pipeline import Settings, review
from reviewer.report.status import exit_status
from reviewer.trees.overlays import Overlay, open_tree

FILE = "mm/rmap.c"
MB, RMB, READ = "smp_mb();", "smp_rmb();", "refs = folio_ref_count(folio);"
FULL = "the full barrier between PTE write and page counts read"


def between(before: tuple[str, str], after: tuple[str, str], flavours: tuple[str, ...]) -> Review:
    """A review of mm/rmap.c, with one text for another on each side."""
    with open_tree(CORPUS / "tree") as kernel:
        tree = kernel.at(kernel.head)
        text = (tree.read(FILE) or b"").decode()
        assert text.count(before[0]) == text.count(after[0]) == 1
        sides = [Overlay(tree, {FILE: text.replace(*change).encode()}) for change in (before, after)]
        trees = SeriesTrees("corpus", "HEAD", "HEAD", (PatchTrees(PATCH, sides[0], sides[1], (FILE,)),))
        return review(Series(PATCH.subject, 1, 1, (PATCH,)), trees, Settings(budget=0.2, flavours=flavours))


def one(at: str, before: str, after: str, flavours: tuple[str, ...] = ("x86-64",)) -> Review:
    """A statement of unmap_lazyfree() as two others."""
    return between((at, before), (at, after), flavours)


def test_the_barrier_is_named_and_is_no_violation() -> None:
    done = one(MB, MB, "", DEFAULT)
    (finding,) = done.findings
    assert (finding.rule, finding.kind, finding.relation, finding.severity) == (
        "X6", "behaviour", "introduced", "question",
    )  # fmt: skip
    assert finding.flavours == DEFAULT
    assert finding.summary == f"try_to_unmap_one no longer runs {FULL}."
    assert "nothing of its strength" in finding.explanation
    assert "PTE write to page counts read" in finding.before.rows["ordered by full barrier"]
    assert "ordered by full barrier" not in finding.after.rows
    assert (exit_status(done), exit_status(done, "difference")) == (0, 1)


_COUNTS = "page counts read and page flags read"


@pytest.mark.parametrize(
    ("at", "before", "after", "words"),
    [
        (MB, MB, RMB, FULL),
        (MB, MB, "smp_wmb();", FULL),
        (MB, MB, "smp_mb__after_atomic();", FULL),
        (MB, MB, "barrier();", FULL),
        (f"{MB}\n\t{READ}", f"{MB}\n\t{READ}", f"{READ}\n\t{MB}", FULL),
        (RMB, RMB, "", f"the read barrier between {_COUNTS}"),
        (RMB, "barrier();", "", f"the compiler barrier between {_COUNTS}"),
        (RMB, "wmb();", "smp_wmb();", "the write completion barrier between PTE write and page flags read"),
        (RMB, "smp_load_acquire(&folio->index);", "READ_ONCE(folio->index);", f"the acquire between {_COUNTS}"),
        (RMB, "smp_store_release(&folio->index, folio->index);", "WRITE_ONCE(folio->index, folio->index);",
         f"the release between {_COUNTS}"),
        (RMB, "atomic_read_acquire(&folio->_refcount);", "atomic_read(&folio->_refcount);",
         f"the acquire between {_COUNTS}"),
    ],
)  # fmt: skip
def test_what_is_weakened_or_moved_is_told(at: str, before: str, after: str, words: str) -> None:
    done = one(at, before, after)
    told = [f.summary for f in done.findings if f.rule == "X6"]
    assert told == [f"try_to_unmap_one no longer runs {words}."]


def test_a_relaxed_atomic_orders_less_where_the_architecture_has_such() -> None:
    full, relaxed = "atomic_add_return(0, &folio->_refcount);", "atomic_add_return_relaxed(0, &folio->_refcount);"
    (finding,) = one(RMB, full, relaxed, DEFAULT).findings
    assert (finding.rule, finding.flavours) == ("X6", ("arm64-4k",))


_STEPS = "for (unsigned int i = 0; i < nr; i++) { ptep_get(pvmw->pte + i); smp_rmb(); folio_test_dirty(folio); }"
_BATCH = "for (unsigned int i = 0; i < nr; i++) ptep_get(pvmw->pte + i); smp_rmb(); folio_test_dirty(folio);"


@pytest.mark.parametrize(
    ("at", "before", "after"), [(RMB, RMB, MB), (MB, MB, MB + MB), (RMB, _STEPS, _BATCH), (RMB, _BATCH, _STEPS)]
)
def test_a_stronger_one_or_one_for_a_batch_is_no_difference(at: str, before: str, after: str) -> None:
    done = one(at, before, after)
    assert (done.verdict, done.findings) == ("clean", ())


def test_a_further_barrier_is_told_beside_the_function() -> None:
    done = one(MB, "", MB)
    assert (done.verdict, done.findings) == ("clean", ())
    assert "ORDER_GAINED" in done.patches[0].functions[0].why


def test_a_barrier_that_nothing_reaches_is_not_exercised() -> None:
    """However often it is dropped: that is no identity."""
    done = one(MB, "if (nr > 100000) smp_mb();", "if (nr > 100000) ;")
    assert (done.verdict, done.findings) == ("inconclusive", ())
