# SPDX-License-Identifier: GPL-2.0-or-later
"""The files a patch touches, once it is known to be no larger than a patch is and to stay inside the tree."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from unidiff.errors import UnidiffParseError
from unidiff.patch import PatchedFile, PatchSet

from reviewer import limits
from reviewer.errors import TreeError
from reviewer.model import Patch
from reviewer.support.bounded import check_lines
from reviewer.trees.refusal import place_of

_DEV_NULL = "/dev/null"
_SPECIAL_MODE = re.compile(r"(?:(?:old|new|new file|deleted file) mode|index \S+) 1[26]0000$")
# What git would quote, or what is no UTF-8: no file of the kernel has such a name.
_UNUSUAL = re.compile(r'["\\\x00-\x1f\x7f\ufffd]')
_NO_PREFIX = re.compile(r"diff --git (\S+) \1$")
_FILE = re.compile(rb"^(?:diff --git |--- )", re.MULTILINE)
_HUNK = re.compile(rb"^@@ -([\d, +-]*)", re.MULTILINE)
# No line of a hunk starts so: these are the headers that git takes further paths and sizes from.
_MOVED = re.compile(rb"^(?:copy|rename) (?:from|to|old|new) ([^\n]*)", re.MULTILINE)
_PACKED = re.compile(rb"^(?:literal|delta) (\d+)\s*$", re.MULTILINE)


def files_of(patch: Patch) -> tuple[PatchedFile, ...]:
    """The files a patch touches. TreeError when it is damaged, too large, or names a path it has no business with."""
    _check_size(patch)
    for name in _MOVED.findall(patch.message.diff):
        _check_path(patch, name.decode("utf-8", "replace").rstrip("\r"))
    try:
        files = tuple(PatchSet.from_string(patch.message.diff.decode("utf-8", "replace")))
    except (UnidiffParseError, ValueError) as error:
        raise damaged(patch, str(error).strip()[:200]) from error
    for file in files:
        if file.source_file == file.target_file or any(map(_NO_PREFIX.match, file.patch_info or ())):
            hint = "Make it with `git -c diff.noprefix=false format-patch`."
            raise TreeError("its paths have no a/ and b/ before them", place=place_of(patch), hint=hint)
        if any(_SPECIAL_MODE.match(line.rstrip()) for line in file.patch_info or ()):
            raise _refused(patch, file.path, "is a symlink or a submodule")
        for path in paths_of(file):
            _check_path(patch, path)
    return files


def source_of(file: PatchedFile) -> str:
    """The path of a file before the patch, empty for a new one."""
    return _stripped(file.source_file)


def target_of(file: PatchedFile) -> str:
    """The path of a file after the patch, empty for one that is deleted."""
    return _stripped(file.target_file)


def paths_of(file: PatchedFile) -> tuple[str, ...]:
    """The path before and after the patch, as far as there is one."""
    names = (source_of(file), target_of(file))
    return tuple(dict.fromkeys(name for name in names if name))


def damaged(patch: Patch, why: str) -> TreeError:
    """The error for a patch that no base could help."""
    hint = "A mail client may have wrapped its lines or changed its blanks; get it from the list's archive."
    return TreeError(f"the patch is damaged: {why}", place=place_of(patch), hint=hint)


def _check_size(patch: Patch) -> None:
    diff, place = patch.message.diff, place_of(patch)
    limits.PATCH.check(len(diff), place, TreeError)
    limits.PATCH_LINES.check(diff.count(b"\n"), place, TreeError)
    check_lines(diff, limits.LINE, place, TreeError)
    limits.FILES.check(sum(1 for _ in _FILE.finditer(diff)) // 2, place, TreeError)
    hunks = _HUNK.findall(diff)
    limits.HUNKS.check(len(hunks), place, TreeError)
    digits = max((len(number) for ranges in hunks for number in re.findall(rb"\d+", ranges)), default=0)
    limits.DIGITS.check(digits, place, TreeError)
    sizes = [number[: limits.DIGITS.most + 1] for number in _PACKED.findall(diff)]
    limits.BINARY.check(sum(map(int, sizes)), place, TreeError)


def _check_path(patch: Patch, path: str) -> None:
    limits.PATH.check(len(path.encode()), place_of(patch), TreeError)
    pure = PurePosixPath(path)
    limits.DEPTH.check(len(pure.parts), place_of(patch), TreeError)
    if pure.is_absolute() or {"..", ".git"} & set(pure.parts) or _UNUSUAL.search(path):
        raise _refused(patch, path, "is no plain path inside the tree")


def _stripped(name: str) -> str:
    """A path without its first folder, as git apply -p1 reads it; empty for /dev/null. One that git quotes is refused,
    and is left whole to be told."""
    if name == _DEV_NULL:
        return ""
    if name.startswith('"'):
        return name
    return name if name.startswith("/") else name.partition("/")[2]


def _refused(patch: Patch, path: str, why: str) -> TreeError:
    return TreeError(f"{path} {why}: refused", place=place_of(patch))
