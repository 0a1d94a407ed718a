# SPDX-License-Identifier: GPL-2.0-or-later
"""The tree most tests start from."""

from __future__ import annotations

from pathlib import Path

import pytest
from demotree import make_repository


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A fresh repository of the demo tree, on branch main."""
    return make_repository(tmp_path / "tree")
