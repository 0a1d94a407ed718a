# SPDX-License-Identifier: GPL-2.0-or-later
"""The static rules on whole kernels, as if a patch had brought every function: next to nothing is asked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from oracle.flavours import DEFAULT
from reviewer.changes.changed import items_in
from reviewer.static.rules import remarks
from reviewer.trees.kernel import KernelTree

from .conftest import VERSIONS

pytestmark = pytest.mark.kernel

# All that is asked, (rule, file, function) by tree. 7.2's move_ptes() looks at the new entry through the pointer in a
# debug check, where every other read of the function goes through ptep_get(): odd, harmless, and gone in 7.3.
KNOWN = {"6.12": [], "7.2": [("Q6", "mm/mremap.c", "move_ptes")], "7.3": []}
LEAST = 4000


@pytest.mark.parametrize("version", VERSIONS)
def test_a_kernel_raises_no_false_alarm(version: str, kernels: dict[str, KernelTree]) -> None:
    if version not in kernels:
        pytest.skip(f"no linux-{version}: set KERNEL_TREES (see .ci/fetch-kernel)")
    tree = kernels[version].at(kernels[version].head)
    paths = [p for p in tree.list("mm") if p.endswith((".c", ".h"))]
    found, functions = set(), 0
    for path in [*paths, "arch/arm64/mm/contpte.c", "include/linux/pgtable.h"]:
        for flavour in DEFAULT:
            items = [i for i in items_in(tree, path, flavour).values() if i.kind == "function"]
            functions += len(items)
            found |= {(r.rule.id, r.file, r.function) for item in items for r in remarks(item)}
    assert functions > LEAST
    assert sorted(found) == KNOWN[version]


# One slip in a real function of 7.2 for each rule: (rule, file, function, what stands there, what is put instead).
SLIPS = [
    ("Q1", "mm/mremap.c", "move_ptes", "old_ptep, nr_ptes);", "old_ptep, max_nr_ptes);"),
    ("Q2", "mm/rmap.c", "try_to_unmap_one", "unsigned long nr_pages", "unsigned int nr_pages"),
    ("Q3", "mm/mprotect.c", "change_pte_range", "addr += nr_ptes * PAGE_SIZE", "addr += PAGE_SIZE"),
    ("Q4", "mm/madvise.c", "madvise_free_pte_range", "nr = 1;", ""),
    ("Q5", "mm/rmap.c", "folio_unmap_pte_batch", "pmd_addr_end(addr, vma->vm_end)", "vma->vm_end"),
    ("Q6", "mm/madvise.c", "madvise_free_pte_range", "ptent = ptep_get(pte)", "ptent = *pte"),
    ("Q7", "mm/mprotect.c", "change_pte_range", "if (pte_present(oldpte))", "if (!pte_present(oldpte))"),
    (
        "Q8",
        "mm/mremap.c",
        "move_ptes",
        "if (pte_none(old_pte))\n\t\t\tcontinue;",
        "if (pte_none(old_pte))\n\t\t\treturn 0;",
    ),
]


@pytest.mark.parametrize("kernel", ["7.2"], indirect=True)
@pytest.mark.parametrize(("rule", "path", "function", "right", "wrong"), SLIPS, ids=[s[0] for s in SLIPS])
def test_a_slip_in_a_real_function_is_seen(
    rule: str, path: str, function: str, right: str, wrong: str, kernel: KernelTree
) -> None:
    item = items_in(kernel.at(kernel.head), path, "x86-64")[function]
    assert right in item.text
    before = {(r.rule.id, r.what) for r in remarks(item)}
    after = {(r.rule.id, r.what) for r in remarks(replace(item, text=item.text.replace(right, wrong)))}
    assert {name for name, _ in after - before} == {rule}
