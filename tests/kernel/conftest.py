# SPDX-License-Identifier: GPL-2.0-or-later
"""Real kernel trees: $KERNEL_TREES/linux-VERSION. Elsewhere than in CI these tests are skipped, and say so."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TypeVar

import pytest

from reviewer.trees.kernel import KernelTree, open_tree

VERSIONS = ("6.12", "7.2", "7.3")
# CI takes a part of the longest lists; WHOLE_TESTS=1 all of them.
WHOLE = bool(os.environ.get("WHOLE_TESTS"))
T = TypeVar("T")


def part(listed: Sequence[T], one_in: int = 3, first: int = 0) -> Sequence[T]:
    """One in so many, beginning with the given one; or all of them."""
    return listed if WHOLE else listed[first::one_in]


def others(listed: Sequence[T], one_in: int = 3) -> Sequence[T]:
    """What part() leaves to another test; or all of them."""
    return listed if WHOLE else [one for at, one in enumerate(listed) if at % one_in]


def folder(version: str) -> Path | None:
    """The tree of a version, None when it is not here."""
    root = os.environ.get("KERNEL_TREES")
    place = Path(root) / f"linux-{version}" if root else None
    return place if place is not None and place.is_dir() else None


@pytest.fixture(scope="session")
def kernels() -> Iterator[dict[str, KernelTree]]:
    """The trees that are here, opened."""
    with ExitStack() as stack:
        yield {v: stack.enter_context(open_tree(place)) for v in VERSIONS if (place := folder(v)) is not None}


@pytest.fixture
def kernel(request: pytest.FixtureRequest, kernels: dict[str, KernelTree]) -> KernelTree:
    """One tree, by indirect parameter."""
    if request.param not in kernels:
        pytest.skip(f"no linux-{request.param}: set KERNEL_TREES (see .ci/fetch-kernel)")
    return kernels[request.param]


@pytest.fixture(scope="session", autouse=True)
def trees_in_ci() -> None:
    """In CI a tree that cannot be had is an error, not a skip."""
    if os.environ.get("CI") and os.environ.get("KERNEL_TREES"):
        missing = [v for v in VERSIONS if folder(v) is None]
        assert not missing, f"CI has no tree of {', '.join(missing)}"
