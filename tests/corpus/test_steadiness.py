# SPDX-License-Identifier: GPL-2.0-or-later
"""The same seed gives the same bytes, another seed the same answer."""

from __future__ import annotations

import pytest
from steadiness import answer, reviewed, text


@pytest.mark.parametrize(
    "case", ["mremap-write-bit", "mprotect-folio-head", "contpte-fold-any-folio", "unmap-lazyfree-stamp"]
)
def test_a_review_is_steady(case: str) -> None:
    first = reviewed(case, 1)
    assert text(reviewed(case, 1)) == text(first)
    assert {answer(reviewed(case, seed)) for seed in (2, 3)} == {answer(first)}
