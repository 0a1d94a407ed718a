# SPDX-License-Identifier: GPL-2.0-or-later
"""The whole source that kernels are built of, and what the patches of a series make of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from reviewer.errors import TreeError
from reviewer.model import Patch, Series
from reviewer.trees.kernel import KernelTree
from reviewer.trees.overlays import Overlay, apply_series

# What a tree has that can be built: of partial ones, made for reviews alone, one or another is missing.
_PARTS = ("Makefile", "Kconfig", "scripts/kconfig", "init/main.c", "kernel/fork.c", "mm/memory.c", "usr/Makefile")
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


def sides(source: Path, series: Series, index: int) -> tuple[Mapping[str, bytes | None], Mapping[str, bytes | None]]:
    """What differs from the source before and after the patch of that number, path to text, None for a file that is
    gone. TreeError where the series does not apply to the files as they are."""
    mine = tuple(patch for patch in series.patches if patch.index <= index)
    if not mine or mine[-1].index != index:
        raise TreeError(f"has no patch {index}", place=series.subject)
    with KernelTree(source, None) as kernel:
        steps = apply_series(_of(series, mine), kernel).patches
        last = steps[-1]
        return _differing(last.before), _differing(last.after)


def _of(series: Series, patches: Sequence[Patch]) -> Series:
    return Series(
        series.subject, series.version, series.total, tuple(patches), missing=series.missing, held=series.held
    )


def _differing(tree: object) -> Mapping[str, bytes | None]:
    return tree.files if isinstance(tree, Overlay) else {}
