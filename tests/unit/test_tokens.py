# SPDX-License-Identifier: GPL-2.0-or-later
"""Phases 1 to 3 of translation, on texts that try to be seen as another one: by hand, and as gcc sees them."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.building.toolchain import compiler
from reviewer.csource.preprocess import Macros, conditionals
from reviewer.csource.tokens import DIRECTIVE, bare, plain, tokens


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("as\\\nm(1)", ["asm", "(", "1", ")"]),
        ("as\\ \t\nm", ["asm"]),
        ("a // b \\\nc\nd", ["a", "d"]),
        ("a /\\\n* b *\\\n/ c", ["a", "c"]),
        ("a//**/b\n/c", ["a", "/", "c"]),
        ("'\"' asm '\"'", ["'\"'", "asm", "'\"'"]),
        ('"/*" a "*/"', ['"/*"', "a", '"*/"']),
        ('"\\\\\n" a" b', ['"\\" a"', "b"]),
        ("<:a:> <%b%> %:%: c", ["[", "a", "]", "{", "b", "}", "##", "c"]),
        ("a\fb\vc", ["a", "b", "c"]),
        ("a // b ??/\nc", ["a", "c"]),
        ("a ??= b", ["a", "?", "?", "=", "b"]),
        ("don't /* a\nb", ["don", "'", "t", "/", "*", "a", "b"]),
        ("1.5e+3 .2 0x1p-1 a->b ...", ["1.5e+3", ".2", "0x1p-1", "a", "->", "b", "..."]),
        ('R"x(\n#if 0\n)x" a', ["@", "a"]),
        ("a /* no end\nb", ["a", "/", "*"]),
        ("a \\", ["a", "@"]),
    ],
)
def test_what_is_seen(text: str, seen: list[str]) -> None:
    assert [t.text for t in tokens(text.encode())] == seen


def test_tokens_know_their_line_and_kind() -> None:
    found = [(t.kind, t.text, t.line) for t in tokens(b"a \\\n b /*\n*/ 1\n'c' \"d\" +")]
    assert found == [
        ("word", "a", 1), ("word", "b", 2), ("number", "1", 3), ("character", "'c'", 4), ("string", '"d"', 4),
        ("mark", "+", 4),
    ]  # fmt: skip


def test_a_comment_does_not_end_a_directive() -> None:
    assert plain(b"#define A /*\n*/ 1 /* */ + /*\n\n*/ 2\nint") == b"#define A  \\\n 1   +  \\\n\\\n 2\nint"
    assert plain(b"/*\n#if 0\n*/ #define B\n") == b" \n\n #define B\n"


def test_nothing_is_left_in_literals() -> None:
    assert bare(b'"asm" \'a\' "un\n') == b'"   " \' \' "un\n'


# What a reader by lines takes for something else; each leaves w_kept or w_lost.
_TRICKS = [
    "/*\n#if 0\n*/\nw_kept;\n/*\n#endif\n*/\n",
    "// a \\\n#if 0\nw_kept;\n",
    "// a \\\n\\\n\nw_kept;\n",
    "// a \\ \nw_lost;\nw_kept;\n",
    "#if 0\ndon't /* \n#endif\nw_kept;\n/* */\n",
    '#if 0\n"\n#endif\nw_kept;\n',
    "#if 1 // \\\n 0\nw_kept;\n#endif\n",
    "#if /*\n*/ 0 /*\n\n*/\nw_lost;\n#endif\nw_kept;\n",
    "#if 0\n#/*\n*/else\nw_kept;\n#endif\n",
    "#\\\nif 0\nw_lost;\n#el\\\nse\nw_kept;\n#endif\n",
    "\\\n#if 0\nw_lost;\n#endif\n",
    "x \\\n#if 0\nw_kept;\n",
    "%:if 0\nw_lost;\n%:else\nw_kept;\n%:endif\n",
    "\f#\vif 0\nw_lost;\n#endif\n",
    "/**/ # /**/ if /**/ 0\nw_lost;\n#endif\n",
    "#define A defined(B)\n#if A\nw_lost;\n#endif\n",
    "#if 0\n#if 1\nw_lost;\n#else\n#endif\n#else\nw_kept;\n#endif\n",
    "#if 0\n#elif 1\nw_kept;\n#elif 08\nw_lost;\n#endif\n",
    "#ifdef A //\nw_lost;\n#endif\n#ifndef A /* \n */\nw_kept;\n#endif\n",
    "#define A 1\n#undef A\n#ifdef A\nw_lost;\n#endif\n",
    '#define S "\\\n/*"\nw_kept;\n',
    "#define S '\\\n\\''\n#if 1\nw_kept;//'\n#endif\n",
    "#\n# /* a */\nw_kept;\n",
    "// ??/\nw_kept;\n",
    "/* \\*\\\n/ w_kept; /**/\n",
    "#if 0 /* \\\n*/\nw_lost;\n#endif\n",
    "#define A a\\\\\n// b\nw_kept;\n",
    "// a \\\\\n \nw_kept;\n",
    "#if 0\na /*\n*/ #endif\nw_lost;\n#endif\nw_kept;\n",
    "#if 0\n##endif\n# #endif\nw_lost;\n#endif\n",
]


@pytest.mark.parametrize("text", _TRICKS)
def test_as_gcc_sees_it(text: str) -> None:
    command = [compiler(), "-E", "-P", "-std=gnu11", "-w", "-undef", "-x", "c", "-"]
    theirs = subprocess.run(command, input=text.encode(), capture_output=True, check=False).stdout
    ours = conditionals(text.encode(), Macros()).text
    assert ours.count(b"\n") == text.count("\n")
    left = [[t.text for t in tokens(DIRECTIVE.sub(b"", plain(side)))] for side in (ours, theirs)]
    assert left[0] == left[1]


@given(st.text(alphabet="#if 01ab\"'/*\\\n \t\r\f%:<>?R()", max_size=120))
def test_no_text_moves_lines_or_changes_by_being_seen_twice(text: str) -> None:
    raw = text.encode()
    once = plain(raw)
    assert once.count(b"\n") == raw.count(b"\n")
    assert [t.text for t in tokens(once)] == [t.text for t in tokens(raw)]
