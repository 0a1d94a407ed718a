# SPDX-License-Identifier: GPL-2.0-or-later
"""What correct PTE code does, in plain Python, for people who work on mm.

One concept a file, and no dependency: `pte` (what an entry says), `folio` (pages and their counters, rmap), `table`
(page tables, VMA, mm, swap counts), `primitives` (set, clear and modify entries in batches), `contpte` (the same with
folded blocks), `batch` (batch detection in both eras), `tlb` (translations a CPU may still hold), `rules` (the
registry of the rules that findings name; the checks themselves are in `checks/`), `walkers/` (loops over entries).

Addresses are slots: pages counted from the start of the first of the page tables. `review-patch
explain` lists the rules, `review-patch explain B5` shows one at work.
"""
