# SPDX-License-Identifier: GPL-2.0-or-later
"""Prose in plain text of 72 columns, as mails on the lists have them."""

from __future__ import annotations

from textwrap import fill

from reviewer.report.text import one_line

WIDTH = 72


def wrap(text: str, indent: int = 0, width: int = WIDTH) -> str:
    """The paragraph wrapped, later lines indented by so much; a word too long for a line stays whole."""
    later = " " * indent
    return fill(one_line(text), width, subsequent_indent=later, break_long_words=False, break_on_hyphens=False)
