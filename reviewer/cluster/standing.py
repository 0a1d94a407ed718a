# SPDX-License-Identifier: GPL-2.0-or-later
"""An entry of a tree as it is, reviewed as if a patch had changed all of it into itself: for long budgets.

What it breaks was there before; its coverage is that of its own lines.
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from oracle.entries import Entry
from oracle.entries import entry as entry_of
from oracle.flavours import DEFAULT
from reviewer import __version__
from reviewer.building.pair import slice_of
from reviewer.changes.changed import Changes
from reviewer.cluster.hands import Sent
from reviewer.errors import ReviewError, SliceError
from reviewer.findings.precedents import citing
from reviewer.model import ChangedFunction, Message, Patch, PatchReview, PatchTrees, Review, Series, Tree
from reviewer.running.claims import claimed, verdict
from reviewer.running.listener import Nobody
from reviewer.running.pairs import run_all
from reviewer.selection.plan import Plan
from reviewer.settings import Settings
from reviewer.slicing.probes import lines_of
from reviewer.trees.kernel import KernelTree

_MESSAGE = Message("", "", (), "", (), (), "", "", "", b"", "")


def standing(name: str, kernel: KernelTree, settings: Settings, hands: Sent) -> Review:
    """The review of an entry of a tree's HEAD. ReviewError where there is no such entry."""
    entry = entry_of(name)
    if entry is None:
        raise ReviewError(f"no entry is called {name}", hint="See review-patch survey for what can be run.")
    tree = kernel.at(kernel.head)
    function = _whole(tree, entry, entry.flavours or settings.flavours or DEFAULT)
    patch = Patch(1, f"{name}() as it is", _MESSAGE)
    step = PatchTrees(patch, tree, tree, (function.file,))
    chosen = Plan((entry,), {(name, function.file): (entry,)}, {})
    with ThreadPoolExecutor(settings.jobs) as pool:
        runs = run_all(step, Changes((function,), frozenset()), chosen, settings, Nobody(), hands.run, pool)
    found = citing(hands.found(step, [function], runs[name].ran))
    done = (PatchReview(1, patch.subject, "", (claimed(function, chosen, runs),)),)
    series = Series(f"{name}() of {kernel.name}", 1, 1, (patch,))
    return Review(
        version=__version__, seed=settings.seed, compiler="", series=series, base=kernel.head or kernel.name,
        base_how="HEAD", tree=kernel.name, verdict=verdict(done, found), patches=done, findings=tuple(found),
    )  # fmt: skip


def _whole(tree: Tree, entry: Entry, flavours: Iterable[str]) -> ChangedFunction:
    """The function with all its lines that have code on some flavour."""
    file, lines, why = "", set[int](), ""
    for flavour in flavours:
        try:
            piece = slice_of(tree, entry, flavour)
        except SliceError as error:
            why = why or error.message
            continue
        item = piece.functions[entry.name]
        file = item.file
        lines |= set(lines_of(item, [p for p in piece.probes if p.function == entry.name]))
    if not file:
        raise ReviewError(why or "no flavour of the choice has it", place=entry.name)
    return ChangedFunction(entry.name, file, tuple(sorted(lines)))
