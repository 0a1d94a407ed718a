# SPDX-License-Identifier: GPL-2.0-or-later
"""Names over many files at once, and what a text seems to define: as asking each file and pattern would have it."""

from __future__ import annotations

import re

import pytest

from reviewer.csource.items import Item
from reviewer.slicing.members import Member, members_of
from reviewer.slicing.search import Names, calls, defines, merged

_TEXT = b"""\
static inline int one(int n)
int *two(void)
three(void)
  indented(void)
xfour(int); five (int);
int six = seven(1);
eight\t(2); nine
(3); #ten(4)
"""
_NAMES = "one two three indented four xfour five six seven eight nine ten in".split()


def _item(name: str, file: str, kind: str = "function") -> Item:
    return Item(name, kind, file, 1, f"int {name}(void);")


@pytest.mark.parametrize("name", _NAMES)
def test_what_a_text_defines_and_calls(name: str) -> None:
    word = name.encode()
    assert defines(_TEXT, name) == bool(re.search(rb"^(?:\w[\w \t*]*[ \t*])?%s\(" % word, _TEXT, re.MULTILINE))
    assert calls(_TEXT, name) == bool(re.search(rb"\b%s\s*\(" % word, _TEXT))


def test_both_are_told_at_the_very_start() -> None:
    assert defines(b"f(int)", "f")
    assert calls(b"f (int)", "f")
    assert not calls(b"f", "f")


def test_the_first_file_counts_and_any_definition_before_a_prototype() -> None:
    first = Names.of({"a": _item("a", "1.h", "prototype"), "b": _item("b", "1.h")})
    second = Names.of({"a": _item("a", "2.h"), "b": _item("b", "2.h"), "c": _item("c", "2.h", "prototype")})
    third = Names.of({"c": _item("c", "3.h", "prototype")})
    found = merged([first, second, third])
    assert [(n, i.file) for n, i in sorted(found.defined.items())] == [("a", "2.h"), ("b", "1.h")]
    assert [(n, i.file) for n, i in sorted(found.declared.items())] == [("a", "1.h"), ("c", "2.h")]


def test_the_members_of_a_struct() -> None:
    text = """struct s {
	unsigned long flags, *more;
	struct list_head lru;
	struct s *next;
	union {
		pte_t pte;
		struct page *pages[4];
	} u;
	DECLARE_BITMAP(bits, 4);
	int (*call)(vm_fault_t, struct page *);
	enum kind kind : 2;
};"""
    flags, lru, after, inner, bits, call, kind = members_of(text)
    assert (flags.names, flags.made_of) == (frozenset({"flags", "more"}), ())
    assert lru == Member("struct list_head lru;", frozenset({"lru"}), (), ("struct list_head",))
    assert after == Member("struct s *next;", frozenset({"next"}))
    assert (inner.head, inner.text) == ("union", " u;")
    assert [m.text for m in inner.inner or ()] == ["pte_t pte;", "struct page *pages[4];"]
    assert bits.names == {"DECLARE_BITMAP", "bits", "4"}
    assert call.called == ("vm_fault_t",)
    assert kind.made_of == ("enum kind",)
