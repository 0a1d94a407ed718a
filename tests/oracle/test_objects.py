# SPDX-License-Identifier: GPL-2.0-or-later
"""A text is compiled once, whichever side it is on."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from oracle.entries import entry
from oracle.runner import Runner
from reviewer.building import objects
from reviewer.building.pair import slice_of
from reviewer.building.toolchain import Made
from reviewer.resources import folder
from reviewer.trees.kernel import open_tree


def test_both_sides_of_one_text_are_one_compilation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = []
    compile_ = objects._compile

    def counted(text: str, how: object) -> Made:
        ran.append(text)
        return compile_(text, how)  # type: ignore[arg-type]

    monkeypatch.setattr(objects, "_compile", counted)
    one = entry("move_ptes")
    assert one is not None
    with open_tree(folder("corpus") / "tree") as kernel:
        text = slice_of(kernel.at(kernel.head), one, "x86-64").text
    text += f"/* {tmp_path} {time.time()} */\n"  # one that nobody compiled before
    sides = [objects.compiled(text, side) for side in ("after", "before", "after")]
    assert [errors for _, errors in sides] == [[], [], []]
    assert len(ran) == 1
    assert sides[0] == sides[2] != sides[1]
    with Runner(objects.link([sides[1][0], sides[0][0], objects.runtime("x86-64")]), timeout=60) as runner:
        assert runner.campaign(1, 0, 200, thorough=True) == []
