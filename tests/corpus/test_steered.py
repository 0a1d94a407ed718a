# SPDX-License-Identifier: GPL-2.0-or-later
"""A review goes after the changed lines that chance does not reach, and what it meets there is a finding like any."""

from __future__ import annotations

from sample_series import edited

from oracle.wire import scenario
from reviewer.pipeline import Settings, review

PLACE = "\tfor (; old_addr < old_end; old_ptep++,"
RARE = """\tif (pmc->need_rmap_locks)
\t\tif (extent == 5 * PAGE_SIZE)
\t\t\tif ((new_addr >> PAGE_SHIFT) % 512 < 16)
\t\t\t\tif (pte_young(ptep_get(old_ptep + 3)) && pte_soft_dirty(ptep_get(old_ptep + 4)) && old_addr & PAGE_SIZE)
\t\t\t\t\told_addr += PAGE_SIZE;
"""


def test_a_rare_line_is_reached() -> None:
    done = review(*edited(("mm/mremap.c", PLACE, RARE + PLACE)), Settings(budget=0.4, jobs=2))
    (function,) = done.patches[0].functions
    assert (function.status, function.uncovered) == ("exercised", ())
    # Fewer than chance alone would have run: each of these is dearer.
    tables = 2 * (2 * (11 + 121 + 1331) + 10 + 100 + 1000)
    assert 20_000 < function.scenarios - tables < 40_000
    assert [f.relation for f in done.findings if f.kind == "violation"]
    for finding in done.findings:
        made = scenario(finding.scenario["exact"]["numbers"])
        assert made.end - made.start == 5
        assert made.options[1] & 1
