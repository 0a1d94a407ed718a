# SPDX-License-Identifier: GPL-2.0-or-later
"""Which flavours a change runs on unasked: the usual ones, and those that say that they are for what changed."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sample
from memory import Files

from oracle.flavours import DEFAULT, FLAVOURS, may_be_for, meant_for
from reviewer.changes.changed import changes
from reviewer.model import Patch, PatchTrees
from reviewer.settings import Settings

_CONTPTE = "arch/arm64/mm/contpte.c"
_PGTABLE = "arch/arm64/include/asm/pgtable.h"
_LARGER = ("arm64-16k", "arm64-64k")
_ONE = "static int one(pte_t *ptep)\n{\n\treturn pte_val(*ptep) + 1;\n}\n"
_HANDS_OVER = "static int over(pte_t *ptep)\n{\n\treturn contpte_set_ptes(ptep, 1);\n}\n"
_MOST = _ONE.replace("1", "MOST")
_LARGE = "#ifdef CONFIG_ARM64_64K_PAGES\n#define MOST 1\n#else\n#define MOST 2\n#endif\n"


def _also(path: str, before: str, after: str) -> tuple[str, ...]:
    step = PatchTrees(Patch(1, "an edit", sample.message(1)), Files({path: before}), Files({path: after}), (path,))
    return changes(step, (*DEFAULT, *may_be_for((path,)))).also


@pytest.mark.parametrize(
    ("path", "before", "after", "also"),
    [
        (_CONTPTE, _ONE, _ONE.replace("+ 1", "+ 2"), _LARGER),
        (_CONTPTE, _ONE, f"/* one */\n{_ONE}", ()),
        (_CONTPTE, _ONE, _ONE + _ONE.replace("one", "other"), _LARGER),
        ("arch/arm64/mm/fault.c", _ONE, _ONE.replace("+ 1", "+ 2"), ()),
        ("mm/memory.c", _HANDS_OVER, _HANDS_OVER.replace("1)", "2)"), ()),
        (_PGTABLE, _ONE + _HANDS_OVER, _ONE.replace("+ 1", "+ 2") + _HANDS_OVER, ()),
        (_PGTABLE, _ONE + _HANDS_OVER, _ONE + _HANDS_OVER.replace("1)", "2)"), _LARGER),
        (_PGTABLE, _HANDS_OVER, _HANDS_OVER.replace("contpte_set_ptes(ptep, 1)", "0"), _LARGER),
        (_PGTABLE, _ONE + _LARGE, _ONE + _LARGE.replace("MOST 1", "MOST 3"), ("arm64-64k",)),
    ],
    ids=["changed", "comment", "new", "other file", "generic", "header", "handed over", "no more", "64K alone"],
)
def test_a_change_says_which_further_flavours_it_is_for(
    path: str, before: str, after: str, also: tuple[str, ...]
) -> None:
    assert _also(path, before, after) == also


def test_code_that_a_further_flavour_alone_compiles_is_not_hidden() -> None:
    before, after = (Files({_PGTABLE: text + _MOST}) for text in (_LARGE, _LARGE.replace("MOST 1", "MOST 3")))
    step = PatchTrees(Patch(1, "an edit", sample.message(1)), before, after, (_PGTABLE,))
    assert [(f.name, bool(f.hidden)) for f in changes(step).functions] == [("MOST", True)]
    assert [(f.name, f.hidden) for f in changes(step, (*DEFAULT, *_LARGER)).functions] == [("MOST", "")]


def test_who_asks_for_flavours_gets_those() -> None:
    assert Settings().runs_on() == DEFAULT
    assert Settings().runs_on(_LARGER) == (*DEFAULT, *_LARGER)
    assert replace(Settings(), flavours=("x86-64",)).runs_on(_LARGER) == ("x86-64",)


def test_the_usual_flavours_are_for_nothing_in_particular() -> None:
    assert not [name for name in DEFAULT if FLAVOURS[name].also_for]
    assert {*meant_for(_CONTPTE, ("",))} == {*_LARGER}
    assert meant_for(_CONTPTE, ()) == meant_for(_PGTABLE, ("pte_t pte;",)) == ()
