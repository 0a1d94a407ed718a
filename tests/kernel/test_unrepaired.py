# SPDX-License-Identifier: GPL-2.0-or-later
"""What the slicer mends after the compiler's errors is the exception: no entry with an adapter needs any of it."""

from __future__ import annotations

import pytest

from oracle.entries import ENTRIES
from oracle.flavours import DEFAULT
from reviewer.building.objects import compiled
from reviewer.building.pair import slice_of
from reviewer.errors import SliceError
from reviewer.trees.kernel import KernelTree

from .conftest import VERSIONS, WHOLE

pytestmark = pytest.mark.kernel


# CI has each tree with one of them, in turn.
_PAIRS = [(v, f) for n, v in enumerate(VERSIONS) for m, f in enumerate(DEFAULT) if WHOLE or (n + m) % 2]


@pytest.mark.parametrize(("kernel", "flavour"), _PAIRS, indirect=["kernel"])
def test_entries_compile_as_they_are_cut(kernel: KernelTree, flavour: str) -> None:
    tree = kernel.at(kernel.head)
    errors, cut = {}, 0
    for entry in [e for e in ENTRIES if flavour in (e.flavours or DEFAULT)]:
        try:
            piece = slice_of(tree, entry, flavour)
        except SliceError:
            continue  # of another kernel; test_fidelity.py knows which
        cut += 1
        if found := compiled(piece.text, "before")[1]:
            errors[entry.name] = found[0]
    assert errors == {}
    assert cut > 40
