# SPDX-License-Identifier: GPL-2.0-or-later
"""The one error root: what went wrong, where, and what to do next."""

from __future__ import annotations

from collections.abc import Sequence


class ReviewError(Exception):
    """A problem the user can act on; the command prints it in one paragraph and exits 2.

    message: what is wrong, one sentence.
    place: the input it is about (mail, patch, file:line, tree, option), empty when none.
    details: lines that show it, printed as they are; hint: the next step, empty when none.
    """

    def __init__(self, message: str, *, place: str = "", details: Sequence[str] = (), hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.place = place
        self.details = tuple(details)
        self.hint = hint

    @property
    def short(self) -> str:
        """What and where, without what to do next: for a program, or for those it is not about."""
        return f"{self.place}: {self.message}" if self.place else self.message

    def __str__(self) -> str:
        place = self.place.replace("\n", "\\n")  # the name of a file may be anything
        text = f"{place}: {self.message}" if place else self.message
        return "\n  ".join((text, *self.details, *([self.hint] if self.hint else [])))


class MailError(ReviewError):
    """The input is no mail, or holds no patch."""


class NoPatchError(MailError):
    """The input is mail, and none of it holds a patch."""


class TreeError(ReviewError):
    """The kernel tree or the base revision cannot be used, or a patch does not apply to it."""


class SliceError(ReviewError):
    """A function cannot be cut out of the tree or does not compile; the verdict says not-runnable."""


class ToolError(ReviewError):
    """A system need (compiler, git, sandbox) is missing or failed."""
