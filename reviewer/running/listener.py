# SPDX-License-Identifier: GPL-2.0-or-later
"""Who is told how a review goes, and in what order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from reviewer.model import Finding, Patch, PatchReview


class Listener(Protocol):
    """Called while a review runs: begins(), then stage() and ran(), the latter from several threads, then ends()."""

    def begins(self, patch: Patch, total: int) -> None:
        """The next patch of so many."""

    def stage(self, text: str) -> None:
        """What is being done with it now."""

    def ran(self, part: float, scenarios: int) -> None:
        """So much more of what is to be run of it was, in so many scenarios."""

    def ends(self, patch: PatchReview, found: Sequence[Finding]) -> None:
        """What came of it."""


class Nobody:
    """For whom only the review matters."""

    def begins(self, patch: Patch, total: int) -> None:
        """Nothing."""

    def stage(self, text: str) -> None:
        """Nothing."""

    def ran(self, part: float, scenarios: int) -> None:
        """Nothing."""

    def ends(self, patch: PatchReview, found: Sequence[Finding]) -> None:
        """Nothing."""
