# SPDX-License-Identifier: GPL-2.0-or-later
"""What may not reach a compiler: it came by mail."""

from __future__ import annotations

import subprocess

import pytest

from reviewer.building.toolchain import compiler
from reviewer.errors import SliceError
from reviewer.slicing.guard import refuse_unsafe
from reviewer.slicing.world import WORLD

_HEAD = '#include "base.h"\n#line 7 "mm/x.c"\n'


@pytest.mark.parametrize(
    "text",
    [
        '#include "/etc/passwd"',
        "#include <stdio.h>",
        "  #  include_next <x.h>",
        'int f(void) { asm("syscall"); }',
        'int f(void) { __asm__ volatile (""); }',
        "__attribute__((constructor)) void f(void) { }",
        'void f(void) __attribute((section("x")));',
        '_Pragma("GCC optimize") int x;',
        "%:include <x.h>",
        '#include "../x.h"',
        "#pragma GCC poison x",
        "int c = '\"'; asm(\"nop\"); int d = '\"';",
        'as\\\nm("nop");',
        '__as\\  \nm__("nop");',
        "__attr\\\nibute__((constructor)) void f(void) { }",
        "#inc\\\nlude <x.h>",
        "\f#include <x.h>",
        "\v#\fpragma x",
        "/* a */ # /* b */ include <x.h>",
        "[[gnu::constructor]] void f(void) { }",
        "[ /* a */\t[noreturn]] void f(void);",
        "<:<:noreturn:>:> void f(void);",
        "[\\\n[noreturn]] void f(void);",
        "gnu::constructor",
        "#if __has_include(<x.h>)",
        "int n = __has_embed(<x.h>);",
        "#embed <x.h>",
        "#import <x.h>",
        "#ident x",
        "??=include <x.h>",
        '(void)R"(\n)";',
        "int f(void) { return __builtin_apply_args(); }",
        "__declspec(dllexport) int x;",
    ],
)
def test_dangerous_text_is_refused_with_its_place(text: str) -> None:
    with pytest.raises(SliceError) as caught:
        refuse_unsafe(_HEAD + text + "\n")
    assert caught.value.place == "mm/x.c:7"


def test_plain_code_and_harmless_words_pass() -> None:
    refuse_unsafe(_HEAD + 'static int f(void) { /* asm here */ return sizeof("asm"); } // __attribute__\n')
    refuse_unsafe(
        _HEAD + '#define asm_of(a) a##_asm\n#undef asm_of\nint a[2], n = a[a[0]]; // a \\\n asm\n#line 3 "mm/y.c"\n'
    )


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ('P(as, m)("nop");', True),
        ("P(__attr, ibute__)((used)) static void f(void) { }", True),
        ("P(__at, P(tri, bute))((used)) int x;", False),  # no such word comes of it
        ('P(_Prag, ma)("GCC optimize(0)") int x;', True),
        ("L L P(g, nu) : :used]] static void f(void) { }", True),
        ("int x = P(__builtin_re, turn)(0);", True),
        ("static int P(f, g)(int n __cleanup(h)) { return n; }", False),
    ],
)
def test_what_pasting_makes_the_compiler_refuses(text: str, refused: bool) -> None:
    text = f'#include "base.h"\n#define P(a, b) a##b\n#define L [\n{text}\n'
    refuse_unsafe(text)
    command = [compiler(), "-fsyntax-only", "-std=gnu11", "-w", "-DW_SIDE=w_x", f"-I{WORLD}", "-x", "c", "-"]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    assert ("poisoned" in done.stderr) == refused
