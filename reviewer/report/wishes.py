# SPDX-License-Identifier: GPL-2.0-or-later
"""What is asked of the outputs of a review."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Wishes:
    """preexisting: also what was wrong before. Of drafts: attach: with the findings' files; clean: an answer where
    nothing was found; sender: who asks; options: of the review, to be given again."""

    preexisting: bool = False
    attach: bool = False
    clean: bool = False
    sender: str = ""
    options: tuple[str, ...] = ()


PLAIN = Wishes()
