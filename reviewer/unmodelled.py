"""What a patch changes that compiles here and yet does not run as it does in a kernel: so a run is no proof of it.

Attributes that put code elsewhere or promise the compiler something, and what a function hands on to code that the
simulated world does without: callbacks of walks, and their tables.
"""

from __future__ import annotations

from collections.abc import Iterable

from oracle.flavours import DEFAULT, FLAVOURS
from reviewer.attributes import attributes
from reviewer.model import PatchTrees, Tree
from reviewer.slicing.index import read_beneath
from reviewer.slicing.world import world
from reviewer.touching import compiling, handing, touches

Key = tuple[str, str]


def attributed(trees: PatchTrees, path: str, flavours: Iterable[str]) -> dict[str, str]:
    """Functions of a file with an attribute that the patch gives or takes, and why that is told."""
    found: dict[str, str] = {}
    for flavour in flavours:
        old, new = (_attributes(tree, path, flavour) for tree in (trees.before, trees.after))
        for name in old.keys() & new.keys():
            if differ := set(old[name]) ^ set(new[name]):
                found[name] = f"what {min(differ).decode('utf-8', 'replace')} does to it is not modelled"
    return found


def _attributes(tree: Tree, path: str, flavour: str) -> dict[str, tuple[bytes, ...]]:
    lines = (tree.read(path) or b"").split(b"\n")
    here = read_beneath(tree, path, FLAVOURS[flavour], world().macros)
    functions = [i for i in (here.names.values() if here is not None else ()) if i.kind == "function"]
    heads = {i.name: b"\n".join(lines[i.line - 1 : i.line + i.signature.count("\n")]) for i in functions}
    return {name: attributes(head.partition(b"{")[0]) for name, head in heads.items()}


def handed_on(tree: Tree, path: str) -> dict[str, str]:
    """Functions of a file that hand on what leads to entries and touch none themselves, and why that is told."""
    flavour = (compiling(path) or [DEFAULT[0]])[0]
    here = read_beneath(tree, path, FLAVOURS[flavour], world().macros)
    items = here.names if here is not None else {}
    found = [name for name in handing(tree, path, flavour) if not touches(items[name].text)]
    return dict.fromkeys(found, "who calls what it hands on is not modelled")
