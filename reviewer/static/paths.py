# SPDX-License-Identifier: GPL-2.0-or-later
"""What is known of an entry at a place: whether it is present, by the tests on the way there."""

from __future__ import annotations

from tree_sitter import Node

from reviewer.static.source import Source, above, called, field, inside, text

_LOOPS = ("for_statement", "while_statement", "do_statement")
_JUMPS = ("return_statement", "goto_statement", "continue_statement", "break_statement")


def known(source: Source, place: Node, name: str) -> bool | None:
    """True when the entry is present at the place, False when it is not, None when nothing tells.

    Goes up from the place; what may set the variable on the way, a label or a case ends the search."""
    here = place
    for parent in above(place):
        fact = _beside(here, parent, name)
        if fact is None and parent.type in ("compound_statement", "case_statement"):
            fact, end = _before(source, here, parent, name)
            if end:
                return fact
        if fact is not None:
            return fact
        if parent.type in ("labeled_statement", "case_statement", "function_definition"):
            return None
        if parent.type in _LOOPS and source.sets(parent, name):
            return None
        here = parent
    return None


def _beside(here: Node, parent: Node, name: str) -> bool | None:
    """What the condition beside a node says of it."""
    test = field(parent, "condition")
    if parent.type in ("if_statement", "conditional_expression") and test is not None and here != test:
        return says(test, name, here == field(parent, "consequence"))
    if parent.type == "binary_expression" and here == field(parent, "right"):
        operator, left = text(field(parent, "operator")), field(parent, "left")
        if operator in ("&&", "||") and left is not None:
            return says(left, name, operator == "&&")
    return None


def _before(source: Source, here: Node, block: Node, name: str) -> tuple[bool | None, bool]:
    """(what is known after the statements before a node in its block, whether the search ends there)."""
    siblings = block.named_children
    for earlier in reversed(siblings[: siblings.index(here)]):
        leaves = _leaves(field(earlier, "consequence")) and field(earlier, "alternative") is None
        if earlier.type == "if_statement" and leaves and (test := field(earlier, "condition")) is not None:
            fact = says(test, name, False)
            if fact is not None:
                return fact, True
        if earlier.type == "labeled_statement" or source.sets(earlier, name):
            return None, True
    return None, False


def _leaves(node: Node | None) -> bool:
    if node is not None and node.type == "compound_statement" and node.named_children:
        node = node.named_children[-1]
    return node is not None and node.type in _JUMPS


def says(test: Node, name: str, truth: bool) -> bool | None:
    """Whether a condition of that truth says that the entry is present."""
    if test.type == "parenthesized_expression":
        return says(test.named_children[0], name, truth)
    if test.type == "unary_expression" and text(field(test, "operator")) == "!":
        inner = field(test, "argument")
        return says(inner, name, not truth) if inner is not None else None
    if test.type == "binary_expression" and text(field(test, "operator")) == ("&&" if truth else "||"):
        facts = [says(side, name, truth) for side in test.named_children]
        return next((fact for fact in facts if fact is not None), None)
    arguments = field(test, "arguments")
    if test.type != "call_expression" or arguments is None or len(arguments.named_children) != 1:
        return None
    given = arguments.named_children[0]
    if called(test) in ("likely", "unlikely"):
        return says(given, name, truth)
    if text(given) != name:
        return None
    if called(test) == "pte_present":
        return truth
    return False if called(test) in ("pte_none", "is_swap_pte") and truth else None


def before(place: Node, top: Node) -> list[Node]:
    """The statements that have run for certain when control reaches a place below top: what precedes it in its
    blocks, and the conditions around it."""
    found: list[Node] = []
    here = place
    for parent in above(place):
        if parent.type in ("compound_statement", "case_statement"):
            found += parent.named_children[: parent.named_children.index(here)]
        elif (test := field(parent, "condition")) is not None and test != here:
            found.append(test)
        if parent == top:
            break
        here = parent
    return found


def loop_of(place: Node) -> Node | None:
    """The loop a continue goes round."""
    return next((node for node in above(place) if node.type in _LOOPS), None)


def head_of(loop: Node) -> list[Node]:
    """The expressions of a loop that run after continue."""
    parts = (field(loop, "update"), field(loop, "condition"))
    return [node for part in parts if part is not None for node in inside(part)]
