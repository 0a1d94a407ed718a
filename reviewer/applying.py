"""One patch applied to files in memory, by git apply in a temporary folder of just the files it touches."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from unidiff.errors import UnidiffParseError
from unidiff.patch import PatchedFile, PatchSet

from reviewer.errors import TreeError
from reviewer.gitio import git_outside, run
from reviewer.model import Patch, Tree

_DEV_NULL = "/dev/null"
_SPECIAL_MODE = re.compile(r"(?:(?:old|new|new file|deleted file) mode|index \S+) 1[26]0000$")
# What git would quote, or what is no UTF-8: no file of the kernel has such a name.
_UNUSUAL = re.compile(r'["\\\x00-\x1f\x7f\ufffd]')
_FAILED_HUNK = re.compile(r"^error: patch failed: (.+):(\d+)$", re.MULTILINE)
_FAILED_FILE = re.compile(r"^error: (.+): (No such file or directory|already exists in working directory)", re.M)


class DoesNotApply(TreeError):
    """The patch is sound but does not fit this base."""


def files_of(patch: Patch) -> tuple[PatchedFile, ...]:
    """The files a patch touches. TreeError when it is damaged or names a path it has no business with."""
    text = patch.message.diff.decode("utf-8", "replace")
    try:
        files = tuple(PatchSet.from_string(text))
    except UnidiffParseError as error:
        raise _damaged(patch, str(error).strip()) from error
    for file in files:
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

    DoesNotApply names the hunk that fails; TreeError when no base could help.
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
    result = run(git_outside(work), "apply", "-p1", "--whitespace=nowarn", str(diff))
    if result.status:
        raise _failure(patch, files, result.errors)
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


def _failure(patch: Patch, files: Sequence[PatchedFile], errors: str) -> TreeError:
    if hunk := _FAILED_HUNK.search(errors):
        others = len(set(_FAILED_HUNK.findall(errors))) - 1
        more = f" (and a hunk in each of {others} more files)" if others else ""
        return DoesNotApply(f"{_hunk(files, hunk[1], int(hunk[2]))} does not apply{more}", place=_place(patch))
    if file := _FAILED_FILE.search(errors):
        what = "is not in the tree" if file[2].startswith("No such") else "exists already, and the patch adds it"
        return DoesNotApply(f"{file[1]} {what}", place=_place(patch))
    if "corrupt patch" in errors or "malformed" in errors:
        return _damaged(patch, errors.removeprefix("error: "))
    return DoesNotApply(f"does not apply: {errors.removeprefix('error: ')}", place=_place(patch))


def _hunk(files: Sequence[PatchedFile], path: str, line: int) -> str:
    """ "hunk 2 of mm/a.c (@@ -170,6 +170,23 @@ static int f())": git names only the line."""
    for file in files:
        for number, hunk in enumerate(file, 1):
            if path in paths_of(file) and hunk.source_start == line:
                old, new = f"{line},{hunk.source_length}", f"{hunk.target_start},{hunk.target_length}"
                head = f"@@ -{old} +{new} @@ {hunk.section_header}".strip()
                return f"hunk {number} of {path} ({head})"
    return f"the hunk at line {line} of {path}"


def _damaged(patch: Patch, why: str) -> TreeError:
    hint = "A mail client may have wrapped its lines or changed its blanks; get it from the list's archive."
    return TreeError(f"the patch is damaged: {why}", place=_place(patch), hint=hint)


def _refused(patch: Patch, path: str, why: str) -> TreeError:
    return TreeError(f"{path} {why}: refused", place=_place(patch))


def _place(patch: Patch) -> str:
    return f'patch {patch.index} "{patch.subject}"'
