"""What the real code leaves of random scenarios refines what the reference leaves, on every tree and flavour.

More scenarios: tests/kernel/reference.py.
"""

from __future__ import annotations

import os

import pytest

from oracle.entries import entry
from oracle.explain import CALLS
from oracle.flavours import FLAVOURS
from reviewer.kernel import KernelTree

from .conftest import VERSIONS
from .reference import compare_many, version_of

pytestmark = pytest.mark.kernel
_COUNT = 100 if os.environ.get("CI") else 25


@pytest.mark.parametrize("kernel", VERSIONS, indirect=True)
@pytest.mark.parametrize("flavour", sorted(FLAVOURS))
@pytest.mark.parametrize("name", sorted(CALLS))
def test_the_real_code_refines_the_reference(kernel: KernelTree, name: str, flavour: str) -> None:
    what = entry(name)
    assert what is not None
    figures = compare_many(kernel.at(kernel.head), version_of(kernel.name), what, flavour, _COUNT, seed=3)
    assert figures.compared["as it is"] == _COUNT
    assert figures.wrong == []
