"""Quoting a patch in a reply: the hunk a finding is about, cut down to the lines above the comment."""

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


class Spot(NamedTuple):
    """A line of a patch by position, so that spots sort as they come in the mail."""

    file: int
    hunk: int
    line: int


def parse(diff: bytes) -> PatchSet:
    """The patch of a mail; empty when it is none that can be read, since a reply then quotes nothing."""
    try:
        return PatchSet(diff.decode("utf-8", "replace"))
    except UnidiffParseError:
        return PatchSet("")


def locate(patch: PatchSet, finding: Finding) -> Spot | None:
    """The line a comment goes below: the finding's, else the last change of the hunk it most likely is in."""
    for at, file in enumerate(patch):
        if file.path == finding.file and len(file):
            return (
                _first(at, file, _guilty(finding)) or _first(at, file, _at(finding.line)) or _likely(at, file, finding)
            )
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


def _likely(at: int, file: PatchedFile, finding: Finding) -> Spot:
    def distance(hunk_at: int) -> tuple[bool, int]:
        hunk = file[hunk_at]
        return f"{finding.function}(" not in str(hunk), abs(hunk.target_start - finding.line)

    chosen = min(range(len(file)), key=distance)
    changed = [line_at for line_at, line in enumerate(file[chosen]) if not line.is_context]
    return Spot(at, chosen, changed[-1] if changed else len(file[chosen]) - 1)


def quote(patch: PatchSet, spot: Spot | None, last: Spot | None) -> list[str]:
    """The quoted lines that lead to a spot, given the spot the reply has already quoted up to."""
    if spot is None:
        return [] if last else [CUT]
    if spot == last:
        return []
    file = patch[spot.file]
    hunk = file[spot.hunk]
    same_hunk = last is not None and last[:2] == spot[:2]
    begin = max(last.line + 1 if last and same_hunk else 0, spot.line - _LINES + 1)
    lines = []
    if not same_hunk:
        same_file = last is not None and last.file == spot.file
        lines = [CUT, *([] if same_file else _file_lines(file)), _quoted(_hunk_line(hunk))]
    if begin > (last.line + 1 if last and same_hunk else 0):
        lines.append(CUT)
    return lines + [_quoted(str(hunk[at])) for at in range(begin, spot.line + 1)]


def _file_lines(file: PatchedFile) -> list[str]:
    heads = [line for line in str(file.patch_info or "").splitlines() if line.startswith("diff --git ")]
    return [_quoted(line) for line in (*heads, f"--- {file.source_file}", f"+++ {file.target_file}")]


def _hunk_line(hunk: Hunk) -> str:
    return str(hunk).split("\n", 1)[0]


def _quoted(line: str) -> str:
    return "> " + printable(line.removesuffix("\n"))
