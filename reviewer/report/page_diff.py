"""The diff of a patch as the page shows it: hunks with colours, what of it ran, and the findings that belong to each.

A page stays small whatever a mail holds: what findings are about comes first, then what ran, then the rest as far as
there is room; of the rest it is said how much there is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from unidiff.patch import Hunk as DiffHunk
from unidiff.patch import PatchedFile

from reviewer.model import Finding, FunctionReview, Patch
from reviewer.report import quote
from reviewer.report.page_syntax import Line, coloured
from reviewer.report.text import printable

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
        parts = [f"{ran} of {len(changed) - same} changed lines ran"] if len(changed) > same else []
        return ", ".join(parts + ([f"{same} lines are the same machine code"] if same else []))


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
    ran: Mapping[int, str] = field(default_factory=dict)

    @property
    def rank(self) -> int:
        lines = range(self.hunk.target_start, self.hunk.target_start + self.hunk.target_length)
        return 0 if self.findings else 1 if any(n in self.ran for n in lines) else 2


def diff_of(patch: Patch, functions: Sequence[FunctionReview], findings: Sequence[Finding], patches: int) -> Diff:
    """A patch's diff. findings: those to show in it, in order; patches: how many share the page."""
    wanted = {path for found in findings for path in (found.file, found.hunk.file if found.hunk else "")}
    files, unread = _files(patch.message.diff, wanted | {function.file for function in functions})
    found = [_Found(file, hunk, ran=_ran(functions, file.path)) for file in files for hunk in file]
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


def _ran(functions: Sequence[FunctionReview], path: str) -> dict[int, str]:
    """What is said of the lines of a file."""
    said: dict[int, str] = {}
    for function in functions:
        if function.file == path and function.evidence == "same-code" and not function.covered_lines:
            said |= dict.fromkeys(function.changed_lines, "same")
    for function in functions:
        if function.file == path:
            said |= dict.fromkeys(function.uncovered, "missed") if function.evidence != "same-code" else {}
            said |= dict.fromkeys(set(function.covered_lines) & set(function.changed_lines), "ran")
    return said


def _piece(one: _Found, findings: Sequence[Finding], room: int) -> Piece:
    """A hunk with at most so many lines."""
    path, lines = one.file.path, list(one.hunk)[:room]
    hunks = [(f.rule, f.hunk) for f in findings if f.hunk is not None and f.hunk.file == path]
    colours = _colours(path, [(line.line_type, _text(line.value)) for line in lines])
    shown: list[Shown] = []
    for line, parts in zip(lines, colours, strict=True):
        old, new = line.source_line_no, line.target_line_no
        guilty = [r for r, h in hunks if (line.is_added and new in h.lines) or (line.is_removed and old in h.removed)]
        sign = line.line_type if line.line_type in _CHANGED else " "
        ran = one.ran.get(new, "") if new is not None else ""
        leads = bool(guilty) and not (shown and shown[-1].guilty)
        shown.append(Shown(sign, old, new, parts, ran, tuple(dict.fromkeys(guilty)), leads))
    head = printable(str(one.hunk).split("\n", 1)[0])[:LONGEST]
    return Piece(printable(path), head, tuple(shown), tuple(one.findings), len(one.hunk) - len(lines))


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
