# SPDX-License-Identifier: GPL-2.0-or-later
"""Coverage probes: one store at the start of each basic block of the functions under test.

The slice is text of our own making, so the probes go in before the compiler sees it: no compiler support is
needed, they work inside the sandbox, and they name lines of the kernel file. Line numbers do not move.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from tree_sitter import Node

from reviewer.csource.items import Item, parse

_STATEMENTS = frozenset(
    (
        "expression_statement if_statement for_statement while_statement do_statement return_statement "
        "goto_statement break_statement continue_statement switch_statement"
    ).split()
)
# Macros that a statement follows, as one follows for (...): C's grammar takes the two for two statements.
_LOOP = re.compile(
    rb"\b(?=\w{5})(?:\w*for_each\w*|scoped_guard|scoped_cond_guard)"
    rb"(?=\s*\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)\s*[{\w(*])"
)


@dataclass(frozen=True)
class Probe:
    """Statement first..last (lines of file) of a function; hit when the statement was reached."""

    function: str
    file: str
    first: int
    last: int


def instrument(item: Item, start: int, forced: int | None = None) -> tuple[str, list[Probe]]:
    """The function's text with W_COV(n) probes, n counting from start, and what each stands for.

    forced: a probe; the condition that leads to it is evaluated and then taken for true."""
    inserts: list[tuple[int, int, str]] = []
    probes: list[Probe] = []
    for place in _places(item.text):
        number = start + len(probes)
        probes.append(Probe(item.name, item.file, item.line + place.first, item.line + place.last))
        if number == forced and place.condition is not None:
            inserts += [(place.condition[0] + 1, 0, "("), (place.condition[1] - 1, 0, "), 1")]
        if place.among:
            inserts.append((place.start, 0, f"W_COV({number}); "))
        else:
            inserts.append((place.start, 0, f"{{ W_COV({number}); "))
            inserts.append((place.end, -len(inserts), " }"))
    out = bytearray(item.text.encode())
    for at, _, text in sorted(inserts, key=lambda i: (i[0], i[1]), reverse=True):
        out[at:at] = text.encode()
    return out.decode("utf-8", "replace"), probes


@dataclass(frozen=True)
class _Place:
    """A statement that gets a probe. first, last: its lines, from that of the function. start, end: its bytes. among:
    whether it stands among others. condition: the bytes of the one that leads to it."""

    first: int
    last: int
    start: int
    end: int
    among: bool
    condition: tuple[int, int] | None


@lru_cache(maxsize=4096)
def _places(text: str) -> tuple[_Place, ...]:
    """Those of a function: both sides and many entries have the same text."""
    found = []
    for node in _bodies(parse(_readable(text.encode()))):
        test, parent = _condition(node), node.parent
        among = parent is not None and parent.type in {"compound_statement", "case_statement", "labeled_statement"}
        condition = (test.start_byte, test.end_byte) if test is not None else None
        found.append(_Place(node.start_point[0], node.end_point[0], node.start_byte, node.end_byte, among, condition))
    return tuple(found)


def _readable(source: bytes) -> bytes:
    """The function as C's grammar reads it, every offset kept: loops that macros make are while loops."""
    body = source.find(b"{")
    return source[:body] + _LOOP.sub(lambda m: b"while".ljust(len(m.group(0))), source[body:])


def _bodies(root: Node) -> list[Node]:
    """Statements that get a probe, in source order."""
    found: list[Node] = []
    stack = [root]
    while stack:
        node = stack.pop()
        if node.type in _STATEMENTS and not node.has_error and _takes_probe(node):
            found.append(node)
        stack.extend(reversed(node.children))
    return sorted(found, key=lambda n: (n.start_byte, -n.end_byte))


def _takes_probe(node: Node) -> bool:
    parent = node.parent
    if parent is None:
        return False
    if parent.type == "compound_statement":
        # A ({ }) expression's last statement is its value: leave it alone.
        return parent.parent is None or parent.parent.type != "parenthesized_expression"
    if parent.type in {"case_statement", "labeled_statement"}:  # a label itself is passed by those who jump to it
        return True
    if parent.type in {"if_statement", "for_statement", "while_statement", "do_statement"}:
        fields = [parent.child_by_field_name(f) for f in ("consequence", "body")]
        return any(f is not None and f.id == node.id for f in fields)
    return parent.type == "else_clause" and node.type != "if_statement"


def _condition(node: Node) -> Node | None:
    """The condition under which a statement is come to, when it is in the branch of an if that has no other."""
    held = node.parent if node.parent is not None and node.parent.type == "compound_statement" else node
    test = held.parent
    if test is None or test.type != "if_statement" or (branch := test.child_by_field_name("consequence")) is None:
        return None
    return test.child_by_field_name("condition") if branch.id == held.id else None


def lines_of(item: Item, probes: list[Probe]) -> dict[int, int]:
    """Line -> index in probes of the innermost statement on it; braces, blanks and declarations have none."""
    best: dict[int, int] = {}
    text = item.text.split("\n")
    for number, probe in enumerate(probes):
        for line in range(probe.first, probe.last + 1):
            here = text[line - item.line].strip() if 0 <= line - item.line < len(text) else ""
            if not here.strip("{};") or here.startswith(("/*", "*", "//")) or here == "else":
                continue
            known = best.get(line)
            if known is None or _span(probe) <= _span(probes[known]):
                best[line] = number
    return best


def _span(probe: Probe) -> int:
    return probe.last - probe.first
