# SPDX-License-Identifier: GPL-2.0-or-later
"""Two sides with the same text are the same code only where the code does not ask where it stands."""

from __future__ import annotations

import pytest

from reviewer.building.identity import alike, placed, steady
from reviewer.slicing.apart import Apart


@pytest.mark.parametrize(
    "code",
    [
        "if (__LINE__) f = 0;", "f = __COUNTER__;", "f = sizeof(__FILE__);", "f = __builtin_LINE();",
        "#define P(a, b) a##b\nif (P(__LI, NE__)) f = 0;", "f = __LI\\\nNE__;", "f = sizeof __TIMESTAMP__;",
        "f = __INCLUDE_LEVEL__;", "#define P(a) __##a\nf = P(LINE__);",
    ],
)  # fmt: skip
def test_code_that_asks_where_it_is(code: str) -> None:
    assert placed(code)


@pytest.mark.parametrize(
    "code", ['f("__LINE__"); // __LINE__', "f = LINE_;", "#define P(a) folio_##a\nf = P(lru);", "f(__func__);"]
)
def test_code_that_does_not(code: str) -> None:
    assert not placed(code)


_ASKING = '#include "compiler.h"\n#define never(p) W_ALWAYS(0, never, p)\nint f(int p) {{ return {}; }}\n'


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("never(p) ? 7 : p + p", "never(p) ? 7 : 2 * p", (True, True)),
        ("never(p) ? 7 : p", "never(p) ? 8 : p", (True, False)),
        ("never(p) ? 7 : p", "p", (True, False)),
        ("never(p) ? 7 : p", "never(p + 1) ? 7 : p", (True, False)),
        ("never(p) ? 7 : p", "never(p) ? 7 : p + 1", (False, False)),
    ],
)
def test_what_the_simulated_machine_alone_answers_is_no_proof(
    before: str, after: str, expected: tuple[bool, bool]
) -> None:
    asked = Apart((_ASKING.format(before), _ASKING.format(after)), ("", ""))
    assert (alike(asked), steady(asked)) == expected
