# SPDX-License-Identifier: GPL-2.0-or-later
"""Rewrites that keep what the code does: on these the tool has to be silent."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from tree_sitter import Node

from reviewer.bench.source import Body, Edit, arguments, called, text

_PURE = {"identifier", "number_literal", "parenthesized_expression", "unary_expression", "binary_expression", "true",
         "false", "(", ")", "!", "&&", "||", "<", ">", "<=", ">=", "==", "!=", "&", "|", "+", "-"}  # fmt: skip
_FLIPPED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "==": "==", "!=": "!="}


def _edit(name: str, node: Node, new: str, note: str = "") -> Edit:
    return Edit(name, node.start_byte, node.end_byte, new, note or " ".join(text(node).split())[:90])


def _pure(node: Node) -> bool:
    """No calls, no memory, nothing written: may be evaluated in any order and any number of times."""
    return node.type in _PURE and all(_pure(c) for c in node.children)


def _has(node: Node, *kinds: str) -> bool:
    return node.type in kinds or any(_has(c, *kinds) for c in node.children)


def renamed_local(body: Body) -> Iterator[list[Edit]]:
    """A local variable or parameter under another name."""
    uses: dict[str, list[Node]] = {}
    for node in body.nodes("identifier"):
        uses.setdefault(text(node), []).append(node)
    members = {text(n) for n in body.nodes("field_identifier", "statement_identifier", "type_identifier")}
    for name in sorted(body.locals & uses.keys() - members):
        fresh = f"{name}_renamed"
        yield [_edit("renamed-local", n, fresh, f"{name} -> {fresh}") for n in uses[name]]


def for_as_while(body: Body) -> Iterator[list[Edit]]:
    """for (a; b; c) as a; while (b), where nothing continues the loop."""
    for node in body.nodes("for_statement"):
        inner = node.child_by_field_name("body")
        parts = [node.child_by_field_name(n) for n in ("initializer", "condition", "update")]
        if inner is None or inner.type != "compound_statement" or _has(inner, "continue_statement"):
            continue
        start, condition, update = (text(p) for p in parts)
        start = start if start.endswith(";") or not start else f"{start};"
        block = text(inner).rstrip()[:-1]
        new = f"{{ {start} while ({condition or '1'}) {block} {update}; }} }}"
        yield [_edit("for-as-while", node, new, f"for ({start} ...)")]


def do_as_for(body: Body) -> Iterator[list[Edit]]:
    """do ... while as an endless for that breaks."""
    for node in body.nodes("do_statement"):
        inner, condition = node.child_by_field_name("body"), node.child_by_field_name("condition")
        if inner is None or inner.type != "compound_statement" or _has(inner, "continue_statement"):
            continue
        block = text(inner).rstrip()[:-1]
        yield [
            _edit("do-as-for", node, f"for (;;) {block} if (!{text(condition)}) break; }}", f"while {text(condition)}")
        ]


def while_as_for(body: Body) -> Iterator[list[Edit]]:
    """while (a) as for (; a; )."""
    for node in body.nodes("while_statement"):
        condition = text(node.child_by_field_name("condition"))[1:-1]
        yield [_edit("while-as-for", node, f"for (; {condition}; ) {text(node.child_by_field_name('body'))}")]


def guards_in_other_order(body: Body) -> Iterator[list[Edit]]:
    """a && b as b && a, where both are plain values."""
    for node in body.nodes("binary_expression"):
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        mark = text(node.child_by_field_name("operator"))
        if mark in {"&&", "||"} and left is not None and right is not None and _pure(left) and _pure(right):
            yield [_edit("guard-order", node, f"({text(right)}) {mark} ({text(left)})")]


def comparison_flipped(body: Body) -> Iterator[list[Edit]]:
    """a < b as b > a, where both are plain values."""
    for node in body.nodes("binary_expression"):
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        mark = text(node.child_by_field_name("operator"))
        if mark in _FLIPPED and left is not None and right is not None and _pure(left) and _pure(right):
            yield [_edit("comparison-flipped", node, f"({text(right)}) {_FLIPPED[mark]} ({text(left)})")]


def branches_swapped(body: Body) -> Iterator[list[Edit]]:
    """if (a) x else y as if (!a) y else x."""
    for node in body.nodes("if_statement"):
        condition, then = node.child_by_field_name("condition"), node.child_by_field_name("consequence")
        other = node.child_by_field_name("alternative")
        if other is None or not other.named_children:
            continue
        last = text(other.named_children[-1])
        yield [_edit("branches-swapped", node, f"if (!{text(condition)}) {{ {last} }} else {{ {text(then)} }}")]


def condition_hoisted(body: Body) -> Iterator[list[Edit]]:
    """if (a) as b = a; if (b)."""
    for node in body.nodes("if_statement"):
        condition = text(node.child_by_field_name("condition"))
        rest = text(node)[len("if") :].lstrip()[len(condition) :]
        if text(node).startswith("if"):
            yield [_edit("condition-hoisted", node, f"{{ const bool hoisted = !!{condition}; if (hoisted){rest} }}")]


def helper_split(body: Body) -> Iterator[list[Edit]]:
    """The whole function as a helper of a new function with its name."""
    head = body.item.signature
    match = re.search(rf"\b{re.escape(body.item.name)}\s*\(", head)
    names = _parameters(body)
    if match is None or names is None or "..." in head:
        return
    void = re.search(r"\bvoid\s*$", head[: match.start()].replace("inline", "")) is not None
    inner = head[: match.start()] + body.item.name + "_inner" + head[match.start() + len(body.item.name) :]
    inner = inner if inner.lstrip().startswith("static") else f"static {inner}"
    call = f"{body.item.name}_inner({', '.join(names)});"
    outer = f"{head}\n{{\n\t{'' if void else 'return '}{call}\n}}\n"
    end = len(body.item.text.encode())
    open_brace = body.item.text.encode().index(b"{")
    yield [
        Edit("helper-split", 0, open_brace, f"{inner}\n", f"{body.item.name} split"),
        Edit("helper-split", end, end, f"\n\n{outer}", ""),
    ]


def _parameters(body: Body) -> list[str] | None:
    names = []
    declarator = next(iter(body.nodes("parameter_list")), None)
    for node in declarator.named_children if declarator is not None else ():
        found = [text(n) for n in _identifiers(node.child_by_field_name("declarator"))]
        if text(node) == "void":
            return []
        if len(found) != 1:
            return None
        names += found
    return names


def _identifiers(node: Node | None) -> Iterator[Node]:
    if node is None:
        return
    if node.type == "identifier":
        yield node
    for child in node.children:
        yield from _identifiers(child)


def step_spelt_out(body: Body) -> Iterator[list[Edit]]:
    """x += y as x = x + y; x++ as x += 1, where nobody uses the value."""
    for node in body.nodes("expression_statement"):
        inner = node.named_children[0] if node.named_children else node
        left, right = inner.child_by_field_name("left"), inner.child_by_field_name("right")
        if text(inner.child_by_field_name("operator")) == "+=" and left is not None and left.type == "identifier":
            yield [_edit("step-spelt-out", node, f"{text(left)} = {text(left)} + ({text(right)});")]
        elif inner.type == "update_expression" and inner.named_children[0].type == "identifier":
            sign = "-" if "--" in text(inner) else "+"
            yield [_edit("step-spelt-out", node, f"{text(inner.named_children[0])} {sign}= 1;")]


def equivalent_call(body: Body) -> Iterator[list[Edit]]:
    """A call of a primitive in its general form."""
    for call in body.nodes("call_expression"):
        given = [text(a) for a in arguments(call)]
        if called(call) == "folio_remove_rmap_pte" and len(given) == 3:
            yield [_edit("equivalent-call", call, f"folio_remove_rmap_ptes({given[0]}, {given[1]}, 1, {given[2]})")]
        elif called(call) == "dec_mm_counter" and len(given) == 2:
            yield [_edit("equivalent-call", call, f"add_mm_counter({given[0]}, {given[1]}, -1)")]
        elif called(call) == "inc_mm_counter" and len(given) == 2:
            yield [_edit("equivalent-call", call, f"add_mm_counter({given[0]}, {given[1]}, 1)")]
        elif called(call) == "folio_get" and len(given) == 1:
            yield [_edit("equivalent-call", call, f"folio_ref_add({given[0]}, 1)")]
        elif called(call) in {"likely", "unlikely"} and len(given) == 1:
            yield [_edit("equivalent-call", call, f"(!!({given[0]}))")]


REWRITES: tuple[Callable[[Body], Iterator[list[Edit]]], ...] = (
    renamed_local, for_as_while, do_as_for, while_as_for, guards_in_other_order, comparison_flipped, branches_swapped,
    condition_hoisted, helper_split, step_spelt_out, equivalent_call,
)  # fmt: skip
