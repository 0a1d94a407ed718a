"""What may not reach a compiler: it came by mail."""

from __future__ import annotations

import pytest

from reviewer.errors import SliceError
from reviewer.slicing.guard import refuse_unsafe

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
    ],
)
def test_dangerous_text_is_refused_with_its_place(text: str) -> None:
    with pytest.raises(SliceError) as caught:
        refuse_unsafe(_HEAD + text + "\n")
    assert caught.value.place == "mm/x.c:7"


def test_plain_code_and_harmless_words_pass() -> None:
    refuse_unsafe(_HEAD + 'static int f(void) { /* asm here */ return sizeof("asm"); } // __attribute__\n')
