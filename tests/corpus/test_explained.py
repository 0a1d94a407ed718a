# SPDX-License-Identifier: GPL-2.0-or-later
"""The explanation of a finding names the reference's word, and a call that stands where it says."""

from __future__ import annotations

import re

import pytest

from reviewer.intake.mail import read_messages
from reviewer.intake.series import series_from_messages
from reviewer.pipeline import Settings, review
from reviewer.resources import folder
from reviewer.trees.overlays import apply_series, open_tree

CORPUS = folder("corpus")


@pytest.mark.parametrize(
    ("case", "right", "call"),
    [
        ("mremap-write-bit", r"PTE \d+ has to be 'A\[\d+\] ro", r"(set_ptes)\(\) at (mm/mremap\.c):(\d+)"),
        ("zap-one-marker", "has to be 'uffd-wp marker'", r"(get_and_clear_full_ptes)\(\) at (mm/memory\.c):(\d+)"),
    ],
)
def test_a_finding_names_the_call(case: str, right: str, call: str) -> None:
    series = series_from_messages(read_messages(str(CORPUS / case / "series.mbox")))
    with open_tree(CORPUS / "tree") as kernel:
        applied = apply_series(series, kernel)
        done = review(series, applied, Settings(budget=0.3, jobs=2))
        found = next(f for f in done.findings if f.kind == "violation")
        assert found.reference is not None
        assert found.reference.source == "reference"
        assert re.search(right, found.explanation)
        named = re.search(call, found.explanation)
        assert named
        text = applied.patches[found.patch - 1].after.read(named[2])
    assert text is not None
    assert named[1] in text.decode().splitlines()[int(named[3]) - 1]
