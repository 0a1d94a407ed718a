"""Conditionals are resolved in place: what is off becomes blank, line numbers stay."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.slicing.preprocess import Macros, resolve


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


@given(st.text(alphabet="#ifdendelse ()&|!<>=?:01AB\\\n/*\t", max_size=200))
def test_no_text_makes_it_fail_or_move_lines(text: str) -> None:
    out = resolve(text.encode(), Macros({"A": "1"}))
    assert out.count(b"\n") == text.encode().count(b"\n")
