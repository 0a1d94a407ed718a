# SPDX-License-Identifier: GPL-2.0-or-later
"""What git show and git log -p print is taken like the mails of the same commits."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from demotree import BASE, FILES, applied, commit, git, write_files

from reviewer.errors import MailError
from reviewer.intake.mail import read_messages
from reviewer.intake.series import series_from_messages
from reviewer.model import Series


@pytest.fixture
def topic(tree: Path) -> Path:
    """Two commits that change the same lines."""
    for number in (1, 2):
        write_files(tree, {"mm/demo.c": FILES["mm/demo.c"].replace(b"> 0", b"> %d" % number)})
        commit(tree, f"mm: größer {number}\n\nWhy {number}.\n\nSigned-off-by: Ada <ada@example.org>")
    return tree


def piped(text: str) -> Series:
    return series_from_messages(read_messages("-", io.BytesIO(text.encode() + b"\n")))


@pytest.mark.parametrize(
    "command",
    [
        ["log", "-p", "-2"],
        ["log", "-p", "-2", "--reverse"],
        ["show", "HEAD", "HEAD^"],
        ["show", "HEAD^", "HEAD"],
        ["log", "-p", "-2", "--stat", "--format=fuller"],
        ["log", "-p", "-2", "--format=raw"],
        ["log", "-p", "-2", "--format=email"],
        ["format-patch", "--stdout", "-2"],
    ],
)
def test_commits_as_git_shows_them(topic: Path, command: list[str]) -> None:
    series = piped(git(topic, *command))
    if command[-1] == "--format=email":  # mails without numbers, the newest first
        series = piped(git(topic, "log", "--reverse", *command[1:]))
    assert [patch.subject for patch in series.patches] == ["mm: größer 1", "mm: größer 2"]
    first = series.patches[0].message
    assert (first.author, first.body.startswith("Why 1.\n\nSigned-off-by: Ada")) == ("Ada Demo <ada@example.org>", True)
    assert applied(topic, series).base == BASE


def test_what_has_no_message_is_a_patch_too(topic: Path) -> None:
    series = piped(git(topic, "diff", "HEAD^"))
    assert [patch.subject for patch in series.patches] == ["standard input"]
    stat = "---\n mm/demo.c | 2 +-\n 1 file changed, 1 insertion(+), 1 deletion(-)\n\n"
    assert piped(stat + git(topic, "diff", "HEAD^")).patches[0].message.diff == series.patches[0].message.diff


def test_numbers_in_a_subject_lose_no_commit(topic: Path) -> None:
    commit(topic, "cover of a series")
    git(topic, "commit", "-q", "--amend", "--allow-empty", "-m", "cover")
    write_files(topic, {"mm/tail.c": b"int tail;\n"})
    commit(topic, "[PATCH 3/7] mm: tail")
    series = piped(git(topic, "log", "-p", "-3"))
    assert [patch.subject for patch in series.patches] == ["mm: größer 2", "mm: tail"]
    assert not series.part


def test_a_merge_is_no_patch(topic: Path) -> None:
    git(topic, "checkout", "-q", "-b", "side", "HEAD^")
    write_files(topic, {"mm/side.c": b"int side;\n"})
    commit(topic, "mm: side")
    git(topic, "merge", "-q", "--no-ff", "-m", "merge", "main")
    with pytest.raises(MailError, match="is a merge"):
        piped(git(topic, "show"))
    with pytest.raises(MailError, match="is a merge"):
        piped(git(topic, "show", "-m"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("\x1b[33mcommit 0123456789\x1b[m\nAuthor: A <a@b.c>\n", "--no-color"),
        ("commit 0123456789\nAuthor: A <a@b.c>\n\n    mm: no diff\n", "no patch"),
        ("commit 0123456789\nAuthor:\n", "no patch"),
        ("diff --cc mm/demo.c\nindex 1,2..3\n", "combined diff of a merge"),
        ("commit message of the day\n", "mail headers"),
    ],
)
def test_what_shows_no_patch(text: str, words: str) -> None:
    with pytest.raises(MailError, match=words):
        piped(text)
