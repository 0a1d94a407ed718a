# SPDX-License-Identifier: GPL-2.0-or-later
"""How to read a report: its words and signs."""

from __future__ import annotations

import re

WORDS: tuple[tuple[str, str], ...] = (
    ("A[3]", "Page 3 of folio A. Folios are named in the order in which they lie in memory; A[0..3] are four pages."),
    (
        "PTE 5",
        'The sixth entry from where the call under test starts. Entries before it have numbers below 0; "new PTE"'
        ' is an entry where they move to, "child PTE" one of the child\'s.',
    ),
    (
        "rw, ro, -dy",
        'An entry\'s bits. In a picture each bit has a letter and a place of its own, "-" where it is clear;'
        " below the picture stands what each letter means.",
    ),
    (".", "No entry: pte_none()."),
    (
        "swap 0:5, mig-w, m:wp",
        "Entries that are not present: slot 5 of swap device 0, a writable migration entry, a userfaultfd marker.",
    ),
    ("start", "What the page tables hold when the function is called."),
    ("should be", "What has to be left by the reference, a walker in plain Python that takes each PTE alone."),
    (
        "batch=1",
        "What the patched code leaves with every batch forced to one PTE: it stands for what should be where there"
        " is no reference for the function.",
    ),
    (
        "before, after",
        "What the code before the patch leaves, and the code after it. Where one of them leaves what should"
        " be it has no row of its own, and that is said below.",
    ),
    ("!", "This is not as it should be."),
    (
        "contpte [block of 16]",
        "Entries that arm64 maps as one contiguous block. Their bits cannot be changed one by one.",
    ),
    (
        "page A[0]: mapcount 1 exclusive",
        "What its struct page says: so many entries map it, and PageAnonExclusive is set.",
    ),
    (
        "introduced, fixed, there before",
        "Right before the patch and wrong after it; the other way round; wrong both times.",
    ),
    (
        "gone after patch 4",
        "A later patch of the series repairs it: whoever stops in between, as git bisect does, has it.",
    ),
    ("flavour", "An architecture and its page size, with the configuration that is compiled: x86-64, arm64-4k."),
    ("through move_ptes()", "The function that was called; the changed one is called by it."),
    ("scenario", "Page tables, folios, VMA and arguments for one call, made from the seed and a number."),
    (
        "exhaustive: all 43,318 tables of up to 4 PTEs over 11 states, in 3 places",
        "Besides scenarios made by chance each table of that size was run: each PTE in one of 11 states, inside a large"
        " folio, behind a contpte block of the same folio, and"
        " across two folios of a file at the end of the page table.",
    ),
    (
        "stubs",
        "Functions of the kernel that were stood in for, since they have nothing to do with PTEs; what is called and"
        " how often is compared.",
    ),
    ("the same code", "Not run: both sides compile to the same machine code."),
    ("E2 breaks with it", "The same cause breaks this rule as well."),
    (
        "clean",
        "A verdict: each changed function was exercised in full, or is the same code, and the series introduces"
        " nothing that was found. Remarks on the source do not count.",
    ),
    ("findings", "A verdict: the series introduces something that was found, if only until a later patch mends it."),
    (
        "inconclusive",
        "A verdict: nothing was found that the series introduces, but not all that it changes could be exercised.",
    ),
    ("not-applicable", "A verdict: nothing in the series touches code that the rules know."),
    ("taking back lines 20-33 mends it", "That was tried: without these lines of the patch the finding is gone."),
)


def meanings(word: str) -> tuple[tuple[str, str], ...]:
    """What a word or sign of a report means, whatever its case and the numbers in it; none for one that is not here."""
    return tuple(entry for entry in WORDS if _bare(word) in map(_bare, _names(entry[0])))


def _names(name: str) -> tuple[str, ...]:
    """What an entry may be asked for by: the whole, what stands between commas, and what stands before a colon."""
    return (name, *name.split(", "), name.partition(":")[0])


def _bare(word: str) -> str:
    return re.sub(r"\b[a-z]\[", "a[", re.sub(r"\d+", "0", word.lower()))
