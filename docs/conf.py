# SPDX-License-Identifier: GPL-2.0-or-later
"""Sphinx: the documentation as a site. What can be read off the sources, or off a review, is made first (made.py)."""

from __future__ import annotations

import sys
from pathlib import Path

_HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(_HERE))
sys.path.insert(0, str(_HERE.parent))

import made  # noqa: E402

import reviewer  # noqa: E402

project = "review-patch"
author = "the review-patch authors"
version = release = reviewer.__version__
extensions = ["myst_parser"]
exclude_patterns = ["_build", "reference/letters.md", "reference/words.md"]
myst_heading_anchors = 3  # links to a heading are checked, like those to a page
nitpicky = True
smartquotes = False  # -- and ' are those of options and code
html_theme = "furo"
html_title = f"review-patch {release}"
html_show_copyright = False
html_show_sourcelink = False
html_extra_path = ["reference/site"]
made.write(_HERE / "reference")
