# SPDX-License-Identifier: GPL-2.0-or-later
"""Revisions of a tree to a series, as git format-patch would mail them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from reviewer.errors import MailError, TreeError
from reviewer.intake.mail import messages_from_bytes
from reviewer.intake.subjects import parse_subject
from reviewer.model import Patch, Series
from reviewer.support.gitio import find_commit, open_repository, run

if TYPE_CHECKING:
    from git import Repo

# Everything that a repository's settings could otherwise change in the mails.
_FORMAT = (
    *("--stdout", "--no-numbered", "--subject-prefix=PATCH", "--full-index", "-M", "-U3"),
    *("--no-ext-diff", "--no-textconv", "--no-color", "--no-relative", "--src-prefix=a/", "--dst-prefix=b/"),
    *("--no-cover-letter", "--no-attach", "--no-thread", "--no-signature", "--no-notes"),
    *("--no-from", "--no-to", "--no-cc", "--no-add-header"),
)
_LAST = re.compile(r"-(\d{1,6})")
_ONE = re.compile(r"(.+)\^[!-]")
_HINT = "Write base..topic, one commit as HEAD or topic, or the last three as -3."


def series_from_revisions(tree: str | Path, *words: str) -> Series:
    """The commits of a git tree as a series on the one before them: "base..topic", "HEAD", "topic^!", "-3 topic".

    TreeError when the tree is no repository, has no such revisions, or they are no straight line; MailError when
    they change nothing.
    """
    said = " ".join(words)
    repo = open_repository(Path(tree))
    if repo is None:
        raise TreeError("revisions need a git tree, and this is none", place=said)
    with repo:
        old, new = _ends(repo, words)
        base = _parent_of_first(repo, [*old, new], said)
        mails = run(repo.git, "format-patch", *_FORMAT, f"{base}..{new}")
    if mails.status:
        raise TreeError(f"git format-patch fails: {mails.errors}", place=said)
    messages = messages_from_bytes(said, mails.out) if mails.out else ()
    changing = [message for message in messages if message.diff]
    patches = tuple(Patch(n, parse_subject(m.subject).text or said, m) for n, m in enumerate(changing, 1))
    if not patches:
        raise MailError("this changes nothing", place=said)
    return Series(patches[0].subject, 1, len(patches), patches, base_commit=base, revisions=said)


def _ends(repo: Repo, words: Sequence[str]) -> tuple[list[str], str]:
    """The limits of a walk, as arguments of git rev-list, and the commit it starts from."""
    counts = [match[1] for word in words if (match := _LAST.fullmatch(word))]
    named = [word for word in words if not _LAST.fullmatch(word)]
    if len(counts) > 1 or len(named) > 1:
        raise TreeError("is more than one range of revisions", place=" ".join(words), hint=_HINT)
    revision = named[0] if named else "HEAD"
    if not counts and ".." in revision:
        ends = revision.split("..")
        if len(ends) != 2 or ends[1].startswith("."):
            raise TreeError("is not a revision range", place=revision, hint=_HINT)
        old, new = (_commit(repo, end or "HEAD") for end in ends)
        return [f"^{old}"], new
    alone = _ONE.fullmatch(revision)
    return [f"-n{counts[0] if counts else 1}"], _commit(repo, alone[1] if alone else revision)


def _commit(repo: Repo, revision: str) -> str:
    commit = find_commit(repo, revision)
    if not commit:
        raise TreeError("is no file, and no revision of this tree", place=revision, hint=_HINT)
    return commit


def _parent_of_first(repo: Repo, walk: Sequence[str], said: str) -> str:
    """The commit before those of a walk, which have to be a straight line."""
    listed = run(repo.git, "rev-list", "--parents", "--topo-order", *walk)
    if listed.status:
        raise TreeError(f"git rev-list fails: {listed.errors}", place=said)
    commits = [line.split() for line in listed.out.decode().splitlines()]
    if not commits:
        raise MailError("this range holds no commit", place=said)
    for commit, *parents in commits:
        if len(parents) > 1:
            hint = f"Review what it merged: {parents[0][:12]}..{parents[1][:12]}."
            raise TreeError(f"commit {commit[:12]} is a merge, and a series is a straight line", place=said, hint=hint)
        if not parents:
            raise TreeError(f"commit {commit[:12]} has none before it in this repository", place=said)
    return commits[-1][1]
