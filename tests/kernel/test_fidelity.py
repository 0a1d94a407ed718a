# SPDX-License-Identifier: GPL-2.0-or-later
"""Unpatched kernels come out silent: every entry against itself, on every tree and flavour."""

from __future__ import annotations

import os

import pytest

from oracle.entries import ENTRIES, Entry, entry
from oracle.exhaustive import exhaust
from oracle.flavours import DEFAULT, FLAVOURS
from oracle.runner import Runner
from oracle.wire import command
from reviewer.building.pair import build
from reviewer.errors import SliceError
from reviewer.trees.kernel import KernelTree

from .conftest import VERSIONS, WHOLE
from .editing import edited

pytestmark = pytest.mark.kernel
_COUNT = 50_000 if os.environ.get("CI") else 20_000
# Real properties of a kernel, each with its page in docs/kernel-findings.md.
_FOLDED_WITHOUT_ACCESS = {("opaque", "KERNEL_ONLY")}  # before 6.12.117
_DEVICE_EXCLUSIVE = {("both", "G2"), ("both", "G4"), ("both", "S8")}
_LEFT_ISOLATED = {("both", "G3")}
_UNFLUSHED = {("both", "T2")}
_TAKEN_FOR_PRESENT = {("both", "F5")}
_FIRST_PAGE = {("both", "L12")}
_DIRTY_DROPPED = {("both", "D1")}
_KNOWN = {
    **{("folio_referenced_one", v, "arm64"): _DEVICE_EXCLUSIVE for v in ("7.2", "7.3")},
    **{("madvise_cold_or_pageout_pte_range", v, a): _LEFT_ISOLATED for v in ("6.12", "7.2") for a in ("x86", "arm64")},
    **{("migrate_vma_collect_pmd", v, a): _UNFLUSHED for v in ("7.2", "7.3") for a in ("x86", "arm64")},
    **{(e, "6.12", a): _TAKEN_FOR_PRESENT for e in ("write_protect_page", "replace_page") for a in ("x86", "arm64")},
    **{("pagemap_pmd_range", v, a): _FIRST_PAGE for v in ("7.2", "7.3") for a in ("x86", "arm64")},
    **{("try_collapse_pte_mapped_thp", v, a): _DIRTY_DROPPED for v in ("7.2", "7.3") for a in ("x86", "arm64")},
    **{("folio_referenced_one", "6.12", a): {("both", "L1")} for a in ("x86", "arm64")},
    **{(e, "6.12", "arm64"): _FOLDED_WITHOUT_ACCESS for e in ("copy_pte_range", "contpte_set_ptes")},
    **{(e, v, "arm64"): {("both", "X5")} for e in ("do_swap_page", "handle_pte_fault") for v in VERSIONS},
}
# With larger pages CI runs each entry on one of the trees, and every other one with either size.
_LARGER = [f for f in FLAVOURS if f not in DEFAULT]
_CASES = [
    (version, e, f)
    for version in VERSIONS
    for n, e in enumerate(ENTRIES)
    for f in (e.flavours or tuple(FLAVOURS))
    if WHOLE or f in DEFAULT or (version == "7.2" and f == _LARGER[n % len(_LARGER)])
]


@pytest.mark.parametrize(
    ("kernel", "what", "flavour"), _CASES, indirect=["kernel"], ids=lambda c: c.name if isinstance(c, Entry) else c
)
def test_an_entry_against_itself(kernel: KernelTree, what: Entry, flavour: str) -> None:
    tree = kernel.at(kernel.head)
    version = kernel.name.removeprefix("linux ").rsplit(".", 1)[0]
    if not what.known_to(version):
        with pytest.raises(SliceError):
            build(tree, tree, what, flavour)
        return
    pair = build(tree, tree, what, flavour)
    with Runner(pair.program, timeout=600) as runner:
        assert runner.ask(command("invalid", 7, 0, 20000)) == ["-1"], (
            "the generator made a scenario that no kernel can be in"
        )
        # With larger pages scenarios are larger, and so is what each takes.
        hits = runner.campaign(7, 0, _COUNT if flavour in DEFAULT else _COUNT // 20, thorough=True)
        # Every table of up to three PTEs.
        exhaust(runner, what.calls, 4_100 * len(what.calls), lambda more, _: hits.extend(more))
        # And scenarios near those that came farthest: what is made by changing one thing is a state of a kernel, too.
        hits += runner.steer(7, 2_000, 2_000, range(8192))[1] if flavour in DEFAULT else []
        known = _KNOWN.get((what.name, version, FLAVOURS[flavour].arch), set())
        assert {(h.relation, h.what) for h in hits} <= known, hits
        _, reached = runner.coverage()
    mine = [i for i, probe in enumerate(pair.after.probes) if probe.function == what.name]
    # With larger pages there are no huge PMDs.
    assert flavour not in DEFAULT or len([i for i in mine if i in reached]) > len(mine) // 2, "the entry hardly ran"


# contpte_set_ptes() as it is in 6.12.107, which asks for a user's mm only.
_AS_BEFORE = {
    "file": "arch/arm64/mm/contpte.c", "function": "contpte_set_ptes",
    "pattern": r"\(!mm_is_user\(mm\) \|\| !pte_valid\(pte\)\) \{\s*VM_WARN_ON_ONCE[^;]*;",
    "with": "(!mm_is_user(mm)) {",
}  # fmt: skip


@pytest.mark.parametrize("kernel", ["6.12"], indirect=True)
def test_a_hint_that_is_folded_is_valid_and_of_no_use(kernel: KernelTree) -> None:
    """In the child of a fork, and as one cause; it is nothing like an entry that may be used."""
    tree, fork = kernel.at(kernel.head), entry("copy_pte_range")
    source = (tree.read(_AS_BEFORE["file"]) or b"").partition(b"void contpte_set_ptes(")[2].partition(b"\n}\n")[0]
    if b"!pte_valid(" in source:
        tree = edited(tree, _AS_BEFORE)
    assert fork is not None
    pair = build(tree, tree, fork, "arm64-4k")
    with Runner(pair.program, timeout=600) as runner:
        [hit] = runner.campaign(7, 0, 20_000, thorough=True)
        assert (hit.relation, hit.what) == ("opaque", "KERNEL_ONLY")
        outcome = runner.run(runner.scenario(7, hit.first), rows=True)
    real, each = (outcome.sides[side].rows for side in ("after", "after-one"))
    folded = {label for label, text in real.items() if "kernel-only" in text}
    assert folded
    assert all(each[x] == real[x].replace(" kernel-only cont", " protnone") for x in folded)
