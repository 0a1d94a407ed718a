# SPDX-License-Identifier: GPL-2.0-or-later
"""One patch applied to files in memory, by git apply in a temporary folder of just the files it touches."""

from __future__ import annotations

import errno
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from unidiff.patch import PatchedFile

from reviewer.errors import TreeError
from reviewer.model import Patch, Tree
from reviewer.support.gitio import Output, run_outside, scratch
from reviewer.trees.diffs import damaged, files_of, paths_of, source_of, target_of
from reviewer.trees.misfits import measure
from reviewer.trees.refusal import DoesNotApply, place_of

# A name too long, a folder where a file should be.
_NO_PLACE = (errno.ENAMETOOLONG, errno.ENOTDIR, errno.EISDIR, errno.EEXIST)
_NO_PATCH = re.compile("corrupt|malformed|unrecognized|No valid patches|recount")


def apply_patch(patch: Patch, before: Tree) -> Mapping[str, bytes | None]:
    """The files the patch changes and what they hold after it, None for a deleted one.

    DoesNotApply names the hunks that fail; TreeError when no base could help.
    """
    files = files_of(patch)
    try:
        old = {path: before.read(path) for file in files for path in paths_of(file)}
        with scratch() as folder:
            new = _applied(patch, files, old, folder)
    except OSError as error:
        if error.errno not in _NO_PLACE:
            raise
        raise damaged(patch, error.strerror or str(error)) from error
    return {path: content for path, content in new.items() if content != old[path]}


def _applied(
    patch: Patch, files: Sequence[PatchedFile], old: Mapping[str, bytes | None], folder: Path
) -> Mapping[str, bytes | None]:
    """The same paths with what they hold after git apply."""
    diff, work = folder / "diff", folder / "tree"
    diff.write_bytes(patch.message.diff)
    work.mkdir()
    for path, content in old.items():
        if content is not None:
            (work / path).parent.mkdir(parents=True, exist_ok=True)
            (work / path).write_bytes(content)
    result = run_outside(work, "apply", "-p1", "--whitespace=nowarn", str(diff))
    if result.status:
        raise _failure(patch, files, old, work, result)
    new = {path: _content(work / path) for path in old}
    # Were git to read the diff differently from us, a change would go unseen.
    for file in work.rglob("*"):
        path = file.relative_to(work).as_posix()
        if not file.is_dir() and new.get(path) is None:
            raise damaged(patch, f"it is not clear what it does to {path}")
    return new


def _content(file: Path) -> bytes | None:
    return file.read_bytes() if file.is_file() and not file.is_symlink() else None


def _failure(
    patch: Patch, files: Sequence[PatchedFile], old: Mapping[str, bytes | None], work: Path, result: Output
) -> TreeError:
    """Why git refused it: the patch itself, or where it and the tree part."""
    errors = result.errors
    if result.spent:
        return TreeError(f"git apply cannot apply it: {result.spent}", place=place_of(patch))
    if "without full index line" in errors:
        hint = "Make it with `git format-patch --binary`."
        return TreeError(
            "a binary file is changed, and the patch does not hold its content", place=place_of(patch), hint=hint
        )
    if _NO_PATCH.search(errors):
        return damaged(patch, errors.removeprefix("error: "))
    sided = [(file, source_of(file), target_of(file)) for file in files]
    fit = measure(sided, old)
    if not fit.misfits and not all(any(line.is_context for line in hunk) for file in files for hunk in file):
        hint = "Make it with at least one line of context, as git does by default."
        return TreeError(
            "its hunks have no context, so where they belong is not certain", place=place_of(patch), hint=hint
        )
    back = run_outside(work, "apply", "--check", "-R", "-p1", str(work.parent / "diff"))
    return DoesNotApply(patch, fit, reverse=not back.status, git=errors)
