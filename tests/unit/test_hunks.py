# SPDX-License-Identifier: GPL-2.0-or-later
"""The difference of two trees: groups of lines, hunks within functions, what goes with what, and trees without some."""

from __future__ import annotations

from typing import cast

from memory import Files

from reviewer.changes.changed import changes
from reviewer.findings.hunks import Hunks, Part
from reviewer.model import Message, Patch, PatchTrees, Tree

PATH = "mm/shelf.c"
FILLER = "".join(f"\tpte_step({n});\n" for n in range(8))
SHELF = f"""\
#define SHELF_PTES 8

static int shelf_first(pte_t *pte)
{{
	return pte_val(*pte);
}}

int shelf_move(pte_t *pte)
{{
	int nr = SHELF_PTES;

	pte_open(pte);
{FILLER}	pte_close(pte, nr);
	return shelf_first(pte);
}}
"""


def step(*edits: tuple[str, str], other: tuple[str, str] = ("", "")) -> PatchTrees:
    """A patch that makes these edits in turn; other: a file that it changes besides."""
    text = SHELF
    for old, new in edits:
        assert text.count(old) == 1
        text = text.replace(old, new)
    before, after = (Files({PATH: side, **({"mm/rack.c": more} if more else {})})
                     for side, more in zip((SHELF, text), other, strict=True))  # fmt: skip
    mail = Message("", "", (), "", (), (), "", "an edit", "", b"", "")
    paths = (PATH, *(("mm/rack.c",) if other[1] else ()))
    return PatchTrees(Patch(1, "an edit", mail), cast(Tree, before), cast(Tree, after), paths)


def cut(trees: PatchTrees) -> Hunks:
    return Hunks(trees, changes(trees).functions)


def told(parts: list[Part]) -> list[tuple[str, list[int], list[int], int]]:
    return [(p.function.name, sorted(p.removed), sorted(p.added), len(p.needs)) for p in parts]


def text(hunks: Hunks, *parts: Part) -> str:
    groups = frozenset(g for p in parts for g in p.whole)
    return (hunks.without(groups).read(PATH) or b"").decode()


TOP = ("\tint nr = SHELF_PTES;\n", "\tint nr = 2 * SHELF_PTES;\n")
OPEN = ("\tpte_open(pte);\n", "\tpte_open(pte);\n\tpte_touch(pte);\n")
CLOSE = ("\tpte_close(pte, nr);\n", "")


def test_changes_that_lie_apart_are_hunks_of_their_own_and_near_ones_are_not() -> None:
    hunks = cut(step(TOP, OPEN, CLOSE)).hunks()
    assert told(hunks) == [("shelf_move", [10], [10, 13], 0), ("shelf_move", [21], [], 0)]
    assert hunks[1].gap == 22


def test_a_hunk_ends_with_its_function() -> None:
    inner = ("\treturn pte_val(*pte);\n", "\treturn pte_val(*pte) & 1;\n")
    assert [name for name, *_ in told(cut(step(TOP, inner)).hunks())] == ["shelf_first", "shelf_move"]


def test_each_group_of_a_hunk_can_be_taken_back_alone() -> None:
    hunks = cut(step(TOP, OPEN, CLOSE))
    first, second = hunks.lines(hunks.hunks()[0])
    assert text(hunks, first) == SHELF.replace(*OPEN).replace(*CLOSE)
    assert text(hunks, second) == SHELF.replace(*TOP).replace(*CLOSE)


def test_dropped_lines_are_put_back_and_all_together_is_what_was() -> None:
    hunks = cut(step(TOP, CLOSE))
    assert text(hunks, hunks.hunks()[1]) == SHELF.replace(*TOP)
    assert text(hunks, *hunks.hunks()) == SHELF
    assert hunks.complete


def test_comments_and_blanks_are_no_change() -> None:
    comment = ("\tpte_open(pte);\n", "\t/* Open it:\n\t * once. */\n\n\tpte_open( pte );\n")
    assert told(cut(step(TOP, comment)).hunks()) == [("shelf_move", [10], [10], 0)]


def test_what_is_new_is_taken_back_with_what_calls_it() -> None:
    new = ("int shelf_move(", "static int shelf_last(pte_t *pte)\n{\n\treturn pte_val(pte[1]);\n}\n\nint shelf_move(")
    call = ("\treturn shelf_first(pte);\n", "\treturn shelf_first(pte) + shelf_last(pte);\n")
    hunks = cut(step(new, call))
    assert {(name, needs) for name, _, _, needs in told(hunks.hunks())} == {("shelf_last", 1), ("shelf_move", 0)}
    assert text(hunks, next(p for p in hunks.hunks() if p.needs)) == SHELF


def test_what_is_dropped_comes_back_with_what_called_it() -> None:
    gone = ("static int shelf_first(pte_t *pte)\n{\n\treturn pte_val(*pte);\n}\n\n", "")
    call = ("\treturn shelf_first(pte);\n", "\treturn pte_val(*pte);\n")
    hunks = cut(step(gone, call))
    assert [(name, needs) for name, _, _, needs in told(hunks.hunks())] == [("shelf_move", 1)]
    assert text(hunks, *hunks.hunks()) == SHELF


def test_a_macro_has_hunks_too() -> None:
    assert told(cut(step(("SHELF_PTES 8", "SHELF_PTES 9"))).hunks()) == [("SHELF_PTES", [1], [1], 0)]


def test_a_change_that_belongs_to_nothing_leaves_the_difference_incomplete() -> None:
    trees = step(TOP, other=("int rack;\n", "int rack = 1;\n"))
    functions = [f for f in changes(trees).functions if f.file == PATH]
    assert not Hunks(trees, functions).complete
