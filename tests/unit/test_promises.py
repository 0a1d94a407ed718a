# SPDX-License-Identifier: GPL-2.0-or-later
"""A promise of no functional change is taken at its word, and only where the message itself makes it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reviewer.intake.promises import promise
from reviewer.model import Message

BLANK = Message("", "", (), "", (), (), "", "mm: move it", "", b"", "")
MADE = (
    ("No functional change.", "No functional change"),
    ("No functional changes intended.", "No functional changes intended"),
    ("Use the helper, no functional change intended.", "no functional change intended"),
    ("There should be no functional\nchange.", "no functional change"),
    ("No intended functional change.", "No intended functional change"),
    ("This does not introduce any functional changes.", "does not introduce any functional changes"),
    ("Do so without any functional change.", "without any functional change"),
    ("No behavioural change is expected.", "No behavioural change is expected"),
    ("No change in behavior.", "No change in behavior"),
    ("No change in functionality intended", "No change in functionality"),
    ("This is a cleanup (NFC).", "NFC"),
    ("NFCI.", "NFCI"),
    ("No functional change for now.", "No functional change"),
    ("The loop does not end there. No functional change.", "No functional change"),
    ("- it cannot fail\n- no functional change", "no functional change"),
    ("Ask once. No functional change: as before, both are set.", "No functional change"),
)
NOT_MADE = (
    "",
    "It changes how functions are called.",
    "This is not a patch without functional change.",
    "This is not a pure cleanup with no functional change.",
    "Do not take this for a rename: no functional change was the goal of v1, it isn't any more.",
    "I can't claim no functional change.",
    "No functional change except that the flush is gone.",
    "No functional change, apart from the tracepoint.",
    "No functional change (except for hugetlb).",
    "No functional change unless CONFIG_NUMA is set.",
    "No functional change on x86.",
    "No functional change for small folios.",
    "No functional changes since v2.",
    "No functional change?",
    "> No functional change intended.\n\nIs it so?",
    'Commit 123456789abc ("mm: split it, no functional change") broke this.',
    "Fixes: 123456789abc (mm: no functional change)",
    "Fix it.\n---\nv2: no functional change",
    "The nfc and the NFC controller are slow.",
    "nfc",
)


@pytest.mark.parametrize(("body", "words"), MADE)
def test_a_promise(body: str, words: str) -> None:
    assert promise(replace(BLANK, body=f"Move it.\n\n{body}\n\nSigned-off-by: Ann <ann@example.org>\n")) == words


@pytest.mark.parametrize("body", NOT_MADE)
def test_none(body: str) -> None:
    assert promise(replace(BLANK, body=body)) == ""


def test_the_subject_can_make_it() -> None:
    assert promise(replace(BLANK, subject="[PATCH 2/3] mm: rename nr (NFC)")) == "NFC"
    assert promise(replace(BLANK, subject='[PATCH] Revert "mm: rename, no functional change"')) == ""
