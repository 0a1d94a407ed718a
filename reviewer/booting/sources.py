# SPDX-License-Identifier: GPL-2.0-or-later
"""The whole source that kernels are built of, and what the patches of a series make of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from reviewer.errors import TreeError
from reviewer.model import Patch, Series
from reviewer.report.view import is_commit
from reviewer.support.gitio import find_commit, open_repository, run
from reviewer.trees.kernel import KernelTree
from reviewer.trees.overlays import Overlay, apply_series

# What a tree has that can be built: of partial ones, made for reviews alone, one or another is missing.
_PARTS = ("Makefile", "Kconfig", "scripts/kconfig", "init/main.c", "kernel/fork.c", "mm/memory.c", "usr/Makefile")
_PATHS = 2_000  # that may differ between a work tree and the commit
Texts = Mapping[str, bytes | None]  # path to text, None for a file that is gone
# By what make outside the tree refuses a tree that was built in (the top Makefile, at "source tree is not clean").
_TRACES = (".config", "include/config", "arch/x86/include/generated", "arch/arm64/include/generated")


def whole(folder: str) -> Path:
    """A source that can be built. TreeError where it is none, or was built in."""
    place = Path(folder)
    hint = "Give a whole source: an unpacked tarball, or a work tree of git (git worktree add)."
    if not place.is_dir():
        raise TreeError("there is no such folder", place=f"--kernel {folder}", hint=hint)
    if lacking := [part for part in _PARTS if not (place / part).exists()]:
        raise TreeError(
            f"this is no whole kernel source: it has no {lacking[0]}", place=f"--kernel {folder}", hint=hint
        )
    if traces := [part for part in _TRACES if (place / part).exists()]:
        raise TreeError(
            f"a kernel was built in this source: it has {traces[0]}", place=f"--kernel {folder}",
            hint="Give one in which none was: git worktree add ../clean, or make mrproper in a copy of it.",
        )  # fmt: skip
    return place.resolve()


def sides(source: Path, series: Series, index: int, base: str = "") -> tuple[Texts, Texts]:
    """What differs from the source before and after the patch of that number. base: the commit that the series was
    reviewed on; where the source is a work tree of git that has it, what the work tree makes of it does not matter.

    TreeError where the series does not apply."""
    mine = tuple(patch for patch in series.patches if patch.index <= index)
    if not mine or mine[-1].index != index:
        raise TreeError(f"has no patch {index}", place=series.subject)
    repo = open_repository(source)
    commit = find_commit(repo, base) if repo is not None and is_commit(base) else ""
    if repo is not None and not commit:
        repo.close()
    with KernelTree(source, repo if commit else None) as kernel:
        own = _changed(kernel, commit) if commit else {}
        last = apply_series(_of(series, mine), kernel, base=commit).patches[-1]
        return {**own, **_differing(last.before)}, {**own, **_differing(last.after)}


def _changed(kernel: KernelTree, commit: str) -> Texts:
    """The texts of a commit of which the work tree has others."""
    assert kernel.repo is not None
    done = run(kernel.repo.git, "diff", "--name-only", "-z", "--no-renames", "--no-ext-diff", commit, "--")
    paths = [path.decode("utf-8", "surrogateescape") for path in done.out.split(b"\0") if path]
    if done.status or len(paths) > _PATHS:
        why = done.errors or f"{len(paths):,} files of the work tree differ from it"
        hint = f"Give a work tree of it: git worktree add ../clean {commit[:12]}."
        raise TreeError(f"it is too far from the commit of the review: {why}", place=str(kernel.root), hint=hint)
    tree = kernel.at(commit)
    return {path: tree.read(path) for path in paths}


def _of(series: Series, patches: Sequence[Patch]) -> Series:
    return Series(
        series.subject, series.version, series.total, tuple(patches), missing=series.missing, held=series.held
    )


def _differing(tree: object) -> Texts:
    return tree.files if isinstance(tree, Overlay) else {}
