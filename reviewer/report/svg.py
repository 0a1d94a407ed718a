# SPDX-License-Identifier: GPL-2.0-or-later
"""The picture as SVG, for the page. Colours are the page's: classes only, no style, no script, all text escaped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from reviewer.report.drawn import text as plain
from reviewer.report.picture import Cell, Picture, Strip
from reviewer.report.slots import MISSING

_CHAR = 8.5  # of a 14 px monospaced font
_ROW = 26
_PAD = 9


def svg(picture: Picture) -> str:
    """The strips of a picture below each other, with its plain text as the description for who does not see it."""
    wide = max(len(row) for strip in picture.strips for row in _names(strip)) * _CHAR + 2 * _PAD
    parts: list[str] = []
    top, right = 0.0, 0.0
    for strip in picture.strips:
        drawn, width, height = _strip(strip, picture.used, wide)
        parts.append(f'<g transform="translate(0 {_n(top)})">{drawn}</g>')
        top, right = top + height + _ROW / 2, max(right, width)
    said = escape("\n".join(plain(picture)))
    size = f'width="{_n(right)}" height="{_n(top)}" viewBox="0 0 {_n(right)} {_n(top)}"'
    return f'<svg class="ptes" role="img" {size}><title>Page table</title><desc>{said}</desc>{"".join(parts)}</svg>'


def _names(strip: Strip) -> list[str]:
    return [strip.name, "folio A[]", *(line.name for line in strip.lines), *(fact.name for fact in strip.facts)]


def _strip(strip: Strip, used: str, wide: float) -> tuple[str, float, float]:
    """Its elements, width and height."""
    widths = [_width(strip, used, at) for at in range(len(strip.columns))]
    left = [wide + sum(widths[:at]) for at in range(len(widths) + 1)]
    parts = [_text(_PAD, 0, strip.name, "name")]
    parts += [_text(left[at] + widths[at] / 2, 0, column.label, "column") for at, column in enumerate(strip.columns)]
    row = 1
    if strip.folios:
        parts += _folios(strip, left)
        row = 2
    first = row
    for line in strip.lines:
        key = line.name.replace(" ", "-").replace("=", "-")
        cells = "".join(_cell(cell, used, left[at], widths[at], row) for at, cell in enumerate(line.cells))
        ended = _text(wide, row, line.ended, "ended") if line.ended else ""
        parts.append(f'<g class="state {escape(key)}">{_text(_PAD, row, line.name, "name")}{cells}{ended}</g>')
        row += 1
    parts += [_block(left[b.first], left[b.last + 1], first, row, b.name) for b in strip.blocks]
    for fact in strip.facts:
        parts.append(_text(_PAD, row, fact.name, "name"))
        for at, said in enumerate(fact.texts):
            shown = f"! {said}" if fact.wrong[at] else said
            parts.append(_text(left[at] + widths[at] / 2, row, shown, "fact wrong" if fact.wrong[at] else "fact"))
        row += 1
    endings = [wide + len(line.ended) * _CHAR + _PAD for line in strip.lines]
    return "".join(parts), max(left[-1] + 1, *endings, wide), float(row * _ROW)


def _width(strip: Strip, used: str, at: int) -> float:
    texts = [strip.columns[at].label, *(fact.texts[at] for fact in strip.facts)]
    texts += [_said(line.cells[at], used) for line in strip.lines if line.cells]
    texts += [f"A[{f.pages[at - f.first]}]" for f in strip.folios if f.first <= at <= f.last]
    return (max(map(len, texts)) + 2) * _CHAR + 2 * _PAD


def _said(cell: Cell, used: str) -> str:
    if cell.entry.kind == MISSING and not cell.entry.text:
        return ""
    bits = cell.entry.bits(used)
    return " ".join(filter(None, (cell.what, bits)))


def _cell(cell: Cell, used: str, x: float, width: float, row: int) -> str:
    state = " wrong" if cell.wrong else ""
    empty = " empty" if cell.entry.text in ("", "none") else ""
    box = f'<rect class="cell{state}{empty}" x="{_n(x)}" y="{row * _ROW + 1}" width="{_n(width)}" height="{_ROW - 2}"/>'
    mark = _text(x + 5, row, "!", "mark") if cell.wrong else ""
    bits = cell.entry.bits(used)
    spans = "".join(_bit(letter, place in cell.odd) for letter, place in zip(bits, used, strict=bool(bits)))
    what = escape(f"{cell.what} " if cell.what and bits else cell.what)
    title = f"<title>{escape(cell.entry.text or 'nothing is known')}</title>"
    middle = f'<text class="bits{state}" x="{_n(x + width / 2)}" y="{_base(row)}">{what}{spans}</text>'
    return f"<g>{title}{box}{mark}{middle}</g>"


def _bit(letter: str, odd: bool) -> str:
    return f'<tspan class="odd">{letter}</tspan>' if odd else letter


def _folios(strip: Strip, left: Sequence[float]) -> Iterator[str]:
    for folio in strip.folios:
        a, b = left[folio.first] + 2, left[folio.last + 1] - 2
        y = 2 * _ROW - 3
        yield f'<path class="folio" d="M{_n(a)} {y}V{y - 5}H{_n(b)}V{y}"/>'
        for at, pages in enumerate(folio.pages, folio.first):
            yield _text((left[at] + left[at + 1]) / 2, 1, f"{folio.name}[{pages}]", "page", lift=3)


def _block(a: float, b: float, first: int, last: int, name: str) -> str:
    size = f'x="{_n(a)}" y="{first * _ROW - 1}" width="{_n(b - a)}" height="{(last - first) * _ROW + 2}" rx="4"'
    return f'<rect class="block" {size}><title>contpte block of {escape(name)}</title></rect>'


def _text(x: float, row: int, text: str, kind: str, lift: int = 0) -> str:
    return f'<text class="{kind}" x="{_n(x)}" y="{_base(row) - lift}">{escape(text)}</text>'


def _base(row: int) -> int:
    return row * _ROW + 18


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
