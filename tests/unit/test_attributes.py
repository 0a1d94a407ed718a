# SPDX-License-Identifier: GPL-2.0-or-later
"""Attributes are blanked where they are some, and told where a patch writes what is not modelled."""

from __future__ import annotations

import pytest
import sample
from memory import Files

from reviewer.changes.changed import changes
from reviewer.csource.attributes import blank_attributes, says_nothing
from reviewer.csource.macros import Macros
from reviewer.model import ChangedFunction, Patch, PatchTrees
from reviewer.slicing.kept import read

_FILE = "mm/map.c"
_WALK = "static int most = 4;\n\nstatic int walk(pte_t *ptep)\n{\n\tint n = most;\n\treturn n + ptep_get(ptep);\n}\n"


def _told(after: str, path: str = _FILE, **more: str) -> dict[str, ChangedFunction]:
    shared = {"include/linux/pgtable.h": "typedef int pte_t;\npte_t ptep_get(pte_t *ptep);\n", _FILE: _WALK}
    trees = [Files(shared), Files({**shared, path: after, **more})]
    step = PatchTrees(Patch(1, "walk", sample.message(1)), trees[0], trees[1], (path, *more))
    return {f.name: f for f in changes(step).functions}


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("int n =", "int n __attribute__((cleanup(f))) =", "walk"),
        ("static int most", 'static int __section("x") most', "__section"),
        ("static int walk", "static __weak int walk", "__weak"),
        ("n = most", "n = most - notrace - 0", "notrace"),
        ("n = most;", "n = most;\n#pragma pack(1)\n", "#pragma pack(1)"),
        ("n = most;", "n = most;\n#include <linux/more.h>\n", "what #include stands for in walk()"),
        ("n = most;", "n = most;\nEXPORT_THIS(n);\n", "what EXPORT_THIS stands for in walk()"),
        ("n = most;", "n = most;\n#if 08\nn = 0;\n#endif\n", "'#if 08'"),
        ("n = most;", "n = most;\n#define most 5\n", "#define most stands below code"),
        ("n = most;", "n = most;\n#define n (n)\n#undef n\n", "#define n stands below code"),
        ("n = most;", "n = most; /* no end", "walk"),
    ],
)
def test_what_is_not_modelled_is_told(old: str, new: str, told: str) -> None:
    assert old in _WALK
    found = _told(_WALK.replace(old, new))
    assert any(told in f.hidden or told == f.name for f in found.values() if f.hidden), found


@pytest.mark.parametrize("new", ["static noinline int walk", "static __always_inline __must_check int walk"])
def test_idle_attributes_change_nothing(new: str) -> None:
    assert not any(f.hidden for f in _told(_WALK.replace("static int walk", new)).values())


def test_what_an_attribute_means_is_told_where_it_changes() -> None:
    found = _told("#define __must_check & 0\n", "include/linux/compiler_attributes.h")
    assert found["__must_check"].bears
    assert found["__must_check"].hidden


@pytest.mark.parametrize(
    ("value", "nothing"),
    [
        ("", True),
        ("__attribute__((__warn_unused_result__))", True),
        ("__always_inline __attribute__((a(b, c)))", True),
        ('inline __section(".x")', True),
        ("& 0", False),
        ("x", False),
        ("__attribute__((a)) + 1", False),
    ],
)
def test_a_macro_that_is_an_attribute(value: str, nothing: bool) -> None:
    assert says_nothing(value) == nothing


def test_a_word_that_is_defined_as_more_is_no_attribute() -> None:
    assert blank_attributes(b"int __must_check f = 1 notrace;", frozenset(("notrace",))) == (
        b"int              f = 1 notrace;"
    )
    text = b"#define __must_check & 0\n#undef notrace\nint f(int notrace) { return 4 __must_check + notrace; }\n"
    kept = {item.name: item.text for item, _ in read("mm/x.c", text, Macros()).items}
    assert "4 __must_check + notrace;" in kept["f"]
    assert kept["__must_check"] == "#define __must_check & 0"


def test_deep_nesting_is_no_matter() -> None:
    deep = [f"n{'.y' * 1500}", "(" * 3000 + "n" + ")" * 3000, "!" * 3000 + "n", "({" * 500 + "n;" + "})" * 500]
    for text in deep:
        assert "walk" in _told(_WALK.replace("int n = most", f"int n = {text}"))
    nested = "struct a { " + "struct { " * 1500 + "int a; " + "} b; " * 1500 + "};\n"
    assert "struct a" in _told(nested + _WALK)
