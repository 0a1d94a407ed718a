# SPDX-License-Identifier: GPL-2.0-or-later
"""Stand-ins for functions that are not known: the same call is the same, whatever the types of its parameters."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from reviewer.building.toolchain import compiler
from reviewer.csource.items import items_of
from reviewer.slicing.stubs import stub_text

_MAIN = """
#include <stdbool.h>
#include <stdio.h>
#define w_word(v) ({ typeof(v) w_w = (v); unsigned long w_u = 0; \\
	__builtin_memcpy(&w_u, &w_w, sizeof(w_w) < 8 ? sizeof(w_w) : 8); w_u; })
typedef unsigned long pgoff_t;
typedef struct { unsigned long val; } swp_t;
static unsigned long w_stub(const char *name, unsigned long args) { printf("%s %lx\\n", name, args); return 0; }
"""


def _told(where: Path, parameter: str, given: str) -> str:
    item = next(i for i, _ in items_of("a.h", f"int known(int nr, {parameter});".encode()))
    (where / "a.c").write_text(f"{_MAIN}{stub_text(item)}\nint main(void) {{ return known(3, {given}); }}\n")
    subprocess.run([compiler(), "-w", where / "a.c", "-o", where / "a"], check=True)
    return subprocess.run([where / "a"], check=True, capture_output=True, text=True).stdout


@pytest.mark.parametrize(
    ("types", "given"),
    [
        (("int n", "long n", "unsigned int n", "unsigned long n"), "-1"),
        (("unsigned long n", "pgoff_t n", "bool n", "swp_t n"), "1"),
    ],
)
def test_a_parameter_of_another_type_is_the_same_call(tmp_path: Path, types: tuple[str, ...], given: str) -> None:
    told = {_told(tmp_path, kind, f"(swp_t){{ {given} }}" if "swp_t" in kind else given) for kind in types}
    assert len(told) == 1
    assert _told(tmp_path, types[0], "5") not in told
