# SPDX-License-Identifier: GPL-2.0-or-later
"""The diff of a patch as the page shows it: hunks with colours, what of it ran, and the findings that belong to each.

A page stays small whatever a mail holds: what findings are about comes first, then what ran, then the rest as far as
there is room; of the rest it is said how much there is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from unidiff.patch import Hunk as DiffHunk
from unidiff.patch import Line as DiffLine
from unidiff.patch import PatchedFile

from reviewer.model import Finding, FunctionReview, Patch
from reviewer.report import quote
from reviewer.report.page_syntax import Line, coloured
from reviewer.report.text import count, printable

Place = tuple[str, int]  # "-" and a line before the patch, "+" and one after it

LINES = 2400  # of all diffs of a page
LEAST = 24  # of each patch
LONGEST = 300  # of a line
FILE = 1 << 20  # bytes of a file's diff that is read
_CHANGED = ("+", "-")  # a blank line may have no sign at all
_FILES = re.compile(rb"^(?=diff --git )", re.MULTILINE)
_MARKS = {"ran": "\N{CHECK MARK}", "missed": "\N{BALLOT X}", "same": "="}
_WORDS = {"ran": "ran", "missed": "did not run", "same": "the same machine code"}


@dataclass(frozen=True)
class Shown:
    """A line of a hunk. sign: "+", "-" or " "; ran: "ran", "missed", "same" or "" where nothing is said of it. guilty:
    the rules whose findings come of it."""

    sign: str
    old: int | None
    new: int | None
    parts: Line
    ran: str = ""
    guilty: tuple[str, ...] = ()
    leads: bool = False  # the first of such lines

    @property
    def mark(self) -> str:
        return _MARKS.get(self.ran, "")

    @property
    def word(self) -> str:
        return _WORDS.get(self.ran, "")


@dataclass(frozen=True)
class Piece:
    """A hunk with its findings. cut: lines of it that are not shown."""

    file: str
    head: str
    lines: tuple[Shown, ...]
    findings: tuple[Finding, ...]
    cut: int = 0

    @property
    def open(self) -> bool:
        """Whether it is shown unfolded: something is to be seen there."""
        return bool(self.findings) or any(line.ran == "missed" for line in self.lines)

    @property
    def told(self) -> str:
        """What ran of it, for where it is folded."""
        changed = [line for line in self.lines if line.ran]
        ran = sum(line.ran == "ran" for line in changed)
        same = sum(line.ran == "same" for line in changed)
        parts = [f"{ran} of {count(len(changed) - same, 'changed line')} ran"] if len(changed) > same else []
        return ", ".join(parts + ([f"{count(same, 'line')} the same machine code"] if same else []))


@dataclass(frozen=True)
class Diff:
    """The diff of a patch. apart: findings that are in no hunk of it; left: (file, lines) of what is not shown."""

    pieces: tuple[Piece, ...] = ()
    apart: tuple[Finding, ...] = ()
    left: tuple[tuple[str, int], ...] = ()
    size: int = 0

    @property
    def small(self) -> bool:
        """Whether all of it may be unfolded."""
        return self.size <= 60


@dataclass
class _Found:
    """A hunk as it is put together."""

    file: PatchedFile
    hunk: DiffHunk
    findings: list[Finding] = field(default_factory=list)
    ran: Mapping[Place, str] = field(default_factory=dict)

    @property
    def rank(self) -> int:
        return 0 if self.findings else 1 if any(_said(self.ran, line) for line in self.hunk) else 2


def diff_of(patch: Patch, functions: Sequence[FunctionReview], findings: Sequence[Finding], patches: int) -> Diff:
    """A patch's diff. findings: those to show in it, in order; patches: how many share the page."""
    wanted = {path for found in findings for path in (found.file, found.hunk.file if found.hunk else "")}
    files, unread = _files(patch.message.diff, wanted | {function.file for function in functions})
    found = [_Found(file, hunk, ran=ran) for file in files for ran in (_ran(functions, file),) for hunk in file]
    apart: list[Finding] = []
    for finding in findings:
        spot = quote.locate(files, finding)  # type: ignore[arg-type]  # a list of files is all that it needs
        hunk = files[spot.file][spot.hunk] if spot is not None else None
        home = next((one for one in found if one.hunk is hunk), None)
        (home.findings if home else apart).append(finding)
    room = max(LINES // max(patches, 1), LEAST)
    pieces, left = [], [*unread]
    for rank, one in sorted(enumerate(found), key=lambda pair: (pair[1].rank, pair[0])):
        if room > 0 or one.findings:
            pieces.append((rank, _piece(one, findings, max(room, LEAST))))
            room -= len(one.hunk)
        else:
            left.append((printable(one.file.path), len(one.hunk)))
    ordered = tuple(piece for _, piece in sorted(pieces, key=lambda pair: pair[0]))
    return Diff(ordered, tuple(apart), _summed(left), sum(len(piece.lines) for piece in ordered))


def _files(diff: bytes, wanted: set[str]) -> tuple[list[PatchedFile], list[tuple[str, int]]]:
    """The files of a diff, and those that are too large to be read; those that nothing is known of are read last."""
    read, unread, size = [], [], 0
    parts = [part for part in _FILES.split(diff) if part.strip()]
    for at, part in sorted(enumerate(parts), key=lambda p: (not _named(p[1], wanted), p[0])):
        size += len(part)
        if size > FILE:
            name = part.split(b"\n", 1)[0].decode("utf-8", "replace").rpartition(" b/")[2]
            unread.append((printable(name), part.count(b"\n")))
        else:
            read += [(at, file) for file in quote.parse(part)]
    return [file for _, file in sorted(read, key=lambda pair: pair[0])], unread


def _named(part: bytes, wanted: set[str]) -> bool:
    head = part.split(b"\n", 1)[0].decode("utf-8", "replace")
    return any(path and head.endswith(f" b/{path}") for path in wanted)


def _ran(functions: Sequence[FunctionReview], file: PatchedFile) -> dict[Place, str]:
    """What is said of the lines of a file."""
    added = {line.target_line_no for hunk in file for line in hunk if line.is_added}
    removed = {line.source_line_no for hunk in file for line in hunk if line.is_removed}
    said: dict[Place, str] = {}
    for function in (f for f in functions if f.file == file.path):
        lines = set(function.changed_lines)
        # Where nothing with code was added, what counts is what was dropped, by its numbers before the patch.
        side = "-" if lines <= removed and not lines <= added else "+"
        proven = function.evidence == "same-code" and not function.covered_lines
        unrun = function.evidence == "none" and not function.settled and not function.covered_lines
        words = {"same": lines} if proven else {"missed": lines if unrun else set(function.uncovered)}
        for word, of in {**words, "ran": lines & set(function.covered_lines)}.items():
            said |= {(side, number): word for number in of if said.get((side, number)) != "ran"}
    return said


def _piece(one: _Found, findings: Sequence[Finding], room: int) -> Piece:
    """A hunk with at most so many lines."""
    path, lines = one.file.path, [line for line in one.hunk if line.value.strip() or _numbered(line)][:room]
    hunks = [(f.rule, f.hunk) for f in findings if f.hunk is not None and f.hunk.file == path]
    colours = _colours(path, [(line.line_type, _text(line.value)) for line in lines])
    shown: list[Shown] = []
    for line, parts in zip(lines, colours, strict=True):
        old, new = line.source_line_no, line.target_line_no
        guilty = [r for r, h in hunks if (line.is_added and new in h.lines) or (line.is_removed and old in h.removed)]
        sign = line.line_type if line.line_type in _CHANGED else " "
        leads = bool(guilty) and not (shown and shown[-1].guilty)
        shown.append(Shown(sign, old, new, parts, _said(one.ran, line), tuple(dict.fromkeys(guilty)), leads))
    head = printable(str(one.hunk).split("\n", 1)[0])[:LONGEST]
    return Piece(printable(path), head, tuple(shown), tuple(one.findings), len(one.hunk) - len(lines))


def _numbered(line: DiffLine) -> bool:
    """Whether it is a line of the file: what stands below a hunk in a mail may be taken for one."""
    return line.source_line_no is not None or line.target_line_no is not None


def _said(ran: Mapping[Place, str], line: DiffLine) -> str:
    number = line.source_line_no if line.is_removed else line.target_line_no
    return ran.get(("-" if line.is_removed else "+", number), "") if number is not None else ""


def _text(value: str) -> str:
    text = printable(value.removesuffix("\n"))
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} ... {len(text) - LONGEST} more characters"


def _colours(path: str, lines: Sequence[tuple[str, str]]) -> list[Line]:
    """Each side is coloured as a whole, since a comment may span lines."""
    after = iter(coloured(path, [text for sign, text in lines if sign != "-"]))
    before = iter(coloured(path, [text for sign, text in lines if sign != "+"]))
    found: list[Line] = []
    for sign, _ in lines:
        found.append(next(before) if sign == "-" else next(after))
        if sign not in _CHANGED:
            next(before)
    return found


def _summed(left: Sequence[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    sums: dict[str, int] = {}
    for file, lines in left:
        sums[file] = sums.get(file, 0) + lines
    return tuple(sums.items())
