# SPDX-License-Identifier: GPL-2.0-or-later
"""What the slicer takes for provided is what a slice includes."""

from __future__ import annotations

from reviewer.slicing.world import WORLD, providing, world


def test_headers_are_those_that_kernel_h_includes() -> None:
    found = providing()
    assert found[:2] == ("compiler.h", "base.h")
    assert found[-1] == "kernel.h"
    assert {path.name for path in WORLD.glob("k_*.h")} <= set(found)
    assert len(set(found)) == len(found)


def test_each_comes_after_what_it_includes() -> None:
    found = providing()
    assert found.index("world.h") < found.index("mmu.h") < found.index("k_misc.h") < found.index("k_hugetlb.h")


def test_names_of_every_header_are_provided() -> None:
    assert {"huge_ptep_get", "pr_debug", "guard", "rcu_read_lock", "check_add_overflow"} <= world().refs.keys()
