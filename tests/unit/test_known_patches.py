# SPDX-License-Identifier: GPL-2.0-or-later
"""What came of a patch is known by all that it depends on, and by nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import sample
from memory import Files

from reviewer.commands import remembered
from reviewer.commands.remembered import Remembered
from reviewer.findings.versions import Known
from reviewer.model import Message, Patch, PatchTrees, SeriesTrees, Tree
from reviewer.support import cache

_MAIL = Message("1@a", "", (), "", (), (), "", "", "", b"", "")
_PATHS = ("mm/a.c", "mm/b.c")


@pytest.fixture(autouse=True)
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "folder", lambda: tmp_path)


def _trees(*texts: str, base: str = "c0ffee", index: int = 1) -> SeriesTrees:
    """A series whose patches each make this of one file, the first and the second in turn."""
    before: Tree = Files()
    steps = []
    for number, text in enumerate(texts):
        path = _PATHS[number % 2]
        after = Files({**before, path: text})  # type: ignore[dict-item]
        steps.append(PatchTrees(Patch(index + number, "mm: x", _MAIL), before, after, (path,)))
        before = after
    return SeriesTrees("linux", base, "", tuple(steps))


def _keep(trees: SeriesTrees, number: int = 0, said: str = "as ever") -> Known:
    patch = replace(sample.review().patches[0], index=trees.patches[number].patch.index)
    known = Known(patch, (sample.finding(patch=patch.index),), frozenset({("helper", "mm/a.c")}))
    Remembered(trees).put(trees.patches[number], said, known)
    return known


def _get(trees: SeriesTrees, number: int = 0, said: str = "as ever") -> Known | None:
    return Remembered(trees).get(trees.patches[number], said)


def test_what_was_kept_comes_back() -> None:
    known = _keep(_trees("one"))
    back = _get(_trees("one"))
    assert back is not None
    assert back.patch.functions == known.patch.functions
    assert back.patch.digest == known.patch.digest
    assert back.findings == known.findings
    assert back.waits == known.waits


def test_under_its_new_number_subject_and_id() -> None:
    _keep(_trees("one"))
    trees = _trees("one", index=7)
    step = replace(trees.patches[0], patch=Patch(7, "mm: y", replace(_MAIL, message_id="2@a")))
    back = Remembered(trees).get(step, "as ever")
    assert back is not None
    assert (back.patch.index, back.patch.subject, back.patch.message_id) == (7, "mm: y", "2@a")
    assert [f.patch for f in back.findings] == [7]


@pytest.mark.parametrize(
    "other",
    [
        (_trees("two"), 0, "as ever"),
        (_trees("one", base="decaf"), 0, "as ever"),
        (_trees("one"), 0, "with another budget"),
        (_trees("other", "one"), 1, "as ever"),  # on what another patch left
    ],
)
def test_nothing_else_does(other: tuple[SeriesTrees, int, str]) -> None:
    _keep(_trees("one"))
    assert _get(*other) is None


def test_those_before_a_patch_that_changed_are_known_and_those_after_it_not() -> None:
    for number in range(3):
        _keep(_trees("one", "two", "three"), number)
    again = _trees("one", "else", "three")
    assert [_get(again, number) is not None for number in range(3)] == [True, False, False]


def test_patches_that_come_to_the_same_tree_by_other_steps() -> None:
    """One of two, two of one, or a patch that changes nothing that is looked at."""
    _keep(_trees("one", "two"), 1)
    empty, files, both = Files(), Files({_PATHS[0]: "one"}), Files({_PATHS[0]: "one", _PATHS[1]: "two"})
    whole = PatchTrees(Patch(1, "mm: x", _MAIL), empty, both, _PATHS)
    assert _get(SeriesTrees("linux", "c0ffee", "", (whole,))) is None
    first = PatchTrees(Patch(1, "mm: x", _MAIL), empty, files, _PATHS[:1])
    _keep(SeriesTrees("linux", "c0ffee", "", (first,)))
    modes = PatchTrees(Patch(2, "mm: y", _MAIL), files, files, ())
    assert _get(SeriesTrees("linux", "c0ffee", "", (first, modes)), 1) is None
    last = PatchTrees(Patch(3, "mm: z", _MAIL), files, both, _PATHS[1:])
    assert _get(SeriesTrees("linux", "c0ffee", "", (first, modes, last)), 2) is None


@pytest.mark.parametrize("what", ["tool", "compiler_version"])
def test_another_tool_or_compiler_may_find_something_else(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    _keep(_trees("one"))
    monkeypatch.setattr(remembered, what, lambda: "another")
    assert _get(_trees("one")) is None


def test_what_is_kept_under_a_wrong_name_is_reviewed_again(tmp_path: Path) -> None:
    _keep(_trees("one"))
    (kept,) = tmp_path.glob("patch-*")
    _keep(_trees("two"))
    (other,) = (path for path in tmp_path.glob("patch-*") if path != kept)
    other.write_bytes(kept.read_bytes())
    assert _get(_trees("one")) is not None
    assert _get(_trees("two")) is None


@pytest.mark.parametrize("content", [b"", b"{}", b"[1", b'{"patch": 1, "findings": [], "waits": []}', b"\xff"])
def test_what_makes_no_sense_is_reviewed_again(content: bytes, tmp_path: Path) -> None:
    _keep(_trees("one"))
    (kept,) = tmp_path.glob("patch-*")
    cache.put(kept.name, content)
    assert _get(_trees("one")) is None
