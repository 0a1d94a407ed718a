"""The static rules on whole kernels, as if a patch had brought every function: next to nothing is asked."""

from __future__ import annotations

import pytest

from oracle.flavours import FLAVOURS
from reviewer.changed import items_in
from reviewer.kernel import KernelTree
from reviewer.static.rules import remarks

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
        for flavour in FLAVOURS:
            items = [i for i in items_in(tree, path, flavour).values() if i.kind == "function"]
            functions += len(items)
            found |= {(r.rule.id, r.file, r.function) for item in items for r in remarks(item)}
    assert functions > LEAST
    assert sorted(found) == KNOWN[version]
