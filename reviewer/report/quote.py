# SPDX-License-Identifier: GPL-2.0-or-later
"""Quoting a patch in a reply: of the hunk a remark is about what was dropped there, and the lines above the remark."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from unidiff.errors import UnidiffParseError
from unidiff.patch import Hunk, Line, PatchedFile, PatchSet

from reviewer.model import Finding
from reviewer.report.text import printable

Test = Callable[[Line], bool]
CUT = "> [ ... ]"
_LINES = 5  # of a hunk above a comment, the one it is about included
_DROPPED = 8  # besides them lines that were dropped
_ENDS = (4, 3)  # of those when they are more, at the start and at the end


class Spot(NamedTuple):
    """A line of a patch by position, so that spots sort as they come in the mail."""

    file: int
    hunk: int
    line: int


def parse(diff: bytes) -> PatchSet:
    """The patch of a mail; empty when it is none that can be read, since a reply then quotes nothing."""
    try:
        return PatchSet(diff.decode("utf-8", "replace"))
    except (UnidiffParseError, ValueError):
        return PatchSet("")


def locate(patch: PatchSet, finding: Finding) -> Spot | None:
    """The line a comment goes below: the finding's, else the last change of the hunk it most likely is in."""
    for at, file in enumerate(patch):
        if file.path == finding.file and len(file):
            found = _first(at, file, _guilty(finding)) or _first(at, file, _at(finding.line))
            return _beneath(file, found, finding) if found else _likely(at, file, finding)
    return None


def _guilty(finding: Finding) -> tuple[Test, ...]:
    """What fits the lines that the finding comes from: the one it names, else the last one."""
    if finding.hunk is None:
        return ()
    lines, removed = finding.hunk.lines, finding.hunk.removed
    number = finding.line if finding.line in lines else max(lines, default=0)
    return (
        lambda line: line.is_added and line.target_line_no == number,
        lambda line: line.is_removed and line.source_line_no == max(removed, default=0),
    )


def _at(number: int) -> tuple[Test, ...]:
    """What fits a line number: it means the file after the patch, or before it where lines were only removed."""
    return (
        lambda line: line.is_added and line.target_line_no == number,
        lambda line: line.is_removed and line.source_line_no == number,
        lambda line: line.is_context and line.target_line_no == number,
    )


def _first(at: int, file: PatchedFile, tests: Iterable[Test]) -> Spot | None:
    for fits in tests:
        for hunk_at, hunk in enumerate(file):
            for line_at, line in enumerate(hunk):
                if fits(line):
                    return Spot(at, hunk_at, line_at)
    return None


def _beneath(file: PatchedFile, spot: Spot, finding: Finding) -> Spot:
    """The spot, below what the finding says was dropped in the same hunk."""
    removed = finding.hunk.removed if finding.hunk else ()
    dropped = (n for n, line in enumerate(file[spot.hunk]) if line.is_removed and line.source_line_no in removed)
    return spot._replace(line=max(spot.line, *dropped, -1))


def _likely(at: int, file: PatchedFile, finding: Finding) -> Spot:
    def distance(hunk_at: int) -> tuple[bool, int]:
        hunk = file[hunk_at]
        return f"{finding.function}(" not in str(hunk), abs(hunk.target_start - finding.line)

    chosen = min(range(len(file)), key=distance)
    changed = [line_at for line_at, line in enumerate(file[chosen]) if not line.is_context]
    return Spot(at, chosen, changed[-1] if changed else len(file[chosen]) - 1)


def quote(patch: PatchSet, spot: Spot | None, last: Spot | None, removed: Iterable[int] = ()) -> list[str]:
    """The quoted lines that lead to a spot, given the spot the reply has already quoted up to. removed: lines of the
    file before the patch of which the remark speaks."""
    if spot is None:
        return [] if last else [CUT]
    if spot == last:
        return []
    file = patch[spot.file]
    hunk = file[spot.hunk]
    same_hunk = last is not None and last[:2] == spot[:2]
    begin = last.line + 1 if last and same_hunk else 0
    lines = []
    if not same_hunk:
        same_file = last is not None and last.file == spot.file
        lines = [CUT, *([] if same_file else _file_lines(file)), _quoted(_hunk_line(hunk))]
    for at in sorted(n for n in _wanted(hunk, spot.line, frozenset(removed)) if n >= begin):
        lines += [CUT] if at > begin else []
        lines.append(_quoted(str(hunk[at])))
        begin = at + 1
    return lines


def _wanted(hunk: Hunk, spot: int, removed: frozenset[int]) -> set[int]:
    """The lines to quote: the last ones up to the spot, and what was dropped, there and in the place of it."""
    dropped = [at for at in range(spot + 1) if hunk[at].is_removed and hunk[at].source_line_no in removed]
    at = spot
    while at >= 0 and hunk[at].is_added:
        at -= 1
    while at >= 0 and hunk[at].is_removed:
        dropped.append(at)
        at -= 1
    near, dropped = set(range(max(0, spot - _LINES + 1), spot + 1)), sorted(set(dropped))
    if len(dropped) > _DROPPED:
        dropped = dropped[: _ENDS[0]] + dropped[-_ENDS[1] :]
    return near | set(dropped)


def _file_lines(file: PatchedFile) -> list[str]:
    heads = [line for line in str(file.patch_info or "").splitlines() if line.startswith("diff --git ")]
    return [_quoted(line) for line in (*heads, f"--- {file.source_file}", f"+++ {file.target_file}")]


def _hunk_line(hunk: Hunk) -> str:
    return str(hunk).split("\n", 1)[0]


def _quoted(line: str) -> str:
    return "> " + printable(line.removesuffix("\n"))
