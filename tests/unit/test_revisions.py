# SPDX-License-Identifier: GPL-2.0-or-later
"""Revisions of a tree as a series: what each way to write them means, and what is no straight line."""

from __future__ import annotations

from pathlib import Path

import pytest
from demotree import FILES, applied, commit, git, write_files

from reviewer.errors import MailError, TreeError
from reviewer.intake.revisions import series_from_revisions


@pytest.fixture
def topic(tree: Path) -> Path:
    """A branch of three commits off main; main has moved on, and so has HEAD."""
    git(tree, "checkout", "-q", "-b", "topic")
    for number in (1, 2, 3):
        write_files(tree, {"mm/demo.c": FILES["mm/demo.c"].replace(b"> 0", b"> %d" % number)})
        commit(tree, f"mm: step {number}")
    git(tree, "checkout", "-q", "main")
    write_files(tree, {"mm/tail.c": b"int demo_tail;\n"})
    commit(tree, "mm: main moves on")
    return tree


@pytest.mark.parametrize(
    ("words", "base", "expected"),
    [
        (["main..topic"], "main^", ["mm: step 1", "mm: step 2", "mm: step 3"]),
        (["topic~2..topic"], "topic~2", ["mm: step 2", "mm: step 3"]),
        (["..topic"], "main^", ["mm: step 1", "mm: step 2", "mm: step 3"]),
        (["topic.."], "main^", ["mm: main moves on"]),
        (["HEAD"], "HEAD^", ["mm: main moves on"]),
        (["topic"], "topic^", ["mm: step 3"]),
        (["topic^"], "topic~2", ["mm: step 2"]),
        (["topic^!"], "topic^", ["mm: step 3"]),
        (["topic^-"], "topic^", ["mm: step 3"]),
        (["-1"], "HEAD^", ["mm: main moves on"]),
        (["-2", "topic"], "topic~2", ["mm: step 2", "mm: step 3"]),
        (["topic", "-3"], "main^", ["mm: step 1", "mm: step 2", "mm: step 3"]),
    ],
)
def test_each_way_to_name_commits(topic: Path, words: list[str], base: str, expected: list[str]) -> None:
    series = series_from_revisions(topic, *words)
    assert [patch.subject for patch in series.patches] == expected
    assert (series.total, series.missing) == (len(expected), ())
    trees = applied(topic, series)
    assert (trees.base, trees.how) == (git(topic, "rev-parse", base), "commit before the first")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["a...b"], "not a revision range"),
        (["main..nope"], "no revision of this tree"),
        (["nope.mbox"], "is no file, and no revision"),
        (["--output=x..topic"], "no revision"),
        (["--output=x"], "no revision"),
        (["HEAD:mm"], "no revision"),
        (["main\nmain"], "no revision"),
        (["^!"], "no revision"),
        (["topic", "main"], "more than one"),
        (["-1", "-2"], "more than one"),
        (["topic..topic"], "no commit"),
        (["-0"], "no commit"),
        (["-9", "topic"], "has none before it"),
        (["-" + "9" * 5000], "no revision"),
    ],
)
def test_what_names_no_series(topic: Path, words: list[str], message: str) -> None:
    with pytest.raises((TreeError, MailError), match=message):
        series_from_revisions(topic, *words)
    assert not (topic / "x").exists()


def test_a_merge_is_named_with_what_it_merged(topic: Path) -> None:
    git(topic, "merge", "-q", "--no-ff", "-m", "merge topic", "topic")
    sides = [git(topic, "rev-parse", f"HEAD^{side}")[:12] for side in (1, 2)]
    for word in ("HEAD", "HEAD^!", "-1", "HEAD~1..HEAD"):
        with pytest.raises(TreeError, match="is a merge") as caught:
            series_from_revisions(topic, word)
        assert caught.value.hint == f"Review what it merged: {'..'.join(sides)}."
    assert len(series_from_revisions(topic, "..".join(sides)).patches) == 3


def test_commits_that_change_nothing_and_trees_without_git(tree: Path, tmp_path: Path) -> None:
    commit(tree, "mm: nothing")
    with pytest.raises(MailError, match="changes nothing"):
        series_from_revisions(tree, "HEAD")
    with pytest.raises(TreeError, match="need a git tree"):
        series_from_revisions(tmp_path, "a..b")


def test_settings_of_the_repository_do_not_matter(topic: Path) -> None:
    git(topic, "config", "diff.noprefix", "true")
    git(topic, "config", "format.subjectPrefix", "ODD v9")
    git(topic, "config", "diff.external", f"touch {topic.parent}/ran")
    series = series_from_revisions(topic, "topic")
    assert (series.version, series.total) == (1, 1)
    assert b"\n--- a/mm/demo.c\n" in series.patches[0].message.diff
    assert not (topic.parent / "ran").exists()


def test_commits_without_a_change_count_for_nothing_and_subjects_for_no_more(topic: Path) -> None:
    git(topic, "checkout", "-q", "topic")
    commit(topic, "cover of the series")
    for subject in ("[PATCH 3/7] mm: same", "[PATCH 3/7] mm: same"):
        write_files(topic, {"mm/tail.c": (topic / "mm/tail.c").read_bytes() + b"\n"})
        commit(topic, subject)
    series = series_from_revisions(topic, "-3")
    assert [(p.index, p.subject) for p in series.patches] == [(1, "mm: same"), (2, "mm: same")]
    assert (series.total, series.part) == (2, False)
