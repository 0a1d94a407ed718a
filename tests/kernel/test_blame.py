# SPDX-License-Identifier: GPL-2.0-or-later
"""Of several changes in one patch, a finding names those that are at fault, by what taking them back shows."""

from __future__ import annotations

import re
import tomllib
from functools import reduce
from pathlib import Path
from typing import Any

import pytest

from reviewer.pipeline import Settings
from reviewer.trees.kernel import KernelTree

from .editing import edited, reviewed

pytestmark = pytest.mark.kernel
_CASES = tomllib.loads(Path(__file__).with_name("blame.toml").read_text("utf-8"))["case"]


@pytest.mark.parametrize("kernel", ["7.2"], indirect=True)
@pytest.mark.parametrize("case", _CASES, ids=lambda c: c["name"])
def test_the_guilty_change_is_named(kernel: KernelTree, case: dict[str, Any]) -> None:
    before = reduce(edited, case.get("first", []), kernel.at(kernel.head))
    after = reduce(edited, case["edit"], before)
    settings = Settings(budget=0.5, flavours=(case["flavour"],), smallest=False)
    done = reviewed(before, case["edit"], settings=settings)
    found = next(f for f in done.findings if f.relation == "introduced" and f.kind == "violation")
    assert (found.rule, found.function, found.symbol) == (
        case["rule"],
        case["function"],
        case.get("symbol", "function"),
    )
    hunk = found.hunk
    assert hunk is not None
    assert (hunk.file, hunk.mends, hunk.others) == (found.file, True, case.get("together", 0))
    side, numbers = (before, hunk.removed) if "put_back" in case else (after, hunk.lines)
    lines = (side.read(hunk.file) or b"").decode().split("\n")
    assert re.search(case.get("put_back") or case["guilty"], "\n".join(lines[n - 1] for n in numbers))
    assert len(numbers) <= 2
    assert found.line in hunk.lines or "put_back" in case
