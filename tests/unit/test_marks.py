# SPDX-License-Identifier: GPL-2.0-or-later
"""Which lines changed is found in bounded time, and what is kept is never more than what is there."""

from __future__ import annotations

import os
import random

import pytest

from reviewer.changes.marks import Opcode, line_marks, opcodes
from reviewer.intake.promises import promise


def _lines(number: int, kinds: int, seed: int) -> bytes:
    chosen = random.Random(seed)
    return b"".join(b"%d\n" % chosen.randrange(kinds) for _ in range(number))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"a\nb\n" * 7_000, b"b\na\n" * 7_000),
        (_lines(15_000, 3, 1), _lines(15_000, 3, 2)),
        (_lines(15_000, 100, 1), _lines(15_000, 100, 2)),
        (b"".join(b"%d\nx\n" % n for n in range(7_000)), b"".join(b"%d\ny\n" % n for n in range(7_000))),
        (_lines(200_000, 3, 1), _lines(200_000, 3, 2)),
    ],
)
def test_files_that_are_alike_everywhere_and_nowhere(before: bytes, after: bytes) -> None:
    start = os.times().user
    old, new = before.split(b"\n"), after.split(b"\n")
    found = opcodes(old, new)
    assert os.times().user - start < 10
    _sound(old, new, found)
    assert line_marks(before, after).added


def _sound(old: list[bytes], new: list[bytes], found: list[Opcode]) -> None:
    """What is not told as changed is the same, in the same order."""
    kept = [*old], [*new]
    for tag, i, j, k, n in reversed(found):
        if tag != "equal":
            del kept[0][i:j], kept[1][k:n]
    assert kept[0] == kept[1]


@pytest.mark.parametrize("seed", range(3))
def test_a_large_file_edited_all_over_is_compared_as_a_small_one_is(seed: int) -> None:
    chosen = random.Random(seed)
    old = [b"%d" % n if n % 3 else b"}" for n in range(9_000)]
    new = [*old]
    for at in sorted(chosen.sample(range(10, 8_900), 60), reverse=True):
        new[at : at + chosen.randrange(3)] = [b"new %d" % at] * chosen.randrange(3)
    found = opcodes(old, new)
    _sound(old, new, found)
    assert sum(j - i + n - k for tag, i, j, k, n in found if tag != "equal") < 60 * 8


def test_an_edit_of_a_large_file_is_only_that() -> None:
    before = _lines(100_000, 50, 1)
    marks = line_marks(before, before.replace(b"7\n" * 2, b"7\nnew\n7\n", 1))
    assert len(marks.added) == 1
    assert not marks.removed


def test_promises_without_end_are_read_in_moments() -> None:
    from demotree import message

    start = os.times().user
    assert promise(message("[PATCH] x", b"", "never no functional change " * 200_000)) == ""
    assert promise(message("[PATCH] x", b"", "No functional change intended.\n")) == "No functional change intended"
    assert os.times().user - start < 5
