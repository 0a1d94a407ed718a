# SPDX-License-Identifier: GPL-2.0-or-later
"""Of two slices that differ in bodies of functions these alone are compiled, and both whole where more differs."""

from __future__ import annotations

from dataclasses import replace

from reviewer.building.objects import assembly
from reviewer.csource.items import Item
from reviewer.slicing.apart import Apart, apart
from reviewer.slicing.slice import Kind, Piece, Slice


def _alike(text: str, kind: Kind = "") -> Piece:
    return Piece(text, text, kind)


# What of the world these need: a root is kept whoever calls it.
_HEAD = _alike('#include "compiler.h"')
_CALLING = (_alike("", "calling"), _alike("int called(void) { return entry(1); }"))


def _slice(head: str = "int", **bodies: str) -> Slice:
    """A slice of these functions, each of one int; inline_ ones are meant to be inlined."""
    items = {}
    for name, body in bodies.items():
        how = "static inline " if name.startswith("inline_") else "static "
        items[name] = Item(name, "function", "mm/a.c", 1, f"{how}{head} {name}(int n) {{ {body} }}")
    known = [Piece(f"#define HAVE_{n} 1", f"#define HAVE_{n} 1", "name", n) for n in items]
    known += [Piece(f"{i.signature};", f"{i.signature};", "prototype", n) for n, i in items.items()]
    code = [Piece(f"/* probed */ {i.text}", i.text, "body", n) for n, i in items.items()]
    return Slice("entry", (_HEAD, *known, *code, *_CALLING), (), items, (), frozenset(), {}, items)


def _apart(before: Slice, after: Slice) -> Apart:
    return apart(before, after, placed=False)


def _whole(before: Slice, after: Slice) -> bool:
    return _apart(before, after) == Apart((before.plain, after.plain), (before.text, after.text))


def test_what_differs_with_what_is_inlined_in_it() -> None:
    rest = {"other": "return n * 7;", "inline_one": "return n + 3;"}
    made = _apart(_slice(entry="return inline_one(n);", **rest), _slice(entry="return other(n);", **rest))
    for text in (*made.plain, *made.marked):
        assert "n + 3" in text
        assert "n * 7" not in text
        assert "called" not in text
        assert "W_ROOT static int entry(int n);" in text
    assert all("probed" in text for text in made.marked)
    assert not any("probed" in text for text in made.plain)


def test_a_helper_that_one_side_has() -> None:
    before = _slice(entry="return n + n;")
    after = _slice(helper="return n + n;", entry="return helper(n);")
    made = _apart(before, after)
    assert "helper" in made.plain[1]
    assert assembly(made.plain[0]) == assembly(made.plain[1]) is not None


def test_what_is_called_from_elsewhere_is_no_part_of_its_caller() -> None:
    before = _slice(entry="return other(n);", other="return n;", third="return other(n);")
    after = _slice(entry="return other(n) + 1;", other="return n - 1;", third="return other(n);")
    made = _apart(before, after)
    # Together they come to the same, but third() sees that other() changed.
    assert assembly(made.plain[0]) != assembly(made.plain[1])


def test_what_only_a_macro_or_a_table_calls() -> None:
    """Nobody else does, so that the compiler would leave it out unless told otherwise."""
    before = _slice(entry="return n;", table="return n;")
    after = _slice(entry="return 0 + n;", table="return n + 1;")
    assert assembly(_apart(before, after).plain[0]) != assembly(_apart(before, after).plain[1])
    harmless = _slice(entry="return 0 + n;", table="return n + 0;")
    assert assembly(_apart(before, harmless).plain[0]) == assembly(_apart(before, harmless).plain[1])


def test_more_than_bodies() -> None:
    one = _slice(entry="return n;")
    assert _whole(one, _slice("long", entry="return n;"))
    assert _whole(one, replace(_slice(entry="return -n;"), pieces=(*_slice(entry="return -n;").pieces, _HEAD)))
    assert _whole(one, _slice(entry="return n;", other="return n;"))  # nothing that both have differs
    asked = "FPB_MERGE_WRITE"  # of which the world asks whether the tree has it
    assert _whole(one, _slice(entry="return -n;", **{asked: "return n;"}))


def test_lines_count_where_code_asks_for_them() -> None:
    one, other = (_slice(entry="return n;", other="return n;") for _ in range(2))
    moved = tuple(replace(p, plain=f'#line 9 "mm/a.c"\n{p.plain}') if p.name == "other" else p for p in other.pieces)
    body = [replace(p, plain=p.plain.replace("n;", "-n;")) if p.name == "entry" else p for p in moved]
    assert "other" not in apart(one, replace(other, pieces=tuple(body)), placed=False).plain[1].split("{", 1)[1]
    assert "#line 9" in apart(one, replace(other, pieces=tuple(body)), placed=True).plain[1]
