# SPDX-License-Identifier: GPL-2.0-or-later
"""Which commit a series is applied to, and what is said when none fits."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from demotree import BASE, DEMO, FILES, applied, commit, edit, git, load, series_of, write_files

from reviewer.errors import TreeError


def test_explicit_base_wins_and_is_the_only_one(tree: Path) -> None:
    write_files(tree, {"mm/demo.c": b"/* rewritten */\n"})
    commit(tree, "mm: rewrite")
    series = load("series.mbox")
    trees = applied(tree, series, "HEAD^")
    assert (trees.base, trees.how) == (BASE, "--base")
    with pytest.raises(TreeError, match=r"mm/demo.c, hunk 1 of 1") as caught:
        applied(tree, series, "main")
    assert "base-commit trailer" not in str(caught.value)
    for revision in ("nope", "--all", "main\nmain", "HEAD:mm"):
        with pytest.raises(TreeError, match="no such revision"):
            applied(tree, series, revision)


def test_trailer_of_a_commit_that_is_not_head(tree: Path) -> None:
    write_files(tree, {"mm/demo.c": b"/* rewritten */\n"})
    commit(tree, "mm: rewrite")
    trees = applied(tree, load("series.mbox"))
    assert (trees.base, trees.how) == (BASE, "base-commit trailer")


def test_blob_ids_at_head_and_in_history(tree: Path) -> None:
    series = replace(load("series.mbox"), base_commit="0" * 40)
    trees = applied(tree, series)
    assert (trees.base, trees.how) == (BASE, "blob ids of the index lines")
    write_files(tree, {"mm/demo.c": b"/* rewritten */\n"})
    commit(tree, "mm: rewrite")
    write_files(tree, {"Makefile": FILES["Makefile"].replace(b"-rc3", b"-rc4")})
    commit(tree, "rc4")
    trees = applied(tree, load("single.patch"))
    assert (trees.base, trees.how) == (BASE, "blob ids of the index lines")
    assert trees.tree == "linux 7.2.1-rc3"


def test_head_when_nothing_else_is_known(tree: Path) -> None:
    write_files(tree, {"mm/demo.c": b"/* A new first line. */\n" + DEMO})
    git(tree, "commit", "-q", "-a", "--amend", "-m", "mm: one commit only")
    trees = applied(tree, replace(load("series.mbox"), base_commit=""))
    assert (trees.base, trees.how) == (git(tree, "rev-parse", "HEAD"), "HEAD")
    assert (trees.patches[0].after.read("mm/demo.c") or b"").count(b"slot != 0") == 1


def test_next_base_is_tried_when_one_fails(tree: Path) -> None:
    wrong = git(tree, "rev-parse", "HEAD")
    write_files(tree, {"mm/more.c": b"one\n"})
    head = commit(tree, "mm: more")
    series = replace(series_of(edit("mm/more.c", "one", "two")), base_commit=wrong)
    trees = applied(tree, series)
    assert (trees.base, trees.how) == (head, "HEAD")


def test_failure_names_the_hunk_and_the_bases(tree: Path) -> None:
    write_files(tree, {"mm/demo.c": DEMO.replace(b"count++", b"count += 1")})
    head = commit(tree, "mm: other words")
    series = load("series.mbox")
    git(tree, "checkout", "-q", "--orphan", "alone")
    git(tree, "commit", "-q", "-m", "alone")
    git(tree, "branch", "-q", "-D", "main")
    series = replace(series, base_commit=head)
    with pytest.raises(TreeError) as caught:
        applied(tree, series)
    error = caught.value
    assert error.place == 'patch 2 "mm: count no more than DEMO_MAX slots"'
    assert error.message == "does not apply: 1 of 2 hunks fits"
    alone = git(tree, "rev-parse", "HEAD")
    assert error.details == (
        "mm/demo.c, hunk 1 of 1 (@@ -7,9 +7,11 @@ static int demo_full(int slot)): line 15 of the file differs",
        "         wanted                           found",
        "  14     if (demo_full(slots[i]))  14     if (demo_full(slots[i]))",
        "  15  !          count++;          15  !          count += 1;",
        "tried on linux 7.2.1-rc3:",
        f"  base-commit trailer  {head[:12]}  1 of 2 patches applies, then 1 of 2 hunks fits",
        f"  HEAD                 {alone[:12]}  1 of 2 patches applies, then 1 of 2 hunks fits",
    )
    assert "--base" in error.hint
    with pytest.raises(TreeError) as caught:
        applied(tree, replace(series, base_commit="f" * 40))
    assert "base-commit of the series, ffffffffffff, is not in this tree" in str(caught.value)


def test_one_mail_is_not_made_on_the_base_of_its_series(tree: Path) -> None:
    write_files(tree, {"mm/demo.c": DEMO.replace(b"> 0", b"!= 0")})
    first = commit(tree, "mm: the patch before")
    write_files(tree, {"mm/demo.c": b"/* later */\n"})
    commit(tree, "mm: the patch itself and more")
    whole = load("series.mbox")
    second = replace(whole, patches=whole.patches[1:], held=(1,))
    assert whole.base_commit == BASE
    trees = applied(tree, second)
    assert (trees.base, trees.how) == (first, "blob ids of the index lines")
    trees = applied(tree, replace(second, held=(), missing=(1,)))
    assert trees.base == BASE  # it does fit there, too


def test_an_unpacked_tree_has_no_revisions(tmp_path: Path) -> None:
    write_files(tmp_path, FILES)
    with pytest.raises(TreeError, match="no revisions"):
        applied(tmp_path, load("series.mbox"), "HEAD")
