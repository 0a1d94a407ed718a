# SPDX-License-Identifier: GPL-2.0-or-later
"""The console that all commands print on: text as it is, no blanks at the ends of lines, plain under NO_COLOR."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TextIO

from rich.console import Console, ConsoleOptions, ConsoleRenderable, RenderHook, RenderResult
from rich.segment import Segment
from rich.style import Style


def console(stream: TextIO) -> Console:
    """A console that prints text as it is: no markup, no emoji, nothing highlighted by guesswork."""
    plain = bool(os.environ.get("NO_COLOR"))
    out = Console(file=stream, markup=False, emoji=False, highlight=False, color_system=None if plain else "auto")
    out.push_render_hook(_Trimming())
    return out


class _Trimming(RenderHook):
    """Takes the blanks away that fill the lines of tables and paragraphs."""

    def process_renderables(self, renderables: list[ConsoleRenderable]) -> list[ConsoleRenderable]:
        return [_Trimmed(one) for one in renderables]


class _Trimmed:
    """What prints as something else does, each line up to its last word."""

    def __init__(self, whole: ConsoleRenderable) -> None:
        self._whole = whole

    def __rich_console__(self, out: Console, options: ConsoleOptions) -> RenderResult:
        for line in Segment.split_lines(out.render(self._whole, options)):
            yield from _trimmed(line)
            yield Segment.line()


def _trimmed(line: Iterable[Segment]) -> list[Segment]:
    kept = list(line)
    while kept and not kept[-1].text.rstrip(" "):
        kept.pop()
    if kept:
        last = kept[-1]
        kept[-1] = Segment(last.text.rstrip(" "), last.style or Style.null(), last.control)
    return kept
