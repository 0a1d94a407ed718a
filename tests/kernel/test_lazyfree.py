# SPDX-License-Identifier: GPL-2.0-or-later
"""The lazyfree series of February 2025 on linux 6.12, by mail: both of its bugs, laid on the patch that has them."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reviewer.intake.mail import messages_from_bytes
from reviewer.intake.series import series_from_messages
from reviewer.model import Review, Tree
from reviewer.pipeline import Settings, review
from reviewer.trees.kernel import KernelTree
from reviewer.trees.overlays import apply_series

from .editing import edited

pytestmark = pytest.mark.kernel
_PATCHES = tomllib.loads(Path(__file__).with_name("lazyfree.toml").read_text("utf-8"))["patch"]


def mbox(tree: Tree) -> bytes:
    """The series as mails that apply to the tree."""
    return "".join(_mails(tree)).encode()


def _mails(before: Tree) -> Iterator[str]:
    for index, patch in enumerate(_PATCHES, 1):
        after = before
        for edit in patch["edit"]:
            after = edited(after, edit)
        diff = "".join(_diff(before, after, path) for path in sorted({edit["file"] for edit in patch["edit"]}))
        yield (
            "From mboxrd@z Thu Jan  1 00:00:00 1970\n"
            f"From: Ann <ann@example.org>\nDate: Fri, 14 Feb 2025 22:30:0{index} +1300\n"
            f"Message-Id: <lazyfree-{index}@example.org>\n"
            f"Subject: [PATCH v4 {index}/{len(_PATCHES)}] {patch['subject']}\n\n"
            f"{patch['message']}\n---\n{diff}--\n2.39\n\n"
        )
        before = after


def _diff(before: Tree, after: Tree, path: str) -> str:
    old, new = ((tree.read(path) or b"").decode().splitlines(True) for tree in (before, after))
    return f"diff --git a/{path} b/{path}\n" + "".join(difflib.unified_diff(old, new, f"a/{path}", f"b/{path}"))


def _reviewed(kernel: KernelTree, **settings: Any) -> Review:
    series = series_from_messages(messages_from_bytes("series", mbox(kernel.at(kernel.head))))
    return review(series, apply_series(series, kernel), Settings(**settings))


@pytest.fixture(scope="module")
def quickly(kernels: dict[str, KernelTree]) -> Review:
    """With nothing shrunk, for what is asked of all findings."""
    if "6.12" not in kernels:
        pytest.skip("no linux-6.12: set KERNEL_TREES (see .ci/fetch-kernel)")
    return _reviewed(kernels["6.12"], budget=1.0, smallest=False)


@pytest.mark.parametrize("kernel", ["6.12"], indirect=True)
def test_both_bugs_are_laid_on_the_patch_that_has_them(kernel: KernelTree) -> None:
    done = _reviewed(kernel)
    told = [(f.patch, f.rule, f.relation, f.kind, f.summary) for f in done.findings if f.relation != "preexisting"]
    bad = [f for f in done.findings if f.relation == "introduced" and f.kind == "violation"]
    assert {f.patch for f in bad} == {3}, told
    # The worst that comes of it leads; a wiped neighbour, which its notifier was not told of, is told with it.
    assert (bad[0].rule, "outside all memory" in bad[0].summary) == ("B1", True), told
    assert {"X2", "L10"} <= {bad[0].rule, *bad[0].also}, bad[0].also
    assert {f.function for f in bad} <= {"can_batch_unmap_folio_ptes", "try_to_unmap_one"}, told
    # Both bugs by name: what lies beyond the table, and the write bit of the first entry on all.
    assert "B5" in {name for f in bad for name in (f.rule, *f.also)}, told


def test_nothing_is_asked_of_the_patches_that_lead_to_it(quickly: Review) -> None:
    """The first mends what it says; the second changes nothing that shows."""
    told = [(f.patch, f.rule, f.relation, f.summary) for f in quickly.findings]
    assert [t for t in told if t[0] != 3 and t[2] == "introduced"] == []


def test_what_no_kernel_can_have_is_no_finding(quickly: Review) -> None:
    """An anonymous folio in a VMA of a file that is protected by userfaultfd leaves no marker behind."""
    assert "D7" not in {f.rule for f in quickly.findings}
