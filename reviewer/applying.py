"""One patch applied to files in memory, by git apply in a temporary folder of just the files it touches."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from unidiff.errors import UnidiffParseError
from unidiff.patch import PatchedFile, PatchSet

from reviewer.errors import TreeError
from reviewer.gitio import run_outside
from reviewer.misfits import measure
from reviewer.model import Patch, Tree
from reviewer.refusal import DoesNotApply, place_of

_DEV_NULL = "/dev/null"
_SPECIAL_MODE = re.compile(r"(?:(?:old|new|new file|deleted file) mode|index \S+) 1[26]0000$")
# What git would quote, or what is no UTF-8: no file of the kernel has such a name.
_UNUSUAL = re.compile(r'["\\\x00-\x1f\x7f\ufffd]')
_NO_PREFIX = re.compile(r"diff --git (\S+) \1$")
_NO_PATCH = re.compile("corrupt|malformed|unrecognized|No valid patches|recount")


def files_of(patch: Patch) -> tuple[PatchedFile, ...]:
    """The files a patch touches. TreeError when it is damaged or names a path it has no business with."""
    text = patch.message.diff.decode("utf-8", "replace")
    try:
        files = tuple(PatchSet.from_string(text))
    except ValueError as error:  # of thousands of digits
        raise _damaged(patch, "a line number is out of range") from error
    except UnidiffParseError as error:
        raise _damaged(patch, str(error).strip()[:200]) from error
    for file in files:
        if file.source_file == file.target_file or any(map(_NO_PREFIX.match, file.patch_info or ())):
            hint = "Make it with `git -c diff.noprefix=false format-patch`."
            raise TreeError("its paths have no a/ and b/ before them", place=place_of(patch), hint=hint)
        if any(_SPECIAL_MODE.match(line.rstrip()) for line in file.patch_info or ()):
            raise _refused(patch, file.path, "is a symlink or a submodule")
        for path in paths_of(file):
            pure = PurePosixPath(path)
            if pure.is_absolute() or {"..", ".git"} & set(pure.parts) or _UNUSUAL.search(path):
                raise _refused(patch, path, "is no plain path inside the tree")
    return files


def source_of(file: PatchedFile) -> str:
    """The path of a file before the patch, empty for a new one."""
    return _stripped(file.source_file)


def paths_of(file: PatchedFile) -> tuple[str, ...]:
    """The path before and after the patch, as far as there is one."""
    names = (_stripped(file.source_file), _stripped(file.target_file))
    return tuple(dict.fromkeys(name for name in names if name))


def apply_patch(patch: Patch, before: Tree) -> Mapping[str, bytes | None]:
    """The files the patch changes and what they hold after it, None for a deleted one.

    DoesNotApply names the hunks that fail; TreeError when no base could help.
    """
    files = files_of(patch)
    try:
        old = {path: before.read(path) for file in files for path in paths_of(file)}
        with TemporaryDirectory(prefix="review-patch-") as scratch:
            new = _applied(patch, files, old, Path(scratch))
    except OSError as error:  # a name too long, a folder where a file should be
        raise _damaged(patch, error.strerror or str(error)) from error
    return {path: content for path, content in new.items() if content != old[path]}


def _applied(
    patch: Patch, files: Sequence[PatchedFile], old: Mapping[str, bytes | None], scratch: Path
) -> Mapping[str, bytes | None]:
    """The same paths with what they hold after git apply."""
    diff, work = scratch / "diff", scratch / "tree"
    diff.write_bytes(patch.message.diff)
    work.mkdir()
    for path, content in old.items():
        if content is not None:
            (work / path).parent.mkdir(parents=True, exist_ok=True)
            (work / path).write_bytes(content)
    result = run_outside(work, "apply", "-p1", "--whitespace=nowarn", str(diff))
    if result.status:
        raise _failure(patch, files, old, work, result.errors)
    new = {path: _content(work / path) for path in old}
    # Were git to read the diff differently from us, a change would go unseen.
    for file in work.rglob("*"):
        path = file.relative_to(work).as_posix()
        if not file.is_dir() and new.get(path) is None:
            raise _damaged(patch, f"it is not clear what it does to {path}")
    return new


def _content(file: Path) -> bytes | None:
    return file.read_bytes() if file.is_file() and not file.is_symlink() else None


def _stripped(name: str) -> str:
    """A path without its first folder, as git apply -p1 reads it; empty for /dev/null."""
    if name == _DEV_NULL:
        return ""
    return name if name.startswith("/") else name.partition("/")[2]


def _failure(
    patch: Patch, files: Sequence[PatchedFile], old: Mapping[str, bytes | None], work: Path, errors: str
) -> TreeError:
    """Why git refused it: the patch itself, or where it and the tree part."""
    if "without full index line" in errors:
        hint = "Make it with `git format-patch --binary`."
        return TreeError(
            "a binary file is changed, and the patch does not hold its content", place=place_of(patch), hint=hint
        )
    if _NO_PATCH.search(errors):
        return _damaged(patch, errors.removeprefix("error: "))
    sided = [(file, source_of(file), _stripped(file.target_file)) for file in files]
    fit = measure(sided, old)
    if not fit.misfits and not all(any(line.is_context for line in hunk) for file in files for hunk in file):
        hint = "Make it with at least one line of context, as git does by default."
        return TreeError(
            "its hunks have no context, so where they belong is not certain", place=place_of(patch), hint=hint
        )
    back = run_outside(work, "apply", "--check", "-R", "-p1", str(work.parent / "diff"))
    return DoesNotApply(patch, fit, reverse=not back.status, git=errors)


def _damaged(patch: Patch, why: str) -> TreeError:
    hint = "A mail client may have wrapped its lines or changed its blanks; get it from the list's archive."
    return TreeError(f"the patch is damaged: {why}", place=place_of(patch), hint=hint)


def _refused(patch: Patch, path: str, why: str) -> TreeError:
    return TreeError(f"{path} {why}: refused", place=place_of(patch))
