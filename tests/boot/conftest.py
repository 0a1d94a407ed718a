# SPDX-License-Identifier: GPL-2.0-or-later
"""The kernel that is built and booted, and for what: make boot KERNEL_SOURCE=DIR [FLAVOUR=NAME]."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from reviewer.booting.sources import whole

FLAVOUR = os.environ.get("FLAVOUR", "x86-64")


@pytest.fixture(scope="session")
def source() -> Path:
    """The whole source that KERNEL_SOURCE names."""
    if not (said := os.environ.get("KERNEL_SOURCE")):
        pytest.skip("KERNEL_SOURCE names no whole kernel source")
    return whole(said)
