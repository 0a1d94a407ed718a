"""Unpatched kernels come out silent: every entry against itself, on every tree and flavour."""

from __future__ import annotations

import os

import pytest

from oracle.entries import ENTRIES, Entry
from oracle.flavours import FLAVOURS
from oracle.runner import Runner
from reviewer.kernel import KernelTree
from reviewer.pair import build

from .conftest import VERSIONS

pytestmark = pytest.mark.kernel
_COUNT = 200_000 if os.environ.get("CI") else 20_000
_CASES = [(e, f) for e in ENTRIES for f in (e.flavours or tuple(FLAVOURS))]


@pytest.mark.parametrize("kernel", VERSIONS, indirect=True)
@pytest.mark.parametrize(("entry", "flavour"), _CASES, ids=lambda c: c.name if isinstance(c, Entry) else c)
def test_an_entry_against_itself(kernel: KernelTree, entry: Entry, flavour: str) -> None:
    tree = kernel.at(kernel.head)
    if entry.absent_from(tree):
        pytest.skip(f"{kernel.name} has no {entry.name}")
    pair = build(tree, tree, entry, flavour)
    with Runner(pair.program, timeout=600) as runner:
        assert runner.ask("w 7 0 20000") == ["-1"], "the generator made a scenario that no kernel can be in"
        assert runner.campaign(7, 0, _COUNT, thorough=True) == []
        before, after = runner.coverage()
    assert before == after
    assert len(before) > len(pair.before.probes) // 4
