# SPDX-License-Identifier: GPL-2.0-or-later
"""What is said of a patch that does not apply: every place where it does not, wanted and found side by side."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from reviewer.errors import TreeError
from reviewer.model import Patch
from reviewer.trees.misfits import LISTED, Fit, LinePair, Misfit, only_blanks
from reviewer.words import count

_WIDE = 48  # of a column
_LONG = 400  # of what a patch may make as long as it likes
_DETAILED = 8


class DoesNotApply(TreeError):
    """The patch is sound but does not fit this base; fit says how near it is."""

    def __init__(self, patch: Patch, fit: Fit, *, reverse: bool, git: str) -> None:
        what = told(fit) if fit.misfits else git.partition("\n")[0].removeprefix("error: ")
        message = f"does not apply: {what}"
        if reverse:
            message = "is in this tree already: it applies in reverse"
        details = () if reverse else tuple(_details(fit.misfits))
        super().__init__(message, place=place_of(patch), details=details)
        self.patch = patch
        self.reverse = reverse
        self.fit = fit


def place_of(patch: Patch) -> str:
    """A patch by number and subject, for the place of an error."""
    return f'patch {patch.index} "{patch.subject[:_LONG]}"'


def told(fit: Fit) -> str:
    """ "1 of 2 hunks fits"."""
    return f"{fit.good} of {count(fit.hunks, 'hunk')} {'fits' if fit.good == 1 or fit.hunks == 1 else 'fit'}"


def table(rows: Iterable[Sequence[str]]) -> list[str]:
    """Rows of text with their columns aligned."""
    kept = [tuple(row) for row in rows]
    widths = [max(map(len, column)) for column in zip(*kept, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in kept]


def _details(misfits: Sequence[Misfit]) -> Iterable[str]:
    for number, misfit in enumerate(misfits[:LISTED]):
        link = ": " if misfit.where.endswith(")") else " "
        yield f"{misfit.where[-_LONG:]}{link}{misfit.why}"
        if misfit.pairs and number < _DETAILED:
            yield from ("  " + line for line in _side_by_side(misfit.pairs))
    if len(misfits) > LISTED:
        yield f"and {count(len(misfits) - LISTED, 'hunk')} more"


def _side_by_side(pairs: Sequence[LinePair]) -> list[str]:
    """Two columns of lines with their numbers; what differs has a "!"."""
    texts = [(_text(pair.wanted), _text(pair.found)) for pair in pairs]
    if only_blanks(pairs):  # in what nobody sees
        texts = [(_spelt(pair.wanted), _spelt(pair.found)) for pair in pairs]
    margin = min((len(t) - len(t.lstrip()) for both in texts for t in both if t.strip()), default=0)
    rows = [("", "", "wanted", "", "", "found")]
    for pair, (wanted, found) in zip(pairs, texts, strict=True):
        mark = " " if pair.same else "!"
        left, right = _cut(wanted[margin:], found[margin:])
        rows.append((_number(pair.wanted), mark, left, _number(pair.found), mark, right))
    return table(rows)


def _number(line: tuple[int, str] | None) -> str:
    return str(line[0]) if line else ""


def _text(line: tuple[int, str] | None) -> str:
    if line is None:
        return ""
    end = "" if line[1].endswith("\n") else " (no newline at the end of the file)"
    return line[1].rstrip("\n").expandtabs(8) + end


def _spelt(line: tuple[int, str] | None) -> str:
    bare = line[1].rstrip("\n") if line else ""
    blanks = len(bare) - len(bare.rstrip())
    return bare[: len(bare) - blanks].replace("\t", "\\t") + repr(bare[len(bare) - blanks :])[1:-1].replace(" ", "_")


def _cut(wanted: str, found: str) -> tuple[str, str]:
    """Both as wide as a column at most, with the place where they differ kept."""
    if max(len(wanted), len(found)) <= _WIDE:
        return wanted, found
    same = next((at for at, (w, f) in enumerate(zip(wanted, found, strict=False)) if w != f), 0)
    start = max(0, same - _WIDE // 2)
    return _window(wanted, start), _window(found, start)


def _window(text: str, start: int) -> str:
    head = f"...{text[start + 3 :]}" if start else text
    return head if len(head) <= _WIDE else f"{head[: _WIDE - 3]}..."
