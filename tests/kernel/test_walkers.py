# SPDX-License-Identifier: GPL-2.0-or-later
"""What the real code leaves of random scenarios refines what the reference leaves, on every tree and flavour.

More scenarios: tests/kernel/walkers.py.
"""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any

import pytest

from oracle.entries import ENTRIES, entry
from oracle.explain import judge, tells
from oracle.explain.calls import unfailing
from oracle.explain.tree import kernel_of
from oracle.flavours import DEFAULT, FLAVOURS
from oracle.runner import Runner
from reviewer.building.pair import build
from reviewer.trees.kernel import KernelTree

from .conftest import VERSIONS, WHOLE
from .editing import edited
from .test_edits import _EDITS
from .walkers import compare_many, known, version_of

pytestmark = pytest.mark.kernel
_COUNT = 100 if os.environ.get("CI") else 25
# With larger pages each entry runs on one of the trees, and in CI every other one with either size.
_LARGER = [f for f in FLAVOURS if f not in DEFAULT]
_CASES = [
    (version, e.name, f)
    for version in VERSIONS
    for n, e in enumerate(e for e in ENTRIES if e.reference)
    for f in (e.flavours or FLAVOURS)
    if f in DEFAULT or (version == "7.2" and (WHOLE or f == _LARGER[n % len(_LARGER)]))
]


@pytest.mark.parametrize(("kernel", "name", "flavour"), _CASES, indirect=["kernel"])
def test_the_real_code_refines_the_reference(kernel: KernelTree, name: str, flavour: str) -> None:
    what = entry(name)
    assert what is not None and what.reference is not None
    if not what.known_to(version_of(kernel.name)):
        return  # test_fidelity.py asserts that
    figures = compare_many(kernel.at(kernel.head), version_of(kernel.name), what, flavour, _COUNT, seed=3)
    assert figures.compared["as it is"] >= _COUNT * what.reference.told // 100
    assert figures.wrong == []


# Wrong edits of edits.toml, and the entry and flavour that show them.
_WRONG = {
    "mremap batches across the write bit": ("move_ptes", "arm64-4k"),
    "mremap forgets soft-dirty": ("move_ptes", "x86-64"),
    "unmap restores the first write bit on all": ("try_to_unmap_one", "x86-64"),
    "mprotect decides by the first page's AnonExclusive": ("change_pte_range", "x86-64"),
    "zap counts one page of a batch": ("zap_pte_range", "x86-64"),
    "zap leaves a marker for one PTE only": ("zap_pte_range", "x86-64"),
    "fork write-protects one PTE of a batch": ("copy_pte_range", "x86-64"),
    "migration forgets that a page is exclusive": ("try_to_migrate_one", "x86-64"),
    "a migrated page comes back without uffd-wp": ("remove_migration_pte", "x86-64"),
    "mlock takes a folio of which a part is mapped": ("mlock_pte_range", "x86-64"),
    "MADV_COLD clears dirty with young": ("madvise_cold_or_pageout_pte_range", "x86-64"),
    "folio_referenced asks one PTE of a batch": ("folio_referenced_one", "x86-64"),
    "a fault counts one reverse mapping for a range": ("finish_fault", "x86-64"),
    "fault-around maps over what is there": ("filemap_map_pages", "x86-64"),
    "collapse drops one reference of a batch": ("__collapse_huge_page_copy", "x86-64"),
    "swap-in counts one swap entry of a batch": ("do_swap_page", "x86-64"),
    "userfaultfd fills a private file page in as writable": ("mfill_atomic_install_pte", "x86-64"),
    "a page for a device overwrites an entry": ("migrate_vma_insert_page", "x86-64"),
    "mincore writes one byte of a batch": ("mincore_pte_range", "arm64-4k"),
    "isolation leaves a folio locked that it gives up": ("__collapse_huge_page_isolate", "x86-64"),
    "a split PMD makes every page writable": ("__split_huge_pmd_locked", "x86-64"),
    "a split forgets that the pages are exclusive": ("__split_huge_pmd_locked", "x86-64"),
    "a file's collapse counts entries, not batches": ("try_collapse_pte_mapped_thp", "x86-64"),
    "a copy on write keeps the old page's mapping": ("do_wp_page", "x86-64"),
    "collection for a device forgets that a page is dirty": ("migrate_vma_collect_pmd", "x86-64"),
    "collection for a device forgets that a page is exclusive": ("migrate_vma_collect_pmd", "x86-64"),
}
_SLIPS = [e for e in _EDITS if e["name"] in _WRONG]
_SLIPS += tomllib.loads(Path(__file__).with_name("slips.toml").read_text(encoding="utf-8"))["slip"]


@pytest.mark.parametrize("kernel", ["7.2"], indirect=True)
@pytest.mark.parametrize("edit", _SLIPS, ids=lambda e: e["name"])
def test_wrong_code_does_not_refine_it(kernel: KernelTree, edit: dict[str, Any]) -> None:
    name, flavour = _WRONG.get(edit["name"]) or (edit["entry"], edit.get("flavour", "x86-64"))
    what, tree = entry(name), kernel.at(kernel.head)
    assert what is not None
    pair = build(tree, edited(tree, edit), what, flavour)
    told = kernel_of(tree.read, FLAVOURS[flavour])
    with Runner(pair.program) as runner:
        hits = (hit for first in range(0, 40_000, 1000) for hit in runner.campaign(3, first, 1000))
        for index in (hit.first for hit in hits):
            scenario = unfailing(name, runner.scenario(3, index))
            if not tells(name, scenario):
                continue
            outcome = runner.run(scenario, rows=True)
            found = judge(name, scenario, told, outcome.sides["after"].rows)
            before = judge(name, scenario, told, outcome.sides["before"].rows)
            version = version_of(kernel.name)
            unexplained = [
                [row for row in rows if not row.why and not known(name, flavour, version, row, outcome.start)]
                for rows in (before, found)
            ]
            assert not unexplained[0]
            if unexplained[1]:
                return
    pytest.fail("the reference allows what the wrong code leaves")
