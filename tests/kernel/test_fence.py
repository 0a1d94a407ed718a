# SPDX-License-Identifier: GPL-2.0-or-later
"""The fence is what code does: a change to code that touches entries is run or named, wherever it stands; others are
none of our business. fence.py beside this asks it of every function."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from reviewer.changes.changed import changes
from reviewer.changes.touching import touching
from reviewer.pipeline import Settings
from reviewer.trees.kernel import KernelTree

from .conftest import VERSIONS
from .editing import reviewed as review_of_edit
from .fence import OUTCOMES, item_of, reviewed, step_of

pytestmark = pytest.mark.kernel
_EDITS = tomllib.loads(Path(__file__).with_name("fence.toml").read_text("utf-8"))["edit"]
_SAMPLE = """
    damon_folio_young_one damos_va_stat_pmd_entry gather_pte_stats pagemap_pmd_range smaps_pte_entry clear_soft_dirty
    vmap_pfn_apply hugetlb_change_protection walk_hugetlb_range mincore_pte_range apply_to_pte_range
    vmemmap_pte_populate
""".split()


@pytest.mark.parametrize("kernel", ["7.2"], indirect=True)
@pytest.mark.parametrize("edit", _EDITS, ids=lambda e: e["name"])
def test_an_edit_anywhere(kernel: KernelTree, edit: dict[str, Any]) -> None:
    done = review_of_edit(kernel.at(kernel.head), [edit])
    told = {f.name: f for p in done.patches for f in p.functions}
    assert done.verdict in edit["verdicts"], told
    if done.verdict != "not-applicable":
        assert edit["function"] in told
    if "hidden" in edit:
        assert told[edit["function"]].why.startswith(edit["hidden"])


@pytest.mark.parametrize("kernel", VERSIONS, indirect=True)
def test_every_twelfth_function_of_a_tree_lies_inside(kernel: KernelTree) -> None:
    """Of any folder: a change of one token has to do with entries, and is hidden where the function is."""
    tree = kernel.at(kernel.head)
    for function in touching(tree)[::12]:
        if (made := step_of(tree, function)) is not None:
            told = {(f.name, f.file): f for f in changes(made[0]).functions}
            one = told.get((function.name, function.file))
            assert one is not None, function
            assert one.bears, function
            # A line that asks for an option which no flavour has is named by it, wherever the function stands.
            asked = re.fullmatch(r"(CONFIG_\w+) is set on no flavour", one.hidden)
            if asked is not None and not function.hidden:
                assert asked[1] in item_of(tree, function).text
            else:
                assert bool(one.hidden) == bool(function.hidden), (function, one.hidden)


@pytest.mark.parametrize("kernel", ["7.2"], indirect=True)
@pytest.mark.parametrize("name", _SAMPLE)
def test_one_token_of_a_function_that_touches_entries(kernel: KernelTree, name: str) -> None:
    tree = kernel.at(kernel.head)
    function = next(f for f in touching(tree) if f.name == name and f.file.startswith(("mm/", "fs/")))
    told = reviewed(tree, function, Settings(budget=0.02, flavours=("x86-64",), smallest=False))
    assert told is not None
    assert told.what in OUTCOMES[:4], told.note
