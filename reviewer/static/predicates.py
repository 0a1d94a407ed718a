# SPDX-License-Identifier: GPL-2.0-or-later
"""The predicates that the queries beside this file ask: #name? with captures and texts as arguments.

Each answers for one match; a dict adds words for the summary of the rule.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cached_property
from typing import Literal

from tree_sitter import Node

from reviewer.static.flow import BEGUN, Flow, States
from reviewer.static.paths import before, head_of, known, loop_of
from reviewer.static.source import Source, above, called, field, inside, names_in, step, text

_CONSTANT = re.compile(r"[A-Z][A-Z0-9_]*")
_POINTER = re.compile(r"(\w*_)?ptep?|\w+_pte")
_BOUND = re.compile(r"\b(pmd_addr_end|PMD_MASK|PMD_SIZE|PTRS_PER_PTE|pmd_end)\b")


class Predicates:
    """The predicates over one function. words: what the last ones that held said, by name."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.words: dict[int, dict[str, str]] = {}
        self._flows: dict[tuple[str, str], dict[int, States]] = {}

    @cached_property
    def table(self) -> dict[str, Callable[..., bool]]:
        """Predicate -> what answers it."""
        return {
            "type?": self._type, "other-count?": self._other_count, "uneven?": self._uneven, "known?": self._known,
            "skips-advance?": self._skips_advance, "stale-step?": self._stale_step, "raw-read?": self._raw_read,
            "beyond-table?": self._beyond_table, "ends-inside?": self._ends_inside,
        }  # fmt: skip

    def __call__(
        self,
        predicate: str,
        args: list[tuple[str, Literal["capture", "string"]]],
        pattern_index: int,  # noqa: ARG002
        captures: dict[str, list[Node]],
    ) -> bool:
        """What tree-sitter calls for a predicate it does not know itself."""
        given = [captures[value][0] if kind == "capture" else value for value, kind in args]
        return self.table[predicate](*given)

    def _type(self, name: Node, pattern: str) -> bool:
        return re.search(pattern, self.source.types.get(text(name), "")) is not None

    def _other_count(self, nr: Node) -> bool:
        """A number, or a variable that no batch detection of this function leads to."""
        if nr.type == "number_literal":
            return text(nr) != "1"
        if nr.type != "identifier" or _CONSTANT.fullmatch(text(nr)) or not self.source.batches:
            return False
        return text(nr) not in self.source.batches

    def _uneven(self, first: Node, second: Node) -> bool:
        steps = [self._entries(node) for node in (first, second)]
        if None in steps or first == second:
            return False
        (one, is_pointer, by), (two, also_pointer, other) = (s for s in steps if s is not None)
        return one != two and (is_pointer or also_pointer) and by != other

    def _entries(self, node: Node) -> tuple[str, bool, str] | None:
        """(variable, whether a PTE pointer, how many entries it steps over); None for another variable."""
        stepped = step(node)
        if stepped is None:
            return None
        name, by = stepped
        if self.source.is_pte_pointer(name):
            return name, True, by
        by = re.sub(r"\((?:unsigned )?long\) ?", "", by)
        pages = re.fullmatch(r"(?:(\w+) \* )?PAGE_SIZE(?: \* (\w+))?|\(?(\w+)\)? << PAGE_SHIFT", by)
        if pages is None or self.source.types.get(name) != "unsigned long":
            return None
        return name, False, next((part for part in pages.groups() if part), "1")

    def _skips_advance(self, place: Node, words: str) -> bool:
        """The pointer steps at the end of the body only, and nothing on the way here has set it."""
        loop = loop_of(place)
        body = field(loop, "body") if loop is not None else None
        if loop is None or body is None:
            return False
        later = [s for s in body.named_children if s.start_byte > place.start_byte and s.type == "expression_statement"]
        ahead = [step(node) for s in later for node in inside(s)]
        pointers = {s[0] for s in ahead if s is not None and self.source.is_pte_pointer(s[0])}
        head = {s[0] for s in map(step, head_of(loop)) if s is not None}
        done = before(place, loop)
        missed = [p for p in pointers - head if not any(self.source.sets(s, p) for s in done)]
        return self._say(place, bool(missed), what=words)

    def _stale_step(self, place: Node, words: str) -> bool:
        """The loop steps the pointer by a variable that this way round has not set."""
        loop = loop_of(place)
        steps = [s for s in map(step, head_of(loop)) if s is not None] if loop is not None else []
        by = {s[1] for s in steps if self.source.is_pte_pointer(s[0]) and s[1] in self.source.types}
        if loop is None or not by:
            return False
        done = before(place, loop)
        changed = {n for n in by if self.source.sets(loop, n)}
        return self._say(place, any(not any(self.source.sets(s, n) for s in done) for n in changed), what=words)

    def _beyond_table(self, most: Node) -> bool:
        """Made from the folio's size, the VMA's end or a constant, in a function that knows no end of the table."""
        if _BOUND.search(text(self.source.root)):
            return False
        parts, seen = [most], set[str]()
        for part in parts:  # which grows meanwhile
            for name in names_in(part) - seen:
                seen.add(name)
                parts += self.source.values.get(name, [])
        said = " ".join(map(text, parts))
        fixed = most.type == "number_literal" and text(most) not in {"0", "1"}
        return fixed or re.search(r"\bvm_end\b|\bfolio_nr_pages\b|\bfolio_large_nr_pages\b", said) is not None

    def _raw_read(self, place: Node, pointer: Node) -> bool:
        name = text(pointer)
        if pointer.type == "field_expression":
            typed = re.search(r"(?:->|\.)pte$", name) is not None and not self._is_entry(pointer)
        else:
            typed = self.source.is_pte_pointer(name) and _POINTER.fullmatch(name) is not None
        parent = place.parent
        if not typed or parent is None:
            return False
        written = parent.type == "assignment_expression" and field(parent, "left") == place
        once = any(called(node) in ("READ_ONCE", "WRITE_ONCE", "sizeof", "typeof") for node in above(place))
        return not (written or once or any(node.type == "sizeof_expression" for node in above(place)))

    def _is_entry(self, pointer: Node) -> bool:
        """A field called pte that is no pointer into a table, by the struct it is in."""
        owner = field(pointer, "argument")
        return re.search(r"vm_fault|page_vma_mapped_walk", self.source.types.get(text(owner), "")) is None

    def _known(self, place: Node, name: Node, state: str) -> bool:
        fact = known(self.source, place, text(name))
        return self._say(place, fact is not None and fact == (state == "present"), state=state)

    def _ends_inside(self, place: Node, words: str, begin: str, end: str) -> bool:
        if (begin, end) not in self._flows:
            self._flows[begin, end] = Flow(self.source, re.compile(begin), re.compile(end)).run()
        at = place.start_byte if place.type == "return_statement" else place.end_byte - 1
        return self._say(place, BEGUN in self._flows[begin, end].get(at, ()), what=words)

    def _say(self, place: Node, holds: bool, **words: str) -> bool:
        if holds:
            self.words[place.start_byte] = words
        return holds
