# SPDX-License-Identifier: GPL-2.0-or-later
"""Conditionals are resolved in place: what is off becomes blank, line numbers stay."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.csource.preprocess import Macros, conditionals, resolve


def _kept(text: str, **macros: str) -> list[str]:
    out = resolve(text.encode(), Macros(dict(macros))).decode()
    assert out.count("\n") == text.count("\n")
    return [line for line in out.split("\n") if line.strip()]


@pytest.mark.parametrize(
    ("condition", "taken"),
    [
        ("defined(CONFIG_A)", True),
        ("defined CONFIG_B", False),
        ("IS_ENABLED(CONFIG_A) && !IS_ENABLED(CONFIG_B)", True),
        ("LEVELS > 3 && LEVELS <= 5", True),
        ("LEVELS == 0x5 ? 0 : 1", False),
        ("(1 << 4) - 1 == 15", True),
        ("UNKNOWN", False),
        ("__has_attribute(noinline)", False),
        ("/* a comment */ 1", True),
        ("1 || \\\n 0", True),
        ("010 == 8", True),
        ("7 % 4 == 3 && (0 && 7 / 0) == 0", True),
    ],
)
def test_conditions(condition: str, taken: bool) -> None:
    kept = _kept(f"#if {condition}\nyes\n#else\nno\n#endif\n", CONFIG_A="1", LEVELS="5")
    assert kept == (["yes"] if taken else ["no"])


def test_branches_nest_and_only_the_first_true_one_is_taken() -> None:
    text = "#ifdef A\n#if 0\none\n#elif 1\ntwo\n#else\nthree\n#endif\n#elif 1\nfour\n#endif\nfive\n"
    assert _kept(text, A="") == ["two", "five"]
    assert _kept(text) == ["four", "five"]


def test_what_a_file_defines_decides_what_follows() -> None:
    first = "#ifndef op\n#define op op\nstatic int op(void);\n#endif\n"
    macros = Macros()
    assert b"static int op" in resolve(first.encode(), macros)
    assert b"static int op" not in resolve(first.encode(), macros)
    assert b"static int op" in resolve(b"#undef op\n" + first.encode(), macros)


def test_a_define_that_only_names_itself_is_dropped_but_known() -> None:
    macros = Macros()
    assert resolve(b"#define set_ptes set_ptes\n#define N 4\n", macros).split() == [b"#define", b"N", b"4"]
    assert macros.defined("set_ptes")


@pytest.mark.parametrize(
    ("condition", "taken"),
    [
        ("ONE * 2 == 3", True),  # what a macro gives is text
        ("TWICE(2) + 1 == 5", True),
        ("CALLED (3) == 3", True),
        ("SELF == 1", True),
        ("-1 > 0u", True),
        ("(1 ? -1 : 0u) > 0", True),
        ("-7 / 2 == -3 && -7 % 2 == -1", True),
        ("(1 << 63) < 0 && -1 >> 63 == -1 && 1 << 64 == 0", True),
        ("'a' == 97 && 0b101 == 5", True),
        ("IS_ENABLED(CONFIG_A) - IS_BUILTIN(CONFIG_B)", True),
        ("1 || 1 / 0", True),
        ("!" * 5000 + "1", True),
    ],
)
def test_a_condition_is_reckoned_as_cpp_does(condition: str, taken: bool) -> None:
    text = "#define ONE 1 + 1\n#define TWICE(x) x * 2\n#define SELF SELF + 1\n#define ID(x) x\n#define CALLED ID\n"
    done = conditionals(f"{text}#if {condition}\nyes\n#endif\n".encode(), Macros({"CONFIG_A": "1"}))
    assert (b"yes" in done.text, done.faults) == (taken, ())


@pytest.mark.parametrize(
    "condition",
    [
        "08", "1 +", "", "(1", "1)", "1 2", "1 / 0", "1 ? 2", "IS_ENABLED(", "defined", "defined(A", "A(1, 2)", "A(1",
        "\"a\"", "1.5", "0x", "1uu", "f(1)", "__has_include(<x.h>)", "PASTE(1)", "EMPTY", "0xfffffffffffffffff", "L'a'",
        "(" * 5000 + "1" + ")" * 5000, "1 + " * 50_000 + "1", "1 ? " * 500 + "1" + " : 1" * 500, "B0",
    ],
)  # fmt: skip
def test_a_condition_without_a_value_is_a_fault(condition: str) -> None:
    bomb = "".join(f"#define B{n} B{n + 1} + B{n + 1}\n" for n in range(30))
    text = f"{bomb}#define A(x) x\n#define PASTE(x) x##1\n#define EMPTY\n#if {condition}\n#endif\n"
    done = conditionals(text.encode(), Macros())
    assert len(done.faults) == 1
    assert done.faults[0][0] == 34


@pytest.mark.parametrize(
    "text",
    [
        "#endif\n",
        "#if 1\n",
        "#if 0\n#else\n#else\n#endif\n",
        "#if 0\n#else\n#elif 1\n#endif\n",
        "#ifdef\n#endif\n",
        "#elifdef A\n",
        "#pragma pack(1)\n",
        "#line 3\n",
        '# 3 "x.c"\n',
        "#include_next <x.h>\n",
        "#assert a(b)\n",
        "#what\n",
        "#define 1\n",
        "#undef\n",
        "#error\n",
        "a /* no end\n",
        "int f = A;\n#define A 1\n",
        "#define A 1\nint f = A;\n#undef A\n#define A 2\n",
        "#define A 1\n#undef A\nint f = A;\n",
        "#define A(x) x\nint f = A(1);\n#define A(x) 0\n",
    ],
)
def test_what_is_not_followed_is_a_fault(text: str) -> None:
    assert len(conditionals(text.encode(), Macros()).faults) == 1


@pytest.mark.parametrize(
    "text",
    [
        '#pragma once\n#ident "a"\n#warning a\n#\n#include <x.h>\n',
        "#define A 1\n#define A 1\nint f = A;\n#define A 1\n",
        "int f(void);\n#define f f\n",
        "#define B A\n#define A 1\nint f = B;\n",
        "#ifndef A\n#define A 1\n#endif\nint f = A;\n",
        "#define A 1\nint f = A;\n#undef A\n",
        "#if 0\n#pragma x\n#if 08\n#endif\n#what\n#endif\n",
    ],
)
def test_what_compiles_as_a_slice_has_it_is_none(text: str) -> None:
    assert conditionals(text.encode(), Macros()).faults == ()


@given(st.text(alphabet="#ifdendelse ()&|!<>=?:01AB\\\n/*\t", max_size=200))
def test_no_text_makes_it_fail_or_move_lines(text: str) -> None:
    out = resolve(text.encode(), Macros({"A": "1"}))
    assert out.count(b"\n") == text.encode().count(b"\n")
