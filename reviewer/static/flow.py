# SPDX-License-Identifier: GPL-2.0-or-later
"""Where a function ends with something begun and not undone: a walk over its statements that keeps, for each place,
what may be so on the ways there. An if that only undoes it is believed to ask whether that is due. What is undone
without having been begun here was the caller's, and begun again it is as the caller had it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from dataclasses import field as made

from tree_sitter import Node

from reviewer.static.source import Source, above, called, field, inside, text

States = frozenset[int]
BEGUN = 1  # here; 0: as it was at the start, -1: undone for the caller
_NONE: States = frozenset()
_OFF: States = frozenset({0})


@dataclass
class Flow:
    """begin, end: names of the functions that do so. ends: start byte of a return or closing brace -> the states."""

    source: Source
    begin: re.Pattern[str]
    end: re.Pattern[str]
    ends: dict[int, States] = made(default_factory=dict)
    _labels: dict[str, States] = made(default_factory=dict)
    _breaks: States = _NONE
    _continues: States = _NONE
    _results: set[str] = made(default_factory=set)  # variables that are NULL when nothing was begun
    _locks: set[str] = made(default_factory=set)  # variables that hold the lock

    def run(self) -> dict[int, States]:
        """The states at each end; empty when the function never undoes what it begins: then others do."""
        body = field(self.source.root, "body")
        names = {called(call) for call in inside(self.source.root, "call_expression")}
        if body is None or not any(map(self.begin.search, names)) or not any(map(self.end.search, names)):
            return {}
        while True:  # once more whenever a goto backwards brought something new
            known = dict(self._labels)
            last = self._walk(body, _OFF)
            self.ends[body.end_byte - 1] = last
            if known == self._labels:
                return self.ends

    def _walk(self, node: Node, states: States) -> States:
        """The states after a statement, given those before it; none when control does not get past it."""
        match node.type:
            case "compound_statement" | "else_clause":
                for child in node.named_children:
                    states = self._walk(child, states)
            case "labeled_statement":
                states |= self._labels.get(text(field(node, "label")), _NONE)
                for child in node.named_children[1:]:
                    states = self._walk(child, states)
            case "if_statement":
                states = self._if(node, states)
            case "for_statement" | "while_statement" | "do_statement":
                states = self._loop(node, states)
            case "switch_statement":
                states = self._switch(node, states)
            case "return_statement":
                self.ends[node.start_byte] = self._expression(node, states)
                return _NONE
            case "goto_statement":
                label = text(field(node, "label"))
                self._labels[label] = self._labels.get(label, _NONE) | states
                return _NONE
            case "break_statement":
                self._breaks |= states
                return _NONE
            case "continue_statement":
                self._continues |= states
                return _NONE
            case _:
                states = self._expression(node, states)
        return states

    def _expression(self, node: Node | None, states: States) -> States:
        for call in inside(node, "call_expression", "assignment_expression") if node is not None and states else ():
            if text(field(call, "right")) in self._locks:
                return _OFF  # kept for a caller
            given = field(call, "arguments")
            passed = {text(a).lstrip("& ") for a in given.named_children} if given is not None else set()
            if self.begin.search(called(call)):
                states = self._begun(call, passed, states)
            elif passed & self._locks:
                states = _OFF  # a function that is handed the lock may drop it
            elif self.end.search(called(call)):
                states = _OFF if BEGUN in states else frozenset({-1})
        return states

    def _begun(self, call: Node, passed: set[str], states: States) -> States:
        """The states after something was begun; a lock kept elsewhere than in a local is for others to drop."""
        states = frozenset(min(state + 1, BEGUN) for state in states)
        locks = {name for name in passed if "lock" in self.source.types.get(name, "")}
        if passed and not locks:
            return _OFF
        self._locks |= locks
        for outer in above(call):
            if outer.type == "conditional_expression":
                states |= _OFF
            elif outer.type in ("assignment_expression", "init_declarator"):
                self._results.add(text(field(outer, "left") or field(outer, "declarator")).lstrip("* "))
            elif outer.type != "parenthesized_expression":
                break
        return states

    def _if(self, node: Node, states: States) -> States:
        test, yes, no = (field(node, name) for name in ("condition", "consequence", "alternative"))
        states = self._expression(test, states)
        failed = self._failed(test)
        then, other = (_OFF if failed is True else states), (_OFF if failed is False else states)
        after = self._walk(yes, then) if yes is not None else then
        if no is None and then == states and after == _OFF:
            return after  # "if (it was begun) undo it;"
        return after | (self._walk(no, other) if no is not None else other)

    def _failed(self, test: Node | None) -> bool | None:
        """Whether the condition, when true, says that nothing was begun; None when it says nothing of that."""
        here, truth = test, False
        seen: set[str] = set()
        while here is not None and text(here) not in seen:
            seen.add(text(here))
            if here.type == "parenthesized_expression":
                here = here.named_children[0]
            elif called(here) in ("likely", "unlikely"):
                here = here.children[1].named_children[0]
            elif here.type == "unary_expression" and text(here).startswith("!"):
                here, truth = field(here, "argument"), not truth
            elif here.type == "assignment_expression":
                here = field(here, "left")
            elif text(here) in self._results:
                return truth
            else:  # a variable that keeps the answer
                values = self.source.values.get(text(here), [])
                here = values[0] if len(values) == 1 else None
        return None

    def _loop(self, node: Node, states: States) -> States:
        outer = self._breaks, self._continues
        states = self._expression(field(node, "initializer"), states)
        test, body = field(node, "condition"), field(node, "body")
        endless = node.type == "for_statement" and test is None
        entered, left = states, _NONE
        while True:
            self._breaks, self._continues = _NONE, _NONE
            start = entered if node.type == "do_statement" else self._expression(test, entered)
            left = _NONE if endless or node.type == "do_statement" else start
            after = (self._walk(body, start) if body is not None else start) | self._continues
            after = self._expression(field(node, "update") if node.type != "do_statement" else test, after)
            left |= self._breaks | (after if node.type == "do_statement" else _NONE)
            if after <= entered:
                break
            entered |= after
        self._breaks, self._continues = outer
        return left

    def _switch(self, node: Node, states: States) -> States:
        outer, self._breaks = self._breaks, _NONE
        states = self._expression(field(node, "condition"), states)
        body = field(node, "body")
        falls = _NONE
        for case in body.named_children if body is not None else ():
            falls |= states
            for child in case.named_children if case.type == "case_statement" else (case,):
                falls = self._walk(child, falls)
        after = falls | self._breaks | states
        self._breaks = outer
        return after
