# SPDX-License-Identifier: GPL-2.0-or-later
"""C that no compiler takes is never CLEAN, whatever else the patch does, and the reason names the kernel's line."""

from __future__ import annotations

from typing import Any

import pytest

from reviewer.pipeline import Settings
from reviewer.trees.kernel import KernelTree

from .conftest import WHOLE
from .editing import reviewed, with_statement
from .test_neutral import _BUGS

pytestmark = pytest.mark.kernel
_WAYS = {
    "no semicolon": "int w = 3",
    "an undeclared variable": "nobody_has_this = 3;",
    "an undefined function": "nobody_has_this(3);",
    "an argument too few": "pte_present();",
    "an argument too many": "(void)pte_write(__pte(0), 1);",
    "a struct for an integer": "int w = __pte(0);",
    "an assignment to a constant": "const int w = 1; w = 2;",
    "a bracket that stays open": "if (1 { }",
    "no such member": "((struct vm_area_struct *)0)->vm_nonsense = 1;",
    "a break outside of a loop": "break;",
    "a label that is not there": "goto nowhere;",
    "another kind of pointer": "struct folio *w = (struct vm_area_struct *)0;",
    "a type that nobody knows": "struct nonsense w; (void)w;",
    "an else without an if": "else return;",
    "a string that does not end": 'pr_warn("x);',
    "the same case twice": "switch (1) { case 1: case 1: break; }",
    "a value of type void": "int w = (int)cond_resched_lock(0);",
    "a constant assigned to": "3 = 4;",
    "an array of negative size": "int w[-1]; (void)w;",
    "a block that stays open": "{",
    "a character that C does not have": "@;",
    "a keyword with a slip": "retrun;",
    "the size of an unknown type": "int w = sizeof(struct nonsense); (void)w;",
    "an #error": "\n#error no\n",
    "an #if that stays open": "\n#if 1\n",
    "an #endif of nothing": "\n#endif\n",
}
_SETTINGS = Settings(budget=0.2, flavours=("arm64-4k",), smallest=False)
# Each way beside one of them.
_CASES = [(b, w) for n, w in enumerate(_WAYS) for m, b in enumerate(_BUGS) if WHOLE or n % len(_BUGS) == m]


@pytest.mark.parametrize("kernel", ["7.2"], indirect=True)
@pytest.mark.parametrize(("bug", "way"), _CASES, ids=lambda c: c if isinstance(c, str) else c["name"])
def test_what_does_not_compile_is_never_clean(kernel: KernelTree, way: str, bug: dict[str, Any]) -> None:
    tree, line = kernel.at(kernel.head), with_statement(bug, _WAYS[way])
    done = reviewed(tree, [bug, line], settings=_SETTINGS)
    assert (done.verdict, done.findings) == ("inconclusive", ())
    (function,) = [f for p in done.patches for f in p.functions if f.name == bug["function"]]
    assert function.evidence == "none"
    assert f"{bug['file']}:" in function.why


@pytest.mark.parametrize("kernel", ["7.2"], indirect=True)
def test_and_taking_it_out_again_fixes_nothing(kernel: KernelTree) -> None:
    bug = _BUGS[0]
    line = with_statement(bug, "nobody_has_this(3);")
    back = {"file": bug["file"], "function": bug["function"], "pattern": r"\tnobody_has_this\(3\);\n", "with": ""}
    done = reviewed(kernel.at(kernel.head), [line], [back], settings=_SETTINGS)
    assert (done.verdict, done.findings) == ("inconclusive", ())
