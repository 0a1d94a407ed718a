# SPDX-License-Identifier: GPL-2.0-or-later
"""What every test has: an error that nobody expected is one here, and no reason for a function that was not run."""

from __future__ import annotations

import os

os.environ.setdefault("REVIEW_PATCH_TRACE", "raise")
