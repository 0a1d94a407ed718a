# SPDX-License-Identifier: GPL-2.0-or-later
"""Where a patch and a tree part: each file and hunk that has no place in it, with the first lines that differ."""

from __future__ import annotations

import re
from bisect import bisect
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest

from unidiff.patch import Hunk, PatchedFile

from reviewer.words import count

_NAME = re.compile(r"([A-Za-z_]\w*)[ \t]*\(")
_COMMON = 30  # a line that stands in more places than this says nothing of where a hunk belongs
_LONGEST = 120  # lines of a hunk that are compared: difflib is quadratic
_SLACK = 20  # lines that the tree may have more than the hunk
_SEARCHED = 256 << 20  # bytes of a file, for all its hunks together
_SHOWN = 4
_HEAD = 200  # of a line that may be the head of a function
LISTED = 40  # hunks that are told of one by one
_BLANKS = "only white space differs"
_FAR = 0.5  # of the lines, below which it is another text


@dataclass(frozen=True)
class LinePair:
    """Two lines side by side, each with its number; None where one has no such line."""

    wanted: tuple[int, str] | None
    found: tuple[int, str] | None

    @property
    def same(self) -> bool:
        return bool(self.wanted and self.found and self.wanted[1] == self.found[1])


@dataclass(frozen=True)
class Misfit:
    """A file, or one hunk of it, that does not fit, and why."""

    where: str
    why: str
    pairs: tuple[LinePair, ...] = ()
    hunks: int = 1


@dataclass(frozen=True)
class Fit:
    """How near a patch is to a tree: of so many hunks (a file without any counts as one) these do not fit."""

    hunks: int
    misfits: tuple[Misfit, ...]

    @property
    def good(self) -> int:
        return self.hunks - sum(misfit.hunks for misfit in self.misfits)

    @property
    def blanks(self) -> bool:
        """Whether white space is all that is in the way."""
        return bool(self.misfits) and all(misfit.why == _BLANKS for misfit in self.misfits)

    @property
    def part(self) -> float:
        return self.good / self.hunks if self.hunks else 0.0


def measure(files: Sequence[tuple[PatchedFile, str, str]], old: Mapping[str, bytes | None]) -> Fit:
    """How a patch fits. files: each with its paths before and after, empty where there is none; old: what is there."""
    hunks = sum(max(1, len(file)) for file, _, _ in files)
    return Fit(hunks, tuple(misfit for entry in files for misfit in _of_file(*entry, old)))


def _of_file(file: PatchedFile, source: str, target: str, old: Mapping[str, bytes | None]) -> list[Misfit]:
    content = old.get(source or target)
    why = ""
    if source and content is None:
        why = "is not in this tree"
    elif target not in ("", source) and old.get(target) is not None:
        why = "exists already, and the patch adds it"
    if why:
        return [Misfit(source if content is None else target, why, hunks=max(1, len(file)))]
    # With a newline before each line, so that a block of lines is found by one search.
    text = "\n" + (content or b"").decode("utf-8", "replace")
    lines = re.findall(r"[^\n]*\n|[^\n]+", text[1:])
    looked = _SEARCHED // len(text)
    failing = [(n, h) for n, h in enumerate(file, 1) if n > looked or not _there(_lines(h, (" ", "-")), text)]
    bare = [_bare(line) for line in lines] if failing else []
    found: list[Misfit] = []
    for number, hunk in failing:
        header = f"@@ -{hunk.source_start},{hunk.source_length} +{hunk.target_start},{hunk.target_length} @@"
        header = f"{header} {hunk.section_header.strip()[:_HEAD]}".rstrip()
        where = f"{source or target}, hunk {number} of {len(file)} ({header})"
        if len(found) < LISTED:
            found.append(_of_hunk(where, hunk, text, lines, bare))
        else:
            found.append(Misfit(where, "was not looked for" if number > looked else "does not fit"))
    return found


def _of_hunk(where: str, hunk: Hunk, text: str, lines: Sequence[str], bare: Sequence[str]) -> Misfit:
    wanted, new = _lines(hunk, (" ", "-")), _lines(hunk, (" ", "+"))
    if new and _there(new, text):
        return Misfit(where, "is already there")
    skip = _skipped(wanted, text)
    wanted = wanted[skip : skip + _LONGEST]
    old = hunk.source_start + skip
    start = max(0, _nearest([_bare(line) for line in wanted], bare, old - 1) - 2)
    pairs = _aligned(wanted, lines[start : start + len(wanted) + _SLACK], old, start + 1)
    alike = sum(1 for p in pairs if p.wanted and p.found and _bare(p.wanted[1]) == _bare(p.found[1]) != "")
    shown = _first_difference(pairs)
    return Misfit(where, _why(hunk, text, pairs, shown, alike), shown if alike else ())


def _skipped(wanted: Sequence[str], text: str) -> int:
    """How many lines of a long hunk lie well before the first that differs."""
    if len(wanted) <= _LONGEST:
        return 0
    return max(0, bisect(range(1, len(wanted)), 0, key=lambda n: not _there(wanted[:n], text)) - _LONGEST // 2)


def _why(hunk: Hunk, text: str, pairs: Sequence[LinePair], shown: Sequence[LinePair], alike: int) -> str:
    of = sum(1 for pair in pairs if pair.wanted and pair.wanted[1].strip())
    if alike < of * _FAR:
        name = _function(hunk)
        near = f"{alike} of its {count(of, 'line')} found" if alike else "none of its lines found"
        if name and not re.search(rf"\b{name}[ \t]*\(", text):
            return f"{name}() is not in this file; {near}"
        return f"{name}() has another form in this tree; {near}" if name else near
    if only_blanks(pairs):
        return _BLANKS
    at = next((index for index, pair in enumerate(shown) if not pair.same), -1)
    if at < 0:
        return "its lines are not one after the other"
    before = shown[at - 1].found if at else None
    if not (found := shown[at].found):
        return f"a line is missing after line {before[0]} of the file" if before else "its first lines are missing"
    return f"line {found[0]} of the file {'differs' if shown[at].wanted else 'is new to the patch'}"


def only_blanks(pairs: Sequence[LinePair]) -> bool:
    """Whether lines differ, and all that do so in blanks alone."""
    odd = [pair for pair in pairs if not pair.same]
    return bool(odd) and all(p.wanted and p.found and _bare(p.wanted[1]) == _bare(p.found[1]) for p in odd)


def _bare(line: str) -> str:
    return " ".join(line.split())


def _function(hunk: Hunk) -> str:
    """The function that a hunk changes first, by its own lines or by what git put into its header."""
    heads = [hunk.section_header]
    for line in hunk:
        if line.line_type in ("+", "-"):
            break
        heads += [line.value] if line.value[:1].isalpha() else []
    return next((match[1] for head in reversed(heads) if (match := _NAME.search(head[:_HEAD]))), "")


def _aligned(wanted: Sequence[str], region: Sequence[str], old: int, new: int) -> list[LinePair]:
    """The lines of a hunk beside those of the file; old and new are the numbers of the first ones."""
    sides = [_bare(line) for line in wanted], [_bare(line) for line in region]
    pairs = []
    for tag, i, i_end, j, j_end in SequenceMatcher(None, *sides, autojunk=False).get_opcodes():
        # What the region has before and after the hunk is no difference.
        if tag == "insert" and i in (0, len(wanted)):
            continue
        left = [(old + at, wanted[at]) for at in range(i, i_end)]
        right = [(new + at, region[at]) for at in range(j, j_end)]
        if i_end == len(wanted):
            right = right[: len(left)]
        pairs += [LinePair(w, f) for w, f in zip_longest(left, right)]
    return pairs


def _first_difference(pairs: Sequence[LinePair]) -> tuple[LinePair, ...]:
    """The first lines that differ, with the one before them and the one after."""
    first = next((at for at, pair in enumerate(pairs) if not pair.same), len(pairs))
    last = next((at for at in range(first, len(pairs)) if pairs[at].same), len(pairs))
    return tuple(pairs[max(0, first - 1) : min(last, first + _SHOWN) + 1])


def _nearest(wanted: Sequence[str], lines: Sequence[str], expected: int) -> int:
    """The index in lines at which most of the wanted lines stand in their places; of equals the one expected."""
    places: dict[str, list[int]] = {}
    for at, line in enumerate(lines):
        places.setdefault(line, []).append(at)
    votes = Counter(
        at - offset
        for offset, line in enumerate(wanted)
        if line and len(places.get(line, ())) <= _COMMON
        for at in places.get(line, ())
    )
    return max(votes, key=lambda at: (votes[at], -abs(at - expected)), default=expected)


def _lines(hunk: Hunk, kinds: tuple[str, str]) -> list[str]:
    """The lines of one side, each with its newline unless the patch says there is none."""
    lines: list[str] = []
    for at, line in enumerate(hunk):
        if line.line_type in kinds:
            bare = at + 1 < len(hunk) and hunk[at + 1].line_type == "\\"
            lines.append(line.value.rstrip("\n") if bare else line.value)
    return lines


def _there(wanted: Sequence[str], text: str) -> bool:
    """Whether these lines stand in the text, which has a newline before it, one after the other."""
    block = "\n" + "".join(wanted)
    return text.endswith(block) if not block.endswith("\n") else block in text
