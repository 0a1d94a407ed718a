# SPDX-License-Identifier: GPL-2.0-or-later
"""What an entry hands back, in words: rows "result 0" and on are numbers that its adapter (oracle/entries/) gathers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from oracle.entries import DIGEST, FOLIOS
from oracle.entries import entry as entry_of
from oracle.explain.refine import Row
from oracle.explain.rows import folio_name

_RESULT = re.compile(r"result (\d)")


def shown(entry: str, label: str, text: str) -> tuple[str, str]:
    """A row of a table for people: results with what they are, folios of which one says something by their names."""
    flag = _of_folios(entry, label)
    if flag and text.isdigit():
        bits = int(text)
        folios = [folio_name(n) for n in range(bits.bit_length()) if bits >> n & 1]
        return f"{label} ({flag})", ", ".join(f"folio {name}" for name in folios) or "none"
    what = result(entry, label) if label.startswith("result ") else ""
    return (f"{label} ({what.removesuffix(DIGEST)})" if what else label), text


def abreast(entry: str, states: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    """The rows of states for people, side by side: of a hash only which of them have the same."""
    made: list[dict[str, str]] = [{} for _ in states]
    for label in dict.fromkeys(label for rows in states for label in rows):
        marks: dict[str, str] = {}
        for rows, state in zip(states, made, strict=True):
            if label in rows:
                name, text = shown(entry, label, rows[label])
                mark = marks.setdefault(text, f"value {chr(ord('a') + len(marks))}")
                state[name] = mark if hashed(entry, label) else text
    return made


def hashed(entry: str, label: str) -> bool:
    """Whether a row is a hash of what its entry reports, of which the value tells nothing."""
    return _name(entry, label).endswith(DIGEST)


def called(entry: str, label: str) -> str:
    """What a row is called in a sentence: results by what they are, where that is known."""
    name = _name(entry, label).removesuffix(DIGEST)
    return "what it returns" if label == "returns" else f"{label} ({name})" if name else label


def spoken(entry: str, rows: Iterable[Row]) -> tuple[Row, ...]:
    """The rows for people: results by what they are."""
    return tuple(said for row in rows for said in _spoken(entry, row))


def _spoken(entry: str, row: Row) -> Iterator[Row]:
    flag = _of_folios(entry, row.label)
    if flag:
        right, real = int(row.reference or 0), int(row.real or 0)
        for folio in range(max(right.bit_length(), real.bit_length())):
            if (right ^ real) >> folio & 1:
                was, now = (flag if bits >> folio & 1 else f"not {flag}" for bits in (right, real))
                yield Row(f"folio {folio_name(folio)}", was, now, row.why)
    else:
        yield row


def result(entry: str, label: str) -> str:
    """What a result is: "pages not inserted"; ends in DIGEST where its value tells nothing; "" when nobody said."""
    if not _RESULT.fullmatch(label):
        return f"the calls that it makes{DIGEST}" if label == "stub calls" else ""
    # Where an adapter was made from a signature, or a table gathers flags, only the number is there.
    return (not _of_folios(entry, label) and _name(entry, label)) or f"what it hands back{DIGEST}"


def _of_folios(entry: str, label: str) -> str:
    """What a result says of each folio by a bit, "" when it is another or none."""
    name = _name(entry, label)
    return name.removesuffix(FOLIOS) if name.endswith(FOLIOS) else ""


def _name(entry: str, label: str) -> str:
    """What the entry's row calls a result, "" when it does not."""
    match, known = _RESULT.fullmatch(label), entry_of(entry)
    names = known.results if known else ()
    return names[int(match[1])] if match and int(match[1]) < len(names) else ""
