# SPDX-License-Identifier: GPL-2.0-or-later
"""The commit a series was made on: what the user says, the mails say, the blob ids say, or HEAD."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from reviewer.errors import TreeError
from reviewer.model import Series
from reviewer.support.gitio import find_commit, find_object, run
from reviewer.trees.diffs import files_of, paths_of, source_of
from reviewer.trees.kernel import KernelTree

# How far back the blob ids are looked for. Both bounds: -n counts only commits that touch the files.
_COMMITS = 2000
_FILES = 64  # whose ids are looked up in each of them: more say no more
_SECONDS = 400 * 24 * 3600
_INDEX = re.compile(r"index ([0-9a-f]{4,64})\.\.")


@dataclass(frozen=True)
class Base:
    """A commit (empty without git) and why that one, in the words of SeriesTrees.how."""

    commit: str
    how: str


def candidates(series: Series, kernel: KernelTree, explicit: str) -> Iterator[Base]:
    """The bases to try, best first; only one when it is explicit. TreeError when that one does not exist."""
    if kernel.repo is None:
        if explicit:
            hint = "Leave --base out: the files are taken as they are."
            raise TreeError("a tree without git has no revisions", place=f"--base {explicit}", hint=hint)
        yield Base("", "files as they are")
        return
    if explicit:
        commit = find_commit(kernel.repo, explicit)
        if not commit:
            raise TreeError("there is no such revision in the tree", place=f"--base {explicit}")
        yield Base(commit, "--base")
        return
    # With the patches before it in the tree, a mail is made on what they left, not on the base of the series.
    if series.base_commit and not series.held and (commit := find_commit(kernel.repo, series.base_commit)):
        yield Base(commit, "commit before the first" if series.revisions else "base-commit trailer")
    if commit := _matching(kernel, preimages(series)):
        yield Base(commit, "blob ids of the index lines")
    yield Base(kernel.head, "HEAD")


def preimages(series: Series) -> Mapping[str, str]:
    """For each file the series finds in its base, the (short) blob id it had there, by the index lines."""
    ids: dict[str, str] = {}
    seen: set[str] = set()
    for patch in series.patches:
        for file in files_of(patch):
            source = source_of(file)
            index = [match[1] for line in file.patch_info or () if (match := _INDEX.match(line))]
            if index and source and source not in seen:
                ids[source] = index[0]
            seen.update(paths_of(file))
    return ids


def _matching(kernel: KernelTree, ids: Mapping[str, str]) -> str:
    """HEAD, or the newest commit before it, where all files have these blob ids; empty when there is none."""
    if not ids or kernel.repo is None:
        return ""
    repo = kernel.repo
    ids = dict(islice(ids.items(), _FILES))

    def matches(commit: str) -> bool:
        return all(find_object(repo, f"{commit}:{path}").startswith(blob) for path, blob in ids.items())

    if matches(kernel.head):
        return kernel.head
    since = int(repo.commit(kernel.head).committed_date) - _SECONDS
    bounds = [f"-n{_COMMITS}", f"--since=@{since}"]
    log = run(repo.git, "rev-list", *bounds, kernel.head, "--", *ids)
    return next((commit for commit in log.out.decode().split() if matches(commit)), "")
