"""Unpatched kernels come out silent: every entry against itself, on every tree and flavour."""

from __future__ import annotations

import os

import pytest

from oracle.entries import ENTRIES, Entry
from oracle.flavours import FLAVOURS
from oracle.runner import Runner
from reviewer.errors import SliceError
from reviewer.kernel import KernelTree
from reviewer.pair import build

from .conftest import VERSIONS

pytestmark = pytest.mark.kernel
_COUNT = 200_000 if os.environ.get("CI") else 20_000
# Functions that came or went between these kernels.
_ABSENT = {
    ("folio_pte_batch_flags", "6.12"),
    ("contpte_test_and_clear_young_ptes", "6.12"),
    ("contpte_clear_flush_young_ptes", "6.12"),
    ("contpte_ptep_test_and_clear_young", "7.2"),
    ("contpte_ptep_clear_flush_young", "7.2"),
    ("contpte_ptep_test_and_clear_young", "7.3"),
    ("contpte_ptep_clear_flush_young", "7.3"),
}
# Real properties of a kernel, each with its page in docs/kernel-findings.md.
_PROTNONE = {("opaque", "PROTNONE")}
_KNOWN = {
    ("copy_pte_range", "6.12", "arm64"): _PROTNONE,
    ("contpte_set_ptes", "6.12", "arm64"): _PROTNONE,
}
_CASES = [(e, f) for e in ENTRIES for f in (e.flavours or tuple(FLAVOURS))]


@pytest.mark.parametrize("kernel", VERSIONS, indirect=True)
@pytest.mark.parametrize(("entry", "flavour"), _CASES, ids=lambda c: c.name if isinstance(c, Entry) else c)
def test_an_entry_against_itself(kernel: KernelTree, entry: Entry, flavour: str) -> None:
    tree = kernel.at(kernel.head)
    version = kernel.name.removeprefix("linux ").rsplit(".", 1)[0]
    if (entry.name, version) in _ABSENT:
        with pytest.raises(SliceError):
            build(tree, tree, entry, flavour)
        return
    pair = build(tree, tree, entry, flavour)
    with Runner(pair.program, timeout=600) as runner:
        assert runner.ask("w 7 0 20000") == ["-1"], "the generator made a scenario that no kernel can be in"
        # Scenarios grow with the block, and so does what each takes.
        hits = runner.campaign(7, 0, _COUNT * 16 // max(16, FLAVOURS[flavour].cont_ptes), thorough=True)
        known = _KNOWN.get((entry.name, version, FLAVOURS[flavour].arch), set())
        assert {(h.relation, h.what) for h in hits} <= known, hits
        _, reached = runner.coverage()
    mine = [i for i, probe in enumerate(pair.after.probes) if probe.function == entry.name]
    assert len([i for i in mine if i in reached]) > len(mine) // 2, "the entry hardly ran"
