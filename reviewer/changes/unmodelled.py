# SPDX-License-Identifier: GPL-2.0-or-later
"""What a patch changes that compiles here and yet does not run as it does in a kernel: so a run is no proof of it.

Attributes that put code elsewhere or promise the compiler something, and what a function hands on to code that the
simulated world does without: callbacks of walks, and their tables.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

from oracle.flavours import DEFAULT, FLAVOURS
from reviewer.changes.touching import compiling, handing, touches
from reviewer.csource.attributes import attributes, blanked, says_nothing, words_inside
from reviewer.csource.items import Item
from reviewer.csource.tokens import DIRECTIVE, plain
from reviewer.model import PatchTrees, Tree
from reviewer.slicing.index import config_of, read_beneath
from reviewer.slicing.reading import Read
from reviewer.slicing.world import world

# Negated, or not: with the other value there is code that is not run.
_OPTION = re.compile(r"(!?)\s*\bIS_(?:ENABLED|BUILTIN|REACHABLE|MODULE)\s*\(\s*(CONFIG_\w+)\s*\)")
_DEFINED = re.compile(rb"\s*([A-Za-z_]\w*)(.*)", re.DOTALL)
Key = tuple[str, str]


def attributed(trees: PatchTrees, path: str, flavours: Iterable[str]) -> dict[str, str]:
    """What of a file has an attribute that the patch gives or takes, or is one that means another thing, and why that
    is told."""
    found: dict[str, str] = {}
    for flavour in flavours:
        old, new = (_attributes(tree, path, flavour) for tree in (trees.before, trees.after))
        for name in new:
            differ = (old.get(name, Counter()) - new[name]) + (new[name] - old.get(name, Counter()))
            if differ:
                found[name] = f"what {min(differ).decode('utf-8', 'replace')} does to it is not modelled"
    before, after = (_renamed(tree, path) for tree in (trees.before, trees.after))
    for name, _ in before ^ after if path.endswith(".h") else ():
        found[name] = "what it does to the code that has this attribute is not modelled"
    return found


def _renamed(tree: Tree, path: str) -> set[tuple[str, bytes]]:
    """The attributes that a file defines, each with what it stands for."""
    directives = DIRECTIVE.finditer(plain(tree.read(path) or b""))
    defined = [_DEFINED.match(d.group(2)) for d in directives if d.group(1) == b"define"]
    named = ((d.group(1).decode(), b" ".join(d.group(2).split())) for d in defined if d is not None)
    return {(name, text) for name, text in named if blanked(name)}


def _attributes(tree: Tree, path: str, flavour: str) -> dict[str, Counter[bytes]]:
    here = read_beneath(tree, path, FLAVOURS[flavour], world().macros)
    return _attributes_of(here, tree.read(path) or b"") if here is not None else {}


@lru_cache(maxsize=16)
def _attributes_of(here: Read, raw: bytes) -> dict[str, Counter[bytes]]:
    lines = plain(raw).split(b"\n")
    items = [i for i in here.names.values() if i.kind != "prototype"]
    return {i.name: Counter(_bearing(i, b"\n".join(lines[i.line - 1 : i.last_line]))) for i in items}


def _bearing(item: Item, text: bytes) -> tuple[bytes, ...]:
    """The attributes of an item that may change what it does; in code such a word may be anything."""
    if item.kind not in {"function", "macro"}:
        return attributes(text)
    _, _, body = text.partition(b"{") if item.kind == "function" else text.partition(item.name.encode())
    inside = () if item.kind == "macro" and says_nothing(body.decode("utf-8", "replace")) else words_inside(body)
    return (*attributes(text), *inside)


def configured(trees: PatchTrees, path: str, flavours: Iterable[str], added: Iterable[int]) -> dict[str, str]:
    """What of a file asks on a changed line for an option that has one value on all flavours, and why that is told: of
    what it does with the other value nothing is run."""
    text = plain(trees.after.read(path) or b"").decode("utf-8", "replace").split("\n")
    known = [config_of(FLAVOURS[flavour], trees.after) for flavour in flavours]
    found: dict[str, str] = {}
    for flavour in flavours:
        here = read_beneath(trees.after, path, FLAVOURS[flavour], world().macros)
        for item in here.names.values() if here is not None else ():
            lines = range(item.line, item.last_line + 1)
            for asked in (m for n in added if n in lines for m in _OPTION.finditer(text[n - 1])):
                on = {macros.defined(asked[2]) for macros in known}
                if len(on) == 1 and on == {bool(asked[1])}:
                    found[item.name] = f"{asked[2]} is set on {'every' if asked[1] else 'no'} flavour"
    return found


def handed_on(tree: Tree, path: str) -> dict[str, str]:
    """Functions of a file that hand on what leads to entries and touch none themselves, and why that is told."""
    flavour = (compiling(path) or [DEFAULT[0]])[0]
    here = read_beneath(tree, path, FLAVOURS[flavour], world().macros)
    items = here.names if here is not None else {}
    found = [name for name in handing(tree, path, flavour) if not touches(items[name].text)]
    return dict.fromkeys(found, "who calls what it hands on is not modelled")
