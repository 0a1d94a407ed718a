# SPDX-License-Identifier: GPL-2.0-or-later
"""What of a file no flavour compiles: it stands under an #if that none of them meets, or belongs to another machine."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from oracle.flavours import FLAVOURS
from reviewer.csource.items import Item
from reviewer.csource.preprocess import Branch
from reviewer.csource.tokens import plain
from reviewer.model import Tree
from reviewer.slicing.index import read_beneath
from reviewer.slicing.world import world


@dataclass(frozen=True)
class Hidden:
    """An item of which some lines are compiled by no flavour. why: the condition, with its place. lines: those."""

    item: Item
    why: str
    lines: frozenset[int]


def foreign(path: str) -> str:
    """Why a file of an architecture that no flavour has is not compiled."""
    return f"no flavour is of {path.split('/')[1]}"


def hidden_branches(tree: Tree, path: str, flavours: Iterable[str]) -> dict[Branch, str]:
    """The branches that all these flavours leave out, and why."""
    kept: dict[tuple[int, int], tuple[Branch, dict[str, None]]] = {}
    for at, flavour in enumerate(flavours):
        here = read_beneath(tree, path, FLAVOURS[flavour], world().macros)
        mine = {(b.first, b.last): b for b in here.left_out} if here is not None else {}
        kept = {k: v for k, v in kept.items() if k in mine} if at else {k: (b, {}) for k, b in mine.items()}
        for key, (_, why) in kept.items():
            why[f"{mine[key].why} ({path}:{mine[key].line})"] = None
    return {branch: " and ".join(why) for branch, why in kept.values()}


def hidden_items(
    tree: Tree, path: str, flavours: list[str], wanted: Callable[[str], bool], lines: frozenset[int] | None = None
) -> list[Hidden]:
    """The items that lie in what all these flavours leave out, read as if it were compiled.

    wanted: whether the text of a branch is worth that. lines: if given, only branches with one of these."""
    text = plain(tree.read(path) or b"").decode("utf-8", "replace").split("\n")
    found: dict[tuple[str, str], Hidden] = {}
    for branch, why in hidden_branches(tree, path, flavours).items():
        inside = frozenset(range(branch.first, branch.last + 1))
        if not (inside if lines is None else inside & lines) or not wanted(
            "\n".join(text[branch.first - 1 : branch.last])
        ):
            continue
        here = read_beneath(tree, path, FLAVOURS[flavours[0]], world().macros, branch.path)
        for item in [i for i, _ in here.items] if here is not None else []:
            mine = inside.intersection(range(item.line, item.last_line + 1))
            if mine and item.kind != "prototype":
                known = found.get((item.name, why), Hidden(item, why, frozenset()))
                found[item.name, why] = Hidden(item, why, known.lines | mine)
    return list(found.values())
