# SPDX-License-Identifier: GPL-2.0-or-later
"""A series and a kernel tree to the trees before and after each patch, in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from reviewer.errors import TreeError
from reviewer.model import PatchTrees, Series, SeriesTrees, Tree
from reviewer.support.gitio import find_commit
from reviewer.trees.applying import apply_patch
from reviewer.trees.bases import Base, candidates
from reviewer.trees.kernel import KernelTree, holds_word, is_c, kernel_name, open_tree
from reviewer.trees.refusal import DoesNotApply, table, told
from reviewer.words import patches

__all__ = ["KernelTree", "Overlay", "apply_series", "open_tree"]


class Overlay:
    """A tree with some files replaced: path to content, None for a file that is gone."""

    def __init__(self, base: Tree, files: Mapping[str, bytes | None]) -> None:
        self._base = base
        self._files = dict(files)

    @property
    def files(self) -> Mapping[str, bytes | None]:
        """What is replaced."""
        return self._files

    def read(self, path: str) -> bytes | None:
        """The bytes of a file, None when it does not exist."""
        return self._files[path] if path in self._files else self._base.read(path)

    def list(self, folder: str) -> tuple[str, ...]:
        """Paths of the files directly in a folder, sorted."""
        parent = PurePosixPath(folder)
        here = {path: content for path, content in self._files.items() if PurePosixPath(path).parent == parent}
        added = {path for path, content in here.items() if content is not None}
        return tuple(sorted(added.union(path for path in self._base.list(folder) if path not in here)))

    def holding(self, words: Sequence[str]) -> tuple[str, ...]:
        """Paths of the C files, in any folder, that hold one of these words, sorted."""
        own = {path for path, content in self._files.items() if is_c(path) and holds_word(content or b"", words)}
        return tuple(sorted(own.union(path for path in self._base.holding(words) if path not in self._files)))


def apply_series(series: Series, kernel: KernelTree, base: str = "") -> SeriesTrees:
    """Apply the series to the first base it fits; base is the user's choice, and then the only one tried.

    With git, a base is a commit: uncommitted changes in the work tree are not part of it. Nothing of the
    user's tree is written. The trees read from kernel, so keep it open. TreeError says which hunk fails and
    what was tried.
    """
    tried: list[tuple[Base, DoesNotApply]] = []
    for candidate in candidates(series, kernel, base):
        if candidate.commit in [earlier.commit for earlier, _ in tried]:
            continue
        tree = kernel.at(candidate.commit)
        try:
            steps = _apply(series, tree)
        except DoesNotApply as error:
            tried.append((candidate, error))
            continue
        name = kernel_name(tree)[0]
        return SeriesTrees(name, candidate.commit or f"unpacked {name}", candidate.how, steps)
    raise _none_fits(series, kernel, tried)


def _apply(series: Series, tree: Tree) -> tuple[PatchTrees, ...]:
    """The trees of each patch, each one an overlay of all changes so far on the base."""
    result: list[PatchTrees] = []
    before, files = tree, dict[str, bytes | None]()
    for patch in series.patches:
        changes = apply_patch(patch, before)
        files |= changes
        after = Overlay(tree, files)
        result.append(PatchTrees(patch, before, after, tuple(sorted(changes))))
        before = after
    return tuple(result)


def _none_fits(series: Series, kernel: KernelTree, tried: Sequence[tuple[Base, DoesNotApply]]) -> TreeError:
    """The failure on the base that is nearest, of equals the first one, and how near the others are."""
    error = max((failed for _, failed in tried), key=lambda failed: (failed.patch.index, failed.fit.part))
    rows = [(base.how, base.commit[:12], _reached(series, failed)) for base, failed in tried]
    details = [*error.details, f"tried on {kernel.name}:", *("  " + line for line in table(rows))]
    if series.base_commit and not (kernel.repo and find_commit(kernel.repo, series.base_commit)):
        details.append(f"The base-commit of the series, {series.base_commit[:12]}, is not in this tree: fetch it.")
    before = [number for number in series.missing if number < error.patch.index]
    hint = "Give --base REV or --tree DIR of what the series is for."
    if error.reverse:
        hint = "Review it on the commit before it with --base REV, or leave it out."
    elif error.fit.blanks:
        hint = "A mail client may have changed its blanks; get it from the list's archive."
    elif before:
        hint = f"Give {patches(before)} too, or --patch and a tree that holds what comes before."
    elif series.held:
        hint = f"With --patch the tree has to hold {patches(series.held)}: name where it does with --base or --tree."
    without = f" without {patches(before)}, not given here" if before else ""
    message = error.message.replace("does not apply", f"does not apply{without}", 1)
    return TreeError(message, place=error.place, details=details, hint=hint)


def _reached(series: Series, failed: DoesNotApply) -> str:
    """How far a base takes the series: "2 of 7 patches apply, then 3 of 5 hunks"."""
    done = [patch.index for patch in series.patches].index(failed.patch.index)
    hunks = "it is there already" if failed.reverse else told(failed.fit)
    whole = len(series.patches)
    return f"{done} of {whole} patches {'applies' if done == 1 else 'apply'}, then {hunks}" if whole > 1 else hunks
