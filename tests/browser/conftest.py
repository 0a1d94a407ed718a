# SPDX-License-Identifier: GPL-2.0-or-later
"""Debian's Chromium, started once for a module. Without one the tests are skipped, in CI they fail."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

FLAGS = """--no-sandbox --disable-gpu --disable-dev-shm-usage --disable-background-networking
    --disable-component-update --disable-sync --no-first-run"""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The browser; --no-sandbox since CI is root, and all that it is shown is ours."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None and not os.environ.get("CI"):
        pytest.skip("no chromium here (apt-get install chromium)")
    assert found, "CI has to have chromium"
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, headless=True, args=FLAGS.split())
        yield browser
        browser.close()
