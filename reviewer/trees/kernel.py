# SPDX-License-Identifier: GPL-2.0-or-later
"""A kernel tree to read from: a git checkout, a bare repository or an unpacked tarball. Never written to."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import TYPE_CHECKING

from reviewer.errors import TreeError
from reviewer.model import Tree
from reviewer.support.gitio import find_commit, open_repository, run

if TYPE_CHECKING:
    from git import Repo
    from git.objects import Tree as GitFolder
    from git.objects.base import IndexObject

_HINT = "Give the top of a Linux source tree: a git checkout, a bare repository or an unpacked tarball."

_KEPT = 8  # trees, with what was read of them


class CommitTree:
    """The files of one commit. Symlinks and submodules read as missing: a patch has no business there."""

    def __init__(self, repo: Repo, commit: str, lock: threading.RLock) -> None:
        self._repo = repo
        self._commit = commit
        self._folders: dict[str, Mapping[str, IndexObject]] = {}
        self._files: dict[str, bytes | None] = {}
        self._holding: dict[tuple[str, ...], tuple[str, ...]] = {}  # a search reads the whole tree
        self._lock = lock

    def read(self, path: str) -> bytes | None:
        """The bytes of a file at that commit, None when it does not exist there."""
        with self._reading(path):
            if path not in self._files:
                self._files[path] = self._blob(PurePosixPath(path))
            return self._files[path]

    def list(self, folder: str) -> tuple[str, ...]:
        """Paths of the files directly in a folder, sorted; none when there is no such folder."""
        with self._reading(folder):
            entries = self._entries(str(PurePosixPath(folder)))
            return tuple(sorted(str(PurePosixPath(folder, name)) for name in entries if _is_file(entries[name])))

    def holding(self, words: Sequence[str]) -> tuple[str, ...]:
        """Paths of the C files, in any folder, that hold one of these words, sorted."""
        key = tuple(words)
        if key not in self._holding:
            self._holding[key] = self._search(key)
        return self._holding[key]

    def _search(self, words: Sequence[str]) -> tuple[str, ...]:
        asked = [part for word in words for part in ("-e", word)]
        done = run(self._repo.git, "grep", "-z", "-l", "-w", "-F", "--full-name", *asked, self._commit, "--")
        if done.status > 1:
            raise TreeError(f"git cannot search it at {self._commit[:12]}", place=done.errors.split("\n")[0])
        found = (path.decode("utf-8", "replace").partition(":")[2] for path in done.out.split(b"\0") if path)
        return tuple(sorted(path for path in found if is_c(path)))

    @contextmanager
    def _reading(self, path: str) -> Iterator[None]:
        with self._lock:
            try:
                yield
            except (OSError, ValueError) as error:  # what GitPython raises for a missing object
                hint = "The clone may be partial or damaged: try `git fsck`, or a full clone."
                raise TreeError(f"git cannot read it at {self._commit[:12]}", place=path, hint=hint) from error

    def _blob(self, path: PurePosixPath) -> bytes | None:
        entry = self._entries(str(path.parent)).get(path.name)
        if entry is None or not _is_file(entry):
            return None
        return bytes(entry.data_stream.read())

    def _entries(self, folder: str) -> Mapping[str, IndexObject]:
        """What a folder holds, by name; each folder is read once."""
        if folder not in self._folders:
            found = self._folder(PurePosixPath(folder))
            self._folders[folder] = {str(entry.name): entry for entry in found} if found is not None else {}
        return self._folders[folder]

    def _folder(self, path: PurePosixPath) -> GitFolder | None:
        from git.objects import Tree as GitFolder

        if path == path.parent:  # "." and "/": there is no absolute path in a commit
            return None if path.is_absolute() else self._repo.commit(self._commit).tree
        entry = self._entries(str(path.parent)).get(path.name)
        return entry if isinstance(entry, GitFolder) else None


def _is_file(entry: IndexObject) -> bool:
    return entry.mode >> 12 == 0o10


def is_c(path: str) -> bool:
    """Whether a file is C by its name."""
    return path.endswith((".c", ".h"))


def holds_word(content: bytes, words: Sequence[str]) -> bool:
    """Whether one of the words stands in the text, on its own."""
    return any(
        word.encode() in content and re.search(rb"(?<!\w)%s(?!\w)" % re.escape(word.encode()), content)
        for word in words
    )


class FolderTree:
    """The files of an unpacked tree, as they are. What lies behind a symlink reads as missing."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()

    def read(self, path: str) -> bytes | None:
        """The bytes of a file, None when it does not exist."""
        try:
            file = self._inside(path)
            return file.read_bytes() if file and file.is_file() else None
        except OSError as error:
            raise TreeError(f"cannot be read: {error.strerror}", place=path) from error

    def list(self, folder: str) -> tuple[str, ...]:
        """Paths of the files directly in a folder, sorted; none when there is no such folder."""
        inside = self._inside(folder)
        if not inside or not inside.is_dir():
            return ()
        files = (file for file in inside.iterdir() if file.is_file() and not file.is_symlink())
        return tuple(sorted(file.relative_to(self._root).as_posix() for file in files))

    def holding(self, words: Sequence[str]) -> tuple[str, ...]:
        """Paths of the C files, in any folder, that hold one of these words, sorted."""
        found = []
        for folder, _, names in os.walk(self._root):
            paths = (Path(folder, name).relative_to(self._root).as_posix() for name in names if is_c(name))
            found += [path for path in paths if holds_word(self.read(path) or b"", words)]
        return tuple(sorted(found))

    def _inside(self, path: str) -> Path | None:
        file = self._root / path
        plain = "\0" not in path and file.is_relative_to(self._root) and file.resolve() == file
        return file if plain else None


class KernelTree:
    """An open kernel tree; close it, or use it as a context manager.

    With git, only commits are read: uncommitted changes of the work tree are not seen. name is "linux 7.2.13"
    and codename what the Makefile calls it, both of HEAD; head is empty for a tree without git.
    """

    def __init__(self, root: Path, repo: Repo | None) -> None:
        self.root = root
        self.repo = repo
        self.head = find_commit(repo, "HEAD") if repo else ""
        self._trees: dict[str, Tree] = {}
        self.lock = threading.RLock()  # all reads of a repository share one `git cat-file --batch`
        if repo and not self.head:
            raise TreeError("this git repository has no commit yet", place=str(root), hint=_HINT)
        tree = self.at(self.head)
        self.name, self.codename = kernel_name(tree)
        if not (self.name and tree.list("include/linux") and tree.list("mm")):
            raise TreeError("this is not a kernel tree", place=str(root), hint=_HINT)

    def at(self, commit: str) -> Tree:
        """The files at a commit (a full id); without git, the files as they are."""
        with self.lock:
            found = self._trees.pop(commit, None)
            if found is None:
                found = CommitTree(self.repo, commit, self.lock) if self.repo else FolderTree(self.root)
            self._trees[commit] = found
            if len(self._trees) > _KEPT:
                del self._trees[next(iter(self._trees))]
            return found

    def close(self) -> None:
        """End the git process that serves the reads; reading on starts a new one."""
        if self.repo:
            self.repo.close()

    def __enter__(self) -> KernelTree:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_tree(path: str | Path) -> KernelTree:
    """The kernel tree at path. TreeError when it is not there or is no kernel tree."""
    root = Path(path)
    try:
        if not root.is_dir():
            raise TreeError("there is no such folder", place=str(root), hint=_HINT)
        repo = open_repository(root)
    except (OSError, ValueError) as error:
        raise TreeError(f"cannot be read: {error}", place=str(root), hint=_HINT) from error
    try:
        return KernelTree(root, repo)
    except BaseException:
        if repo:
            repo.close()
        raise


def kernel_name(tree: Tree) -> tuple[str, str]:
    """("linux 7.2.13", codename) by the top Makefile; ("", "") when there is none with a VERSION."""
    makefile = (tree.read("Makefile") or b"").decode("utf-8", "replace")
    value = dict(re.findall(r"^(\w+)[ \t]*=[ \t]*(.*?)[ \t]*$", makefile, re.MULTILINE))
    if not value.get("VERSION"):
        return "", ""
    numbers = [value[part] for part in ("VERSION", "PATCHLEVEL", "SUBLEVEL") if value.get(part)]
    return f"linux {'.'.join(numbers)}{value.get('EXTRAVERSION', '')}", value.get("NAME", "")
